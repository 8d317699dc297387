package transforms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
)

// Worker is what the stages judge with: one per process, shared by all DoFn instances. Lists and baselines are looked up
// here and refreshed by age; they are never side inputs.
type Worker struct {
	Enricher  *enrich.Enricher
	Detectors *detector.Set
	// Baselines may be nil.
	Baselines baseline.Source
	// Decide answers what the gates and budgets ask, as it does for decision.Stream.
	Decide decision.Config
	// Now is the wall clock, for detected_at and decided_at; nil leaves them out, as in replays.
	Now func() time.Time
}

// Registry finds what a process keeps for a pipeline. A local run provides it under its run's id before it starts, and
// closes it when it has ended. A worker on a remote runner, which has nothing but the configuration in its DoFns, has it
// opened by the function that the program set at its start, once per process.
type Registry[T any] struct {
	mu     sync.Mutex
	byRun  map[string]T
	open   func(ctx context.Context, config json.RawMessage) (T, error)
	opened map[string]T // by configuration
}

// Workers is the registry of Worker.
var Workers Registry[*Worker]

// SetOpener says how a worker gets at its resources. Call it before Beam starts.
func (r *Registry[T]) SetOpener(open func(ctx context.Context, config json.RawMessage) (T, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = open
}

// Provide makes resources known to the DoFns of a run in this process; the returned function forgets them.
func (r *Registry[T]) Provide(runID string, v T) (forget func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byRun == nil {
		r.byRun = map[string]T{}
	}
	r.byRun[runID] = v
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.byRun, runID)
	}
}

// Get finds the resources of a run or has them opened.
func (r *Registry[T]) Get(ctx context.Context, runID string, config json.RawMessage) (v T, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.byRun[runID]; ok {
		return v, nil
	}
	if v, ok := r.opened[string(config)]; ok {
		return v, nil
	}
	if r.open == nil {
		return v, errors.New("setting up a worker: nothing was provided for its run, and no opener is set")
	}
	// Resources outlive the call that opens them.
	if v, err = r.open(context.WithoutCancel(ctx), config); err != nil {
		return v, fmt.Errorf("setting up a worker: %w", err)
	}
	if r.opened == nil {
		r.opened = map[string]T{}
	}
	r.opened[string(config)] = v
	return v, nil
}

// Run identifies a pipeline to its DoFns. It is a part of every DoFn that needs resources.
type Run struct {
	ID string
	// Config is handed to the opener on workers in other processes.
	Config json.RawMessage
	// Mode is enforce, observe or replay.
	Mode string
}

func (r Run) worker(ctx context.Context) (*Worker, error) { return Workers.Get(ctx, r.ID, r.Config) }

// now is the wall clock, or nothing in replays, whose results must not depend on it.
func (r Run) now(w *Worker) func() time.Time {
	if r.Mode == aerv1.ModeReplay {
		return nil
	}
	return w.Now
}

// judge and decide are what the run's stages judge and decide with.
func (r Run) judge(w *Worker) detector.Judge {
	return detector.Judge{Detectors: w.Detectors, Baselines: w.Baselines, Now: r.now(w)}
}

func (r Run) decide(w *Worker) decision.Config {
	cfg := w.Decide
	cfg.Mode, cfg.Now = r.Mode, r.now(w)
	return cfg
}
