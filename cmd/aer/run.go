// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Runners.
const (
	runnerPrism    = "prism"
	runnerDataflow = "dataflow"
	runnerFlink    = "flink"
)

// runOptions are the flags of run.
type runOptions struct {
	file, runner string
	bootstrap    string
	enforce      bool
	print, beam  bool
	subscribed   []string // files on the command line
	flink        flinkOptions
	dataflow     dataflowOptions
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use: "run [--config aer.yaml]", Short: "Run the pipeline; observes unless told to enforce", Args: noArgs,
		Long: `Runs the pipeline on a source until it ends, or for ever. The first interrupt drains: what was taken in is
dealt with and acknowledged; the second cancels.

By default it observes: decisions are taken and recorded, and nothing is carried out. To end sessions say --enforce, or
mode: enforce in the configuration.

With --bootstrap 30d it begins with what earlier runs knew: before the source it reads the last 30 days from the
warehouse's database, and judges none of it. That is for a first start beside a warehouse that has history, and for a
change of shards, of the engine or to a version that cannot read the state: interrupt the old run once and let it drain,
then start the new one. It takes about 22 µs a row, a minute for a month of 10,000 people with eight slices a day each,
and memory for their profiles. On Dataflow, or Flink with workers in processes of their own, it cannot be done yet.

Beam's own flags are accepted too (aer run --help-beam).`,
		Example: `  aer run --print-config > aer.yaml
  aer run --config aer.yaml
  aer run --events sim/events.ndjson.gz
  aer run --config aer.yaml --bootstrap 30d
  aer run --config aer.yaml --runner flink --endpoint localhost:8099 --flink-master localhost:8081
  aer run --config aer.yaml --runner flink --endpoint jobs:8099 --flink-master jobs:8081 --environment_type PROCESS --parallelism 4
  aer run --config aer.yaml --runner dataflow --dry_run --project p --region europe-west1 --staging_location gs://b/s`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "config", "", "configuration `file`, also gs://BUCKET/OBJECT (default: the defaults)")
	f.StringVar(&o.runner, "runner", runnerPrism,
		"`engine` that runs the pipeline: prism (this process), flink or dataflow")
	f.BoolVar(&o.enforce, "enforce", false, "carry decisions out")
	f.StringSliceVar(&o.subscribed, "events", nil,
		"`files` of events, instead of the configured source; - is standard input")
	f.StringVar(&o.bootstrap, "bootstrap", "", "`days` of history to begin with, such as 30d, instead of the configured")
	f.BoolVar(&o.print, "print-config", false, "print the default configuration, with what each key means, and end")
	f.BoolVar(&o.beam, "help-beam", false, "list Beam's own flags and end")
	o.flink.add(f)
	o.dataflow.add(f)
	addBeamFlags(f)
	return cmd
}

// addBeamFlags accepts Beam's flags without listing them among ours: there are sixty of them.
func addBeamFlags(f *pflag.FlagSet) {
	ours := map[string]bool{}
	f.VisitAll(func(g *pflag.Flag) { ours[g.Name] = true })
	f.AddGoFlagSet(flag.CommandLine)
	f.VisitAll(func(g *pflag.Flag) { g.Hidden = g.Hidden || !ours[g.Name] })
}

func (a *app) run(cmd *cobra.Command, o runOptions) error {
	switch {
	case o.print:
		_, err := a.out.Write(config.DefaultYAML())
		return err
	case o.beam:
		flag.CommandLine.SetOutput(a.out)
		flag.CommandLine.PrintDefaults()
		return nil
	case o.dataflow.template:
		return a.printTemplate(cmd)
	case o.runner == launcherRunner:
		o.runner = runnerDataflow
	case !slices.Contains([]string{runnerPrism, runnerDataflow, runnerFlink}, o.runner):
		return usagef("--runner %s: must be prism, flink or dataflow", o.runner)
	}
	c, err := o.config(cmd.Context())
	if err != nil {
		return err
	}
	if o.runner == runnerDataflow {
		initBeam(quiet)
		return a.runDataflow(cmd, c, o.dataflow)
	}
	initBeam(quiet)
	if err := readable(c.Source); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	if o.runner == runnerFlink {
		return a.runFlink(cmd.Context(), c, o.flink)
	}
	return a.runPrism(cmd.Context(), c)
}

// readable says at once if files of events cannot be opened: from inside the pipeline that takes a screen of Beam's
// words.
func readable(in config.Source) error {
	if in.Kind != source.KindFiles {
		return nil
	}
	var errs []error
	for _, path := range in.Files {
		if path == event.Stdin {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
			errs = append(errs, err) // a pipe cannot be opened twice
			continue
		}
		f, err := event.OpenFiles([]string{path}, event.Options{})
		if err == nil {
			err = f.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// config is the file's configuration with the flags on top.
func (o runOptions) config(ctx context.Context) (c config.Config, err error) {
	switch {
	case o.file == "":
		c = config.Default()
	case strings.HasPrefix(o.file, setup.Bucket):
		raw, err := setup.ReadObject(ctx, o.file)
		if err != nil {
			return c, fmt.Errorf("reading configuration: %w", err)
		}
		if c, err = config.Parse(o.file, raw); err != nil {
			return c, err
		}
	default:
		if c, err = config.Read(o.file); err != nil {
			return c, err
		}
	}
	if o.enforce {
		c.Mode = aerv1.ModeEnforce
	}
	if o.bootstrap != "" {
		var err error
		if c.BootstrapDays, err = daysOf(o.bootstrap); err != nil {
			return c, err
		}
	}
	if len(o.subscribed) > 0 {
		c.Source.Kind, c.Source.Files = source.KindFiles, o.subscribed
	}
	return c, c.Validate()
}

// build connects what the configuration names, and carries on with what an earlier run began.
func (a *app) build(ctx context.Context, c config.Config) (*setup.Parts, error) {
	r, err := setup.Build(ctx, c)
	if lists := (*enrich.ListsError)(nil); errors.As(err, &lists) {
		return nil, fmt.Errorf("%w\nPut the list right and start again. With enrich.start_without_lists: true a run starts "+
			"without it,\nand finds nothing by it until it is there", err)
	}
	if err != nil || r.Resume == nil {
		return r, err
	}
	n, err := r.Resume(ctx)
	if n > 0 {
		a.logf("completed %d responses that an earlier run began", n)
	}
	if err != nil {
		a.logf("responses of an earlier run that are still open: %v", err)
	}
	return r, nil
}

// runPrism runs on Prism in this process.
func (a *app) runPrism(ctx context.Context, c config.Config) (err error) {
	r, err := a.build(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	runID := uuid.NewString() // names this process's run, never a result
	proc := process.Start(runID, r.Core(r.Baselines), &r.Output)
	defer proc.End()
	cfg, err := setup.Pipeline(c, runID, c.Source.Kind, true)
	if err == nil {
		proc.Memory, err = a.remember(ctx, r)
	}
	if err != nil {
		return err
	}
	p := pipelines.Detect(cfg)
	a.runningOn(runnerPrism, c)
	res, err := prism.Run(ctx, p, prism.Options{
		Process: proc, JobName: "aer", Signals: []os.Signal{syscall.SIGINT, syscall.SIGTERM},
		Draining: a.draining,
	})
	if err != nil {
		return err
	}
	return a.summary(c, r, res)
}

func (a *app) runningOn(runner string, c config.Config) {
	a.logf("running on %s in mode %s; results go to %s", runner, c.Mode, c.Out)
}

func (a *app) draining() {
	a.logf("draining: what was taken in is dealt with; interrupt again to cancel")
}

// summary says what a run that has ended counted, and what should be looked at.
func (a *app) summary(c config.Config, r *setup.Parts, res *metrics.Results) error {
	sums := job.Counters(res)
	if err := a.printCounters(sums); err != nil {
		return err
	}
	lists := r.Enricher.Status(time.Now())
	a.warn(lists.Warnings)
	if lists.Err != nil {
		a.logf("warning: lists are missing or old: %v", lists.Err)
	}
	if n := sums["ingest/"+source.LateCounter]; n > 0 {
		a.logf(
			"warning: %d events came more than %v after others of their time and were left out; slices.lateness bears more", n,
			c.Slices.Lateness)
	}
	if n := sums["ingest/dead_letters"]; n > 0 {
		a.logf("what was no event, with the reason (%d): %s", n, filepath.Join(c.Out, "dead_letters.ndjson"))
	}
	took := source.CountedIn(res)
	for _, line := range unreadableLines(&took.Unreadable) {
		a.logf("%s", line)
	}
	if a.output == outputTable {
		a.logf("what was found there: %s", explainCommandLine(c.Out, ""))
	}
	return nil
}

// warn tells at the end of a run what went by on the screen before.
func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		a.logf("warning: %s", w)
	}
}

func (a *app) printCounters(sums map[string]int64) error {
	if a.output == outputJSON {
		return a.printJSON(sums)
	}
	names := make([]string, 0, len(sums))
	for n := range sums {
		names = append(names, n)
	}
	slices.Sort(names)
	t := term.NewTable("counter", ">total")
	for _, n := range names {
		t.Row(n, fmt.Sprint(sums[n]))
	}
	t.Print(a.printer())
	return nil
}
