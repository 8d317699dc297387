package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// InFlightMax bounds the batches between source and profiles: Prism keeps in memory what waits there, and holds back nobody.
const InFlightMax = 50_000

// Running is what a run keeps open.
type Running struct {
	Worker *process.Worker
	Output *Output
	stop   func()
}

// Open opens what the configuration names.
func Open(ctx context.Context, c config.Config) (*Running, error) {
	j, err := OpenJudge(Files{Enrich: c.Enrich})
	if err != nil {
		return nil, err
	}
	j.EndsApps = c.Sessions.EndsApps()
	stopChosen, err := j.Follow(ctx, Live{Store: StoreName(c.Store, c.Out), Settings: c.Settings, Directory: c.Directory})
	if err != nil {
		return nil, err
	}
	source, stopBaseline, err := follow(c.Baseline)
	if err != nil {
		stopChosen()
		return nil, err
	}
	stop := func() { stopBaseline(); stopChosen() }
	out, err := OpenOutput(ctx, Places{
		Dir: c.Out, NDJSON: c.Warehouse.NDJSON, DuckDB: c.Warehouse.DuckDB, Enforce: c.Mode == aerv1.ModeEnforce, Sender: c.Sender,
		Messages: &c.Notify, Audit: c.Audit, Sessions: c.Sessions,
	}, j)
	if err != nil {
		stop()
		return nil, err
	}
	return &Running{Worker: j.Worker(c.Mode, source, time.Now), Output: out, stop: stop}, nil
}

// Close closes everything; the pipeline must have ended.
func (r *Running) Close() error {
	defer r.stop() // what the output still sends comes from the store that is followed
	return r.Output.Close()
}

// follow opens a file of baselines and reads it again when it changes, until stop is called. Workers in other processes do so
// too: each follows the file that its configuration names.
func follow(path string) (source baseline.Source, stop func(), err error) {
	if path == "" {
		return baseline.None{}, func() {}, nil
	}
	f, err := baseline.OpenFile(path)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(baseline.DefaultRefresh)
		defer tick.Stop()
		f.Follow(ctx, tick.C, logRefresh)
	})
	return baseline.Watch(f, logCondition), func() { cancel(); wg.Wait() }, nil
}

func logRefresh(changed bool, err error) {
	switch {
	case err != nil:
		slog.Warn("keeping the last good baselines", "error", err)
	case changed:
		slog.Info("baselines were read again, because the file has changed")
	default:
		slog.Info("the file of baselines can be read again")
	}
}

func logCondition(c baseline.Change) {
	level := slog.LevelWarn
	if c.Condition == baseline.Fresh {
		level = slog.LevelInfo
	}
	slog.Log(context.Background(), level, c.String())
}

// Pipeline is the pipeline's configuration. join is for Prism.
func Pipeline(c config.Config, runID, kind string, join bool) (pipelines.Config, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return pipelines.Config{}, fmt.Errorf("packing the configuration for workers: %w", err)
	}
	return pipelines.Config{
		Run: process.Run{ID: runID, Mode: c.Mode, Config: raw}, Join: join, Activity: c.Warehouse.DuckDB,
		Shards: c.Slices.Shards, WindowMS: int32(c.Slices.Window.Milliseconds()), Lateness: c.Slices.Lateness,
		Source: source.Config{
			Kind: kind, Files: source.Files{Paths: c.Source.Files}, InFlightMax: InFlightMax, Decode: c.Source.Options(),
			PubSub: source.PubSub{
				Subscription: c.Source.Subscription, Endpoint: c.Source.Endpoint, TimeAttribute: c.Source.TimeAttribute,
			},
		},
	}, nil
}

// OpenWorkers lets workers in other processes open what their pipeline's configuration names. Call it before Beam starts.
func OpenWorkers() {
	process.SetOpener(func(ctx context.Context, raw json.RawMessage) (*process.Worker, any, error) {
		var c config.Config
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, nil, fmt.Errorf("unpacking the configuration: %w", err)
		}
		// The machine that started the pipeline has read the lists; one that joins later must not stop it for want of one.
		c.Enrich.StartWithoutLists = true
		r, err := Open(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		return r.Worker, &r.Output.Output, nil
	})
}
