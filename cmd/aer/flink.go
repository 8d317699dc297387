// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/flink"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// flinkOptions are the flags of run that are for Flink, besides Beam's own.
type flinkOptions struct {
	checkpoint time.Duration
	master     string
}

// defaultCheckpoint is how much is done again after a failure, at most: what is shorter costs more than it saves.
const defaultCheckpoint = 10 * time.Second

func (o *flinkOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.master, "flink-master", "",
		"with --runner flink: `host:port` of the JobManager's REST interface, or "+flink.LocalMaster+
			" for a job server that runs jobs in itself")
	f.DurationVar(&o.checkpoint, "checkpoint-every", defaultCheckpoint,
		"with --runner flink: how often a run that does not end by itself is checkpointed")
}

// committed is how often a run is checkpointed, and after how long what a source has pulled is in a checkpoint for
// certain: one may be under way when it is pulled, and the next may fail or take its time.
func (o *flinkOptions) committed(ackAfter time.Duration) (checkpoint, after time.Duration, err error) {
	switch {
	case o.checkpoint < time.Second:
		return 0, 0, usagef("--checkpoint-every %v: want a second at least", o.checkpoint)
	case ackAfter == 0:
		return o.checkpoint, 3 * o.checkpoint, nil
	case ackAfter <= 2*o.checkpoint:
		return 0, 0, usagef("source.ack_after: %v is not possible; want more than twice --checkpoint-every, which is %v, "+
			"or 0s for three times that", ackAfter, o.checkpoint)
	}
	return o.checkpoint, ackAfter, nil
}

// flinkWorkers are the workers that Beam's flags describe.
func flinkWorkers() (w flink.Workers, err error) {
	kind, value := strings.ToUpper(*jobopts.EnvironmentType), *jobopts.EnvironmentConfig
	switch kind {
	case "", "LOOPBACK":
		return w, nil
	case "PROCESS":
		if value == "" {
			w.Command, err = os.Executable()
			return w, err
		}
		if err := json.Unmarshal([]byte(value), &w); err != nil || w.Command == "" {
			return w, usagef(`--environment_config %s: want {"command": "/path/of/aer/on/every/TaskManager"}`, value)
		}
		return w, nil
	case "DOCKER":
		w.Image = value
	case "EXTERNAL":
		w.Pool = value
	default:
		return w, usagef("--environment_type %s: must be LOOPBACK, PROCESS, DOCKER or EXTERNAL", kind)
	}
	if value == "" {
		return w, usagef("--environment_type %s: --environment_config is missing", kind)
	}
	return w, nil
}

// runFlink runs on a Flink.
func (a *app) runFlink(ctx context.Context, c config.Config, o flinkOptions) (err error) {
	workers, err := flinkWorkers()
	if err != nil {
		return err
	}
	if err := required("endpoint", *jobopts.Endpoint, "flink-master", o.master); err != nil {
		return err
	}
	if err := shareable(c, workers); err != nil {
		return err
	}
	opt := flink.Options{
		Endpoint: *jobopts.Endpoint, Master: o.master, JobName: *jobopts.JobName, Workers: workers,
		Parallelism: max(*jobopts.Parallelism, 0),
		Signals:     []os.Signal{syscall.SIGINT, syscall.SIGTERM},
	}
	if opt.JobName == "" {
		opt.JobName = "aer"
	}
	if c.Source.Kind != source.KindFiles {
		if opt.Checkpoint, c.Source.AckAfter, err = o.committed(c.Source.AckAfter); err != nil {
			return err
		}
	}
	r, err := a.build(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	runID := uuid.NewString() // names this process's run, never a result
	end, err := a.connectRun(ctx, c, r, workers, runID, &opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	cfg, err := setup.Pipeline(c, runID, c.Source.Kind, true)
	if err != nil {
		return err
	}
	cfg.Over = opt.Checkpoint > 0
	cfg.Source.InFlightMax = -1 // Flink holds its sources back itself
	cfg.Lanes = pipelines.Lanes
	a.runningOn(runnerFlink, c)
	res, err := flink.Run(ctx, pipelines.Detect(cfg), opt)
	if err != nil {
		return err
	}
	return a.summary(c, r, res)
}

// connectRun says how the run is drained, and how it is known that all is done: directly where its functions run in
// this process, and else through the store. Then what is open is closed, for the workers to open it.
func (a *app) connectRun(ctx context.Context, c config.Config, r *setup.Parts, w flink.Workers, runID string,
	opt *flink.Options) (end func() error, err error) {
	if w.Here() {
		proc := process.Start(runID, r.Core(r.Baselines), &r.Output)
		if proc.Memory, err = a.remember(ctx, r); err != nil {
			proc.End()
			return nil, err
		}
		over, once := make(chan struct{}), sync.Once{}
		proc.OnOver(func(context.Context) error { once.Do(func() { close(over) }); return nil })
		opt.Drain = func() { proc.Drain(); a.draining() }
		opt.Over = func(ctx context.Context) error {
			select {
			case <-over:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return func() error { proc.End(); return nil }, nil
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	control, store, err := setup.OpenControl(c, runID)
	if err != nil {
		return nil, err
	}
	opt.Over = control.WaitOver
	opt.Drain = func() {
		if err := control.Drain(ctx); err != nil {
			a.logf("the workers could not be told to drain: %v; interrupt again to cancel", err)
			return
		}
		a.draining()
	}
	return func() error { return errors.Join(control.Forget(ctx), store.Close()) }, nil
}

// shareable refuses what is for one process alone where there may be several.
func shareable(c config.Config, w flink.Workers) error {
	var errs []error
	if w.Here() {
		return nil
	}
	if c.Warehouse.Kind == config.WarehouseDuckDB {
		errs = append(errs, errors.New("warehouse.kind: a file of DuckDB is for one process; choose bigquery or none"))
	}
	if c.BootstrapDays > 0 {
		errs = append(errs, errors.New("bootstrap_days, --bootstrap: what is read at the start stays in this process; use "+
			"LOOPBACK workers"))
	}
	if c.Mode == aerv1.ModeEnforce && setup.IsFile(c.Store) {
		errs = append(errs, errors.New("store: the ledger in a file is for one process; name a database, "+
			"firestore:projects/P/databases/D"))
	}
	for _, p := range paths(c) {
		if p.path != "" && !filepath.IsAbs(p.path) {
			errs = append(errs, fmt.Errorf("%s: %s is looked for where a worker starts; write the path in full", p.key, p.path))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("running on Flink with workers in processes of their own:\n%w", err)
	}
	return nil
}

// keyed is a path of a configuration.
type keyed struct{ key, path string }

// paths are the files and folders of a configuration that workers open.
func paths(c config.Config) []keyed {
	all := []keyed{{"out", c.Out}, {"settings", c.Settings}, {"directory", c.Directory}, {"baseline", c.Baseline}}
	if setup.IsFile(c.Store) {
		all = append(all, keyed{"store", c.Store})
	}
	for _, t := range c.Enrich.Tor {
		all = append(all, keyed{"enrich.tor", t.Path})
	}
	for _, f := range c.Enrich.Network.Databases {
		all = append(all, keyed{"enrich.network.databases", f})
	}
	if c.Source.Kind == source.KindFiles {
		for _, f := range c.Source.Files {
			all = append(all, keyed{"source.files", f})
		}
	}
	return all
}
