// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
)

// Run identifies a run to its DoFns, which nothing but JSON reaches. It is a part of every DoFn that needs its process.
type Run struct {
	ID string
	// Config is handed to the opener on workers in other processes.
	Config json.RawMessage
	// Mode is enforce, observe or replay.
	Mode string
}

// all are the processes by which DoFns find theirs.
var all = struct {
	sync.Mutex
	byRun    map[string]*Process
	byConfig map[string]*Process // opened here, for runs that were started elsewhere
	open     Opener
	ends     []func() error // of what was opened
}{byRun: map[string]*Process{}, byConfig: map[string]*Process{}}

// An Opener opens what a run needs on a worker that has nothing but what is in its DoFns.
type Opener func(ctx context.Context, run Run) (*Opened, error)

// Opened is what a run needs.
type Opened struct {
	Core   *Core
	Output any
	// Close closes it; Draining ends when the run is told to drain; Over tells whoever started it that all is done.
	Close    func() error
	Draining context.Context
	Over     func(context.Context) error
}

// SetOpener says how a worker gets at its resources. Call it before Beam starts.
func SetOpener(open Opener) {
	all.Lock()
	defer all.Unlock()
	all.open = open
}

// Process finds what Start made for the run, or has it opened, once per configuration: embedded stores allow one handle
// to a file. A process that was opened so ends with the worker.
func (r Run) Process(ctx context.Context) (*Process, error) {
	all.Lock()
	defer all.Unlock()
	if p := all.byRun[r.ID]; p != nil {
		return p, nil
	}
	if p := all.byConfig[string(r.Config)]; p != nil {
		return p, nil
	}
	if all.open == nil {
		return nil, errors.New("setting up a worker: its run was not started here or has ended, and no opener is set")
	}
	o, err := all.open(context.WithoutCancel(ctx), r) // what it opens outlives this call
	if err != nil {
		return nil, fmt.Errorf("setting up a worker: %w", err)
	}
	p := newProcess(o.Core, o.Output)
	p.over = o.Over
	context.AfterFunc(o.Draining, p.Drain)
	all.byConfig[string(r.Config)] = p
	all.ends = append(all.ends, o.Close)
	return p, nil
}

// CloseOpened closes what was opened here for runs that were started elsewhere, when the worker ends.
func CloseOpened() error {
	all.Lock()
	defer all.Unlock()
	var errs []error
	for _, end := range all.ends {
		errs = append(errs, end())
	}
	all.ends = nil
	clear(all.byConfig)
	return errors.Join(errs...)
}

// Core is what the stages of the run judge with here.
func (r Run) Core(ctx context.Context) (*Core, error) {
	p, err := r.Process(ctx)
	if err != nil {
		return nil, err
	}
	return p.Core, nil
}

// Judge is what the run's stages judge with.
func (r Run) Judge(c *Core) detector.Judge {
	return detector.Judge{Detectors: c.Detectors, Baselines: c.Baselines, Now: r.Decide(c).Now}
}

// Decide is what the run's stages decide with. The results of a replay must not depend on a clock, so it has none.
func (r Run) Decide(c *Core) decision.Config {
	cfg := c.Decide
	cfg.Mode = r.Mode
	if r.Mode == aerv1.ModeReplay {
		cfg.Now = nil
	}
	return cfg
}
