// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/cmd/bench/compare"
	"github.com/aer-project/aer/cmd/bench/ladder"
	"github.com/aer-project/aer/cmd/bench/streams"
)

// options are the flags of compare.
type options struct {
	events, part, rounds              int
	aer, anchors, out, output, ladder string
}

// Report is everything that was measured.
type Report struct {
	// Machine and At say where and when.
	Machine string        `json:"machine"`
	At      time.Time     `json:"at"`
	Rounds  int           `json:"rounds"`
	Rows    []compare.Row `json:"rows"`
	Stages  []ladder.Rung `json:"stages"`
}

func compareAll(ctx context.Context, args []string) error {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&o.events, "events", 500_000, "events of a stream")
	f.IntVar(&o.part, "part", 50_000, "events for what is slow")
	f.IntVar(&o.rounds, "rounds", 5, "how often each is measured, after a first time to see that all agree")
	f.StringVar(&o.aer, "aer", "bin/aer", "the `program` aer")
	f.StringVar(&o.anchors, "anchors", "../shared/bench/anchors", "`folder` of the generator and the plain-Go limit")
	f.StringVar(&o.out, "out", "aer-out/bench", "`folder` for streams and results")
	f.StringVar(&o.ladder, "benchtime", "1s", "how `long` each stage is measured; 0 leaves them out")
	f.StringVar(&o.output, "o", "table", "`format`: table or json")
	if err := parse(f, args); err != nil {
		return err
	}
	r := Report{Machine: machine(), At: time.Now().UTC().Truncate(time.Second), Rounds: o.rounds}
	var err error
	if r.Rows, err = o.compare(ctx); err != nil {
		return err
	}
	if o.ladder != "0" {
		if r.Stages, err = o.stages(ctx); err != nil {
			return err
		}
	}
	return o.print(r)
}

// compare makes the streams and measures all on them.
func (o options) compare(ctx context.Context) ([]compare.Row, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := compare.Programs{Out: o.out}
	if p.AER, err = filepath.Abs(o.aer); err != nil {
		return nil, err
	}
	say("building the limit in %s", o.anchors)
	anchors, err := streams.BuildAnchors(ctx, o.anchors, filepath.Join(o.out, "anchors"))
	if err != nil {
		say("going on without the limit and its generator: %v", err)
	} else {
		p.Limit = anchors.Limit
	}
	m := streams.Maker{Dir: o.out, Self: self, Anchors: anchors, AER: p.AER, Part: o.part}
	plans := streams.Plans(o.events)
	if anchors == nil {
		plans = plans[:1] // the simulation has one stream
	}
	var all []compare.Subject
	for _, plan := range plans {
		say("making the stream %s, or finding it in %s", plan.Name, o.out)
		s, err := m.Make(ctx, plan)
		if err != nil {
			return nil, err
		}
		if plan.Name == streams.Quarter {
			all = append(all, p.Growth(s)...)
		} else {
			all = append(all, p.Subjects(s)...)
		}
	}
	results, err := compare.Rounds(ctx, all, o.rounds, func(round int, s compare.Subject) {
		say("round %d of %d: %s: %s", round, o.rounds, s.Stream, s.Name)
	})
	return compare.Rows(results), err
}

func (o options) stages(ctx context.Context) (all []ladder.Rung, err error) {
	for _, g := range ladder.Groups() {
		say("measuring %s in %s", g.Bench, g.Package)
		rungs, err := g.Run(ctx, ".", o.ladder)
		if err != nil {
			return nil, err
		}
		all = append(all, rungs...)
	}
	return all, nil
}

func (o options) print(r Report) error {
	if o.output == "json" {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	p := term.New(os.Stdout)
	fmt.Fprintf(p, "%s; %s; medians of %d rounds\n\n", r.At.Format("2 Jan 2006 15:04"), r.Machine, r.Rounds)
	compare.Print(p, r.Rows)
	if len(r.Stages) > 0 {
		fmt.Fprintln(p)
		ladder.Print(p, r.Stages)
	}
	return nil
}

// machine says on what was measured, and how busy it was.
func machine() string {
	text := fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load " + strings.Fields(string(load))[0]
	}
	return text
}

// say tells on standard error how far it is.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}
