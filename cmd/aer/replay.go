// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines/flink"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/prism"
	"github.com/aer-project/aer/pipelines/replay"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/source"
)

// Engines by name.
const (
	engineLocal = "local"
	engineBeam  = "beam"
	engineFlink = "flink"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	replay.Options
	events, tor           []string
	decode                event.Options
	conf                  config.Config
	format, engine, other string
	flink                 flink.Options
}

func (a *app) replayCommand() *cobra.Command {
	var o replayFlags
	o.conf = config.Replay()
	cmd := &cobra.Command{
		Use: "replay --events FILE... [--out DIR] [--diff FILE]", Short: "Judge recorded events; never acts", Args: noArgs,
		Long: `Judges recorded events as the pipeline would have, and writes anomalies.ndjson, decisions.ndjson and
dead_letters.ndjson, one JSON object a line. It never acts: decisions say what would have been done.

Files may be compressed with gzip or zstd, and hold native events, Slack audit log entries or protobuf, also in the
envelopes of the usual collectors. Optional values that cannot be read count as unknown, and are counted in the
summary. The baseline "rolling" (the default) does what production does: a first pass learns, for each day, what was
normal before that day.

With --diff it decides twice, under --settings (A) and under the settings of --diff (B), each with its own loop
protection and budgets, and tells who would have been signed out under one and not the other, and which gate makes the
difference. With --out as well, the results of both are in its folders a and b.`,
		Example: `  aer simulate --out sim
  aer replay --events sim/events.ndjson.gz --tor sim/tor.tsv --settings sim/settings.yaml --directory sim/directory.yaml --out sim/out
  aer explain --dir sim/out ID
  aer replay --events sim/events.ndjson.gz --tor sim/tor.tsv --settings sim/settings.yaml --diff stricter.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.replay(cmd, o)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.events, "events", nil, "`files` of events; - is standard input")
	flags.StringVar(&o.format, "format", event.Auto.String(), "`format` of the events: auto, native, slack or proto")
	organisationFlags(flags, &o.decode)
	flags.StringSliceVar(&o.tor, "tor", nil, "`files` of Tor exits (bulk, exit-addresses, onionoo, tsv or csv)")
	flags.StringSliceVar(&o.conf.Enrich.Network.Databases, "networks", nil,
		"`files` in MaxMind format, for networks and countries the events do not name")
	flags.StringVar(&o.conf.Settings, "settings", "", "`file` of what organisations have chosen (default: the defaults)")
	flags.StringVar(&o.conf.Directory, "directory", "", "`file` of people")
	flags.StringVar(&o.Baseline, "baseline", replay.Rolling, "rolling, none, or a `file` of baselines")
	flags.StringVar(&o.SaveBaseline, "save-baseline", "", "`file` to keep rolling baselines in")
	flags.StringSliceVar(&o.Exclude, "exclude", nil,
		"`files` of what rolling baselines must not learn: decisions, anomalies, feedback, periods")
	flags.BoolVar(&o.Clean, "clean-baseline", false,
		"rolling baselines do not learn what this replay responds to; takes one more pass")
	flags.StringVar(&o.engine, "engine", engineLocal,
		"local (plain Go), beam (the pipeline on Prism) or flink (on a cluster that reaches this machine); all give the same")
	flags.StringVar(&o.flink.Endpoint, "endpoint", "", "with --engine flink: `host:port` of Beam's job server")
	flags.StringVar(&o.flink.Master, "flink-master", "", "with --engine flink: as of aer run")
	flags.IntVar(&o.flink.Parallelism, "parallelism", 0, "with --engine flink: subtasks of a stage")
	flags.StringVar(&o.Out, "out", "", "`directory` for the results")
	flags.StringVar(&o.other, "diff", "", "`file` of other settings, to compare with --settings")
	return cmd
}

// check says what is wrong with the command line.
func (o *replayFlags) check() (err error) {
	need := []string{"events", strings.Join(o.events, "")}
	if o.other == "" {
		need = append(need, "out", o.Out)
	}
	if err := required(need...); err != nil {
		return err
	}
	switch o.engine {
	case engineLocal, engineBeam:
	case engineFlink:
		if err := required("endpoint", o.flink.Endpoint, "flink-master", o.flink.Master); err != nil {
			return err
		}
	default:
		return usagef("--engine %s: must be local, beam or flink", o.engine)
	}
	if o.decode.Format, err = event.ParseFormat(o.format); err != nil {
		return usageError{fmt.Errorf("--%w", err)}
	}
	stdin := slices.Contains(o.events, event.Stdin)
	if o.Baseline == replay.Rolling && stdin {
		return usagef(
			"--baseline rolling reads the events twice and so cannot read standard input: give a file, or --baseline none")
	}
	if o.other != "" && (o.engine != engineLocal || stdin) {
		return usagef("--diff reads files, with --engine local")
	}
	for _, path := range o.tor {
		o.conf.Enrich.Tor = append(o.conf.Enrich.Tor, tor.Source{Path: path})
	}
	return nil
}

func (a *app) replay(cmd *cobra.Command, o replayFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	st := a.stages(began)
	defer st.done()
	o.Stage, o.Progress = st.begin, st.at
	j, err := setup.Build(ctx, o.conf)
	if err != nil {
		return err
	}
	o.Events, o.Rules = j.History(o.events, o.decode), j.Replayed()
	if o.other != "" {
		return a.replayDiff(ctx, o)
	}
	switch o.engine {
	case engineBeam:
		initBeam(quiet)
		o.Engine = onPrism(j)
	case engineFlink:
		initBeam(quiet)
		o.Engine = onFlink(j, o.flink)
	}
	res, err := replay.Run(ctx, o.Options)
	st.done()
	if err != nil {
		return err
	}
	return a.printReplay(o, res, j.Warnings, time.Since(began))
}

// onPrism is the pipeline as the engine of a replay.
func onPrism(j *setup.Parts) replay.Engine {
	return func(ctx context.Context, o replay.Options, known baseline.Source, out local.Output) (local.Summary, error) {
		return prism.Replay(ctx, j.Core(known), filesOf(o), out)
	}
}

// onFlink is the pipeline on a Flink that is elsewhere, with this process as its worker.
func onFlink(j *setup.Parts, opt flink.Options) replay.Engine {
	opt.JobName = "aer-replay"
	return func(ctx context.Context, o replay.Options, known baseline.Source, out local.Output) (local.Summary, error) {
		return flink.Replay(ctx, opt, j.Core(known), filesOf(o), out)
	}
}

func filesOf(o replay.Options) source.Config {
	return source.Config{Files: source.Files{Paths: o.Events.Paths}, Decode: o.Events.Decode}
}

// lateMeans is what engines make of late events.
var lateMeans = map[string]string{
	engineLocal: "they were judged when they came, by what was known then: sort the files by time to have them judged " +
		"right",
	engineBeam:  "they were left out: sort the files by time to have them judged",
	engineFlink: "they were left out: sort the files by time to have them judged",
}

// allocated is what this process has taken from Go's heap since it began: unlike times, much the same on every machine.
func allocated() map[string]uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return map[string]uint64{"objects": m.Mallocs, "bytes": m.TotalAlloc}
}

func (a *app) printReplay(o replayFlags, res replay.Result, warnings []string, took time.Duration) error {
	a.warn(warnings)
	if res.Late > 0 {
		a.logf("warning: %d events came more than %v after others of their time; %s", res.Late, activity.DefaultLateness,
			lateMeans[o.engine])
	}
	outcomes := map[string]int{}
	for d, n := range res.Outcomes {
		outcomes[d.String()] = n
	}
	if a.output == outputJSON {
		fields := map[string]any{
			"out": o.Out, "engine": o.engine, "events": res.Events, "dead_letters": res.DeadLetters, "events_late": res.Late,
			"unreadable": res.Unreadable.Map(), "not_a_persons": res.NotAPersons, "findings": res.Findings,
			"anomalies": res.Anomalies, "outcomes": outcomes, "baselines": res.Baselines,
			"warnings": append([]string{}, warnings...), "seconds": took.Seconds(), "allocated": allocated(),
		}
		if o.engine == engineLocal { // how many users the pipeline remembers, only its state knows
			fields["profiles"] = res.Profiles
		}
		return a.printJSON(fields)
	}
	p := a.printer()
	events, dead := term.Count(res.Events, "event"), term.Count(res.DeadLetters, "dead letter")
	switch first, last := res.First.Format(time.DateOnly), res.Last.Format(time.DateOnly); {
	case res.Events == 0:
		fmt.Fprintf(p, "no events; %s\n", dead)
	case o.engine == engineLocal:
		fmt.Fprintf(p, "%s of %s, %s to %s; %s\n", events, term.Count(res.Profiles, "account"), first, last, dead)
	default:
		fmt.Fprintf(p, "%s, %s to %s; %s\n", events, first, last, dead)
	}
	if res.DeadLetters > 0 {
		fmt.Fprintf(p, "what was no event, with the reason: %s\n", filepath.Join(o.Out, "dead_letters.ndjson"))
	}
	if n := res.NotAPersons; n > 0 {
		fmt.Fprintf(p, "%s for nobody: the platform's own doings, and records of what was done to people\n",
			term.Count(n, "event counts", "events count"))
	}
	a.printUnreadable(p, &res.Unreadable)
	fmt.Fprintf(p, "%s in %s, with %s; written to %s\n",
		term.Count(res.Anomalies, "anomaly", "anomalies"), term.Duration(took), term.Count(res.Baselines, "baseline"), o.Out)
	if res.Anomalies > 0 {
		fmt.Fprintln(p)
		t := term.NewTable("decision", ">anomalies", "what it means")
		for _, d := range explain.Outcomes() {
			if n := res.Outcomes[d]; n > 0 {
				t.Row(d, n, explain.Meaning(d))
			}
		}
		t.Print(p)
		fmt.Fprintf(p, "\nNext: %s explain --dir %s ID, with an id of %s\n", self(), o.Out,
			filepath.Join(o.Out, explain.AnomaliesFile))
	}
	return nil
}
