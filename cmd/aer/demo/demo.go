// SPDX-License-Identifier: Apache-2.0

// Package demo runs the whole of AER on this machine: simulated traffic over an embedded bus through the pipeline on
// Prism into the embedded sinks, enforcing.
package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/pipelines"
	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// SimulationDir is where the simulated world is, below the demo's folder.
const SimulationDir = "simulation"

const runID = "demo"

// sender is the sender of mail that nobody sends: the outbox is a folder. The domain is reserved (RFC 2606).
const sender = "AER <aer@aer.invalid>"

// Options of Run.
type Options struct {
	Seed uint64
	// Out is the folder of everything. What an earlier demo left there is removed; anything else is an error.
	Out string
	// Stage is told what begins, Progress how far it is (total is -1 if unknown).
	Stage    func(what string)
	Progress func(done, total int64)
}

// Result is what the demo was about. The results themselves are in the files, and so are the events.
type Result struct {
	Simulation  *simulate.Result
	Directories []*aerv1.Directory
}

// learnMB is for the warehouse that the demo learns from 62 people in. DuckDB takes twice as much: with 96 MB the demo
// has 330 to 390 MB at its peak, with 160 up to 450.
const learnMB = 96

// gcPercent keeps the demo, of which much is kept by Prism, within 400 MB for some more processor time: 338 MB at 40,
// 394 at 100 and 513 at 200, in 18, 14 and 13 s.
const gcPercent = 60

// Run simulates, learns, detects, decides and responds. beam.Init must have been called.
func Run(ctx context.Context, o Options) (*Result, error) {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	if err := removeEarlier(o.Out); err != nil {
		return nil, err
	}
	dir := filepath.Join(o.Out, SimulationDir)
	o.Stage("simulating three organisations")
	sim, err := simulate.Demo(simulate.DemoConfig{Seed: o.Seed})
	if err != nil {
		return nil, err
	}
	if err := sim.Write(dir); err != nil {
		return nil, err
	}
	c := o.config(dir)
	c.Mode = aerv1.ModeReplay
	j, err := setup.Build(ctx, c)
	if err != nil {
		return nil, err
	}
	o.Stage("learning what is normal")
	sim.Events = nil // they are in the file, and learning needs the memory: most of it outside of Go's heap
	debug.FreeOSMemory()
	file := filepath.Join(dir, simulate.EventsFile)
	learned, err := base.Rolling(ctx, j.History([]string{file}, event.Options{}),
		base.Learn{Progress: o.Progress, MemoryMB: learnMB})
	if err != nil {
		return nil, err
	}
	source := baseline.NewVersions(learned.Versions)
	if sim.Events, err = read(file); err != nil {
		return nil, err
	}
	events := enforced(j, source, sim)
	sim.Events = events
	if err := sim.Write(dir); err != nil {
		return nil, err
	}
	sim.Events = nil // each is forgotten when it is published
	if err := o.detect(ctx, o.config(dir), source, events); err != nil {
		return nil, err
	}
	return &Result{Simulation: sim, Directories: j.Directories}, nil
}

// read reads simulated events.
func read(path string) (events []*aerv1.Event, err error) {
	f, err := event.OpenFiles([]string{path}, event.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for e, dead := range f.All() {
		if dead != nil {
			return nil, fmt.Errorf("reading the simulation: %s", dead.GetDetail())
		}
		events = append(events, e)
	}
	return events, f.Err()
}

// removeEarlier removes an earlier demo. It is careful because the folder may be anything a person typed.
func removeEarlier(out string) error {
	entries, err := os.ReadDir(out)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking into the folder of the demo: %w", err)
	}
	if _, err := os.Stat(filepath.Join(out, SimulationDir, simulate.TruthFile)); err != nil {
		return fmt.Errorf("%s holds something other than an earlier demo: give another folder with --out", out)
	}
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("removing the earlier demo: %w", err)
	}
	return nil
}

// config is that of a run on the simulated world in dir, in which each message is sent by itself.
func (o Options) config(dir string) config.Config {
	c := config.Default()
	c.Mode, c.Out, c.Sender, c.Notify.Digest.AfterMessages = aerv1.ModeEnforce, o.Out, sender, 0
	c.Settings, c.Directory = filepath.Join(dir, simulate.SettingsFile), filepath.Join(dir, simulate.DirectoryFile)
	c.Enrich.Tor = []tor.Source{{Path: filepath.Join(dir, simulate.TorFile)}}
	return c
}

// detect runs the pipeline until every event that was published is dealt with.
func (o Options) detect(ctx context.Context, c config.Config, known baseline.Source,
	events []*aerv1.Event) (err error) {
	run, err := setup.Build(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	run.Output.Responder = newPlatform(run.Output.Responder, sessions.NewTable(run.Ledger), events)
	worker := run.Core(known)
	worker.Decide.Simulated = true // weeks pass in seconds
	proc := process.Start(runID, worker, &run.Output)
	defer proc.End()

	b, err := newBus(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	o.Stage("detecting, deciding, responding")
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() {
		err := o.pipeline(ctx, proc, b.server.Addr)
		if err != nil {
			cancel(err) // nobody acknowledges any more
		}
		ended <- err
	}()
	published := b.publish(ctx, events, func(n int) { o.Progress(int64(min(n, len(events))), int64(len(events))) })
	if published != nil {
		cancel(published)
		return errors.Join(published, <-ended)
	}
	proc.Drain()
	return <-ended
}

func (o Options) pipeline(ctx context.Context, proc *process.Process, endpoint string) error {
	p := pipelines.Detect(pipelines.Config{
		Run: process.Run{ID: runID, Mode: aerv1.ModeEnforce}, Join: true,
		Source: source.Config{Kind: source.KindPubSub, PubSub: source.PubSub{
			Subscription: subscription, Endpoint: endpoint, TimeAttribute: timeAttribute,
		}},
	})
	_, err := prism.Run(ctx, p, prism.Options{Process: proc, JobName: "aer-demo"})
	return err
}
