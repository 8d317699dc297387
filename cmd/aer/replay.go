package main

import (
	"fmt"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/replay"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
)

func (a *app) replayCommand() *cobra.Command {
	var o replay.Options
	var torFiles []string
	var format, other string
	o.Files.Enrich = enrich.DefaultConfig()
	cmd := &cobra.Command{
		Use: "replay --events FILE... [--out DIR] [--diff FILE]", Short: "Judge recorded events; never acts", Args: noArgs,
		Long: `Judges recorded events as the pipeline would have, and writes anomalies.ndjson, decisions.ndjson and
dead_letters.ndjson, one JSON object a line. It never acts: decisions say what would have been done.

Files may be compressed with gzip or zstd, and hold native events, Slack audit log entries or protobuf, also in the envelopes
of the usual collectors. Optional values that cannot be read count as unknown, and are counted in the summary. The baseline
"rolling" (the default) does what production does: a first pass learns, for each day, what was normal before that day.

With --diff it decides twice, under --settings (A) and under the settings of --diff (B), each with its own loop protection
and budgets, and tells who would have been signed out under one and not the other, and which gate makes the difference.
With --out as well, the results of both are in its folders a and b.`,
		Example: `  aer simulate --out sim
  aer replay --events sim/events.ndjson.gz --tor sim/tor.tsv --settings sim/settings.yaml --directory sim/directory.yaml --out sim/out
  aer explain --dir sim/out ID
  aer replay --events sim/events.ndjson.gz --tor sim/tor.tsv --settings sim/settings.yaml --diff stricter.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			need := []string{"events", strings.Join(o.Events, "")}
			if other == "" {
				need = append(need, "out", o.Out)
			}
			if err := required(need...); err != nil {
				return err
			}
			if !slices.Contains([]string{replay.Local, replay.Beam}, o.Engine) {
				return usagef("--engine %s: must be local or beam", o.Engine)
			}
			f, err := event.ParseFormat(format)
			if err != nil {
				return usageError{fmt.Errorf("--%w", err)}
			}
			if o.Baseline == replay.Rolling && slices.Contains(o.Events, event.Stdin) {
				return usagef("--baseline rolling reads the events twice and so cannot read standard input: give a file, or --baseline none")
			}
			if other != "" && (o.Engine != replay.Local || slices.Contains(o.Events, event.Stdin)) {
				return usagef("--diff reads files, with --engine local")
			}
			o.Decode.Format = f
			for _, path := range torFiles {
				o.Files.Enrich.Tor = append(o.Files.Enrich.Tor, tor.Source{Path: path})
			}
			return a.replay(cmd, o, other)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.Events, "events", nil, "`files` of events; - is standard input")
	flags.StringVar(&format, "format", event.Auto.String(), "`format` of the events: auto, native, slack or proto")
	organisationFlags(flags, &o.Decode)
	flags.StringSliceVar(&torFiles, "tor", nil, "`files` of Tor exits (bulk, exit-addresses, onionoo, tsv or csv)")
	flags.StringSliceVar(&o.Files.Enrich.Network.Databases, "networks", nil, "`files` in MaxMind format, for networks and countries the events do not name")
	flags.StringVar(&o.Files.Settings, "settings", "", "`file` of what organisations have chosen (default: the defaults)")
	flags.StringVar(&o.Files.Directory, "directory", "", "`file` of people")
	flags.StringVar(&o.Baseline, "baseline", replay.Rolling, "rolling, none, or a `file` of baselines")
	flags.StringVar(&o.SaveBaseline, "save-baseline", "", "`file` to keep rolling baselines in")
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "`files` of what rolling baselines must not learn: decisions, anomalies, feedback, periods")
	flags.BoolVar(&o.Clean, "clean-baseline", false, "rolling baselines do not learn what this replay responds to; takes one more pass")
	flags.StringVar(&o.Engine, "engine", replay.Local, "local (plain Go) or beam (the pipeline on Prism); both give the same")
	flags.StringVar(&o.Out, "out", "", "`directory` for the results")
	flags.StringVar(&other, "diff", "", "`file` of other settings, to compare with --settings")
	return cmd
}

func (a *app) replay(cmd *cobra.Command, o replay.Options, other string) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if o.Engine == replay.Beam {
		initBeam(quiet)
	}
	var bar *bytesBar
	o.Stage = func(what string) {
		if bar != nil {
			bar.done()
		}
		bar = a.bytesBar(what)
	}
	o.Progress = func(read, total int64) { bar.at(read, total) }
	began := time.Now()
	var res replay.Result
	var diff replay.Diff
	var err error
	if other != "" {
		diff, err = replay.RunDiff(ctx, o, other)
	} else {
		res, err = replay.Run(ctx, o)
	}
	if bar != nil {
		bar.done()
	}
	if err != nil {
		return err
	}
	if other != "" {
		return a.printDiff(o, other, &diff)
	}
	return a.printReplay(o, res, time.Since(began))
}

// lateMeans is what engines make of late events.
var lateMeans = map[string]string{
	replay.Local: "they were judged when they came, by what was known then: sort the files by time to have them judged right",
	replay.Beam:  "they were left out: sort the files by time to have them judged",
}

func (a *app) printReplay(o replay.Options, res replay.Result, took time.Duration) error {
	a.warn(res.Warnings)
	if res.Late > 0 {
		a.logf("warning: %d events came more than %v after others of their time; %s", res.Late, activity.DefaultLateness, lateMeans[o.Engine])
	}
	outcomes := map[string]int{}
	for d, n := range res.Outcomes {
		outcomes[d.String()] = n
	}
	if a.output == outputJSON {
		return a.printJSON(map[string]any{
			"out": o.Out, "engine": o.Engine, "events": res.Events, "dead_letters": res.DeadLetters, "events_late": res.Late, "unreadable": res.Unreadable.Map(),
			"not_a_persons": res.NotAPersons, "findings": res.Findings,
			"anomalies": res.Anomalies, "outcomes": outcomes, "profiles": res.Profiles, "baselines": res.Baselines, "warnings": append([]string{}, res.Warnings...), "seconds": took.Seconds(),
		})
	}
	p := a.printer()
	if res.Events > 0 {
		fmt.Fprintf(p, "%d events of %d accounts, %s to %s; %d dead letters\n", res.Events, res.Profiles,
			res.First.Format(time.DateOnly), res.Last.Format(time.DateOnly), res.DeadLetters)
	} else if o.Engine == replay.Local { // the pipeline does not count them
		fmt.Fprintf(p, "no events; %d dead letters\n", res.DeadLetters)
	}
	if res.DeadLetters > 0 {
		fmt.Fprintf(p, "what was no event, with the reason: %s\n", filepath.Join(o.Out, "dead_letters.ndjson"))
	}
	if n := res.NotAPersons; n > 0 {
		fmt.Fprintf(p, "%d events count for nobody: the platform's own doings, and records of what was done to people\n", n)
	}
	a.printUnreadable(p, &res.Unreadable)
	fmt.Fprintf(p, "%d anomalies in %s, with %d baselines; written to %s\n", res.Anomalies, term.Duration(took), res.Baselines, o.Out)
	if res.Anomalies > 0 {
		fmt.Fprintln(p)
		t := term.NewTable("decision", ">anomalies", "what it means")
		for _, d := range explain.Outcomes() {
			if n := res.Outcomes[d]; n > 0 {
				t.Row(d, n, explain.Meaning(d))
			}
		}
		t.Print(p)
		fmt.Fprintf(p, "\nNext: %s explain --dir %s ID, with an id of %s\n", self(), o.Out, filepath.Join(o.Out, explain.AnomaliesFile))
	}
	return nil
}
