// SPDX-License-Identifier: Apache-2.0

// Package replay judges recorded events anew, with either engine, and writes what was found; it never acts.
package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

// Baselines that are no file.
const (
	// Rolling builds a version for each day from the activity before it, in a first pass.
	Rolling = "rolling"
	// None judges by fixed limits and the person's own habits.
	None = "none"
)

// Rules are what events are judged by.
type Rules struct {
	Detectors *detector.Set
	// Decide configures what is decided, in replay mode, about what the detectors find with those baselines.
	Decide func(baseline.Source) decision.Config
	// Chosen are the settings of the organisations that have any.
	Chosen []*aerv1.Settings
}

// Engine judges the events of o and hands out what it finds, in the order of a replay.
type Engine func(ctx context.Context, o Options, known baseline.Source, out local.Output) (local.Summary, error)

// Options say what to replay.
type Options struct {
	Events base.Events
	Rules  Rules
	// Baseline is Rolling, None or a file of versions; SaveBaseline, if set, is where rolling versions are kept.
	Baseline, SaveBaseline string
	// Exclude names files of what rolling baselines must not learn; Clean has them leave out what the replay itself
	// responds to, for the time of one more replay.
	Exclude []string
	Clean   bool
	// Engine is the plain-Go driver if nil.
	Engine Engine
	Out    string
	// Stage is told what begins, Progress how far the input was read (total is -1 if unknown). Both may be nil.
	Stage    func(what string)
	Progress func(read, total int64)
}

// Result counts what came in and what came out.
type Result struct {
	local.Summary
	// Baselines is the number of versions.
	Baselines int
}

// How much the heap may grow between two collections, in percent, is measured. Of 2 M events of 50,000 people on one
// core an event takes 3.8 µs at 300, 3.6 at 400 and 3.5 at 600, and the process 440, 500 and 560 MB at the peak. With
// learned baselines, of which one for each of 2,098 days stays in memory, it took 592 MB at 50, 716 at 100 and 809 at
// 200; since days are learned at a third of the cost, 514 MB at 50.
//
// Of 100,000, 500,000 and 1.5 M events of 2,000 people Beam on Prism takes 316, 436 and 486 MB at 100, and 526, 658 and
// 810 at 200, where what is on its way is three times in memory; the processor time is the same for few events and a
// third more for many.
const (
	gcPercent        = 400
	gcPercentLearned = 50
	gcPercentBeam    = 100
)

// Run replays.
func Run(ctx context.Context, o Options) (res Result, err error) {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(o.gcPercent()))
	}
	known, n, err := o.baselines(ctx)
	if err != nil {
		return res, err
	}
	res.Baselines = n
	o.stage("detecting")
	out, err := openFiles(o.Out)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	if o.Engine != nil {
		res.Summary, err = o.Engine(ctx, o, known, out)
	} else {
		res.Summary, err = o.local(ctx, o.Rules, known, out, nil)
	}
	return res, err
}

func (o Options) gcPercent() int {
	switch {
	case o.Baseline == Rolling:
		return gcPercentLearned
	case o.Engine != nil: // Beam is the only other engine
		return gcPercentBeam
	}
	return gcPercent
}

func (o Options) stage(what string) {
	if o.Stage != nil {
		o.Stage(what)
	}
}

// baselines opens or builds the versions that events are judged by.
func (o Options) baselines(ctx context.Context) (baseline.Source, int, error) {
	var versions []*aerv1.Baseline
	var err error
	switch o.Baseline {
	case None:
		return baseline.None{}, 0, nil
	case Rolling:
		o.stage("learning baselines")
		versions, err = o.rolling(ctx)
		if err == nil && o.SaveBaseline != "" {
			err = base.WriteFile(o.SaveBaseline, versions)
		}
	default:
		versions, err = base.ReadFile(o.Baseline)
	}
	return baseline.NewVersions(versions), len(versions), err
}

// rolling builds a version for each day of the events, without what Exclude names and, if Clean is set, without what
// this replay responds to.
func (o Options) rolling(ctx context.Context) ([]*aerv1.Baseline, error) {
	leave, err := base.ReadPeriods(o.Exclude)
	if err != nil {
		return nil, fmt.Errorf("reading what baselines leave out: %w", err)
	}
	l := base.Learn{Leave: leave, Stage: o.Stage, Progress: o.Progress}
	var learned base.Learned
	if o.Clean {
		learned, err = base.RollingClean(ctx, o.Events, l, o.Rules.Detectors, o.Rules.Decide)
	} else {
		learned, err = base.Rolling(ctx, o.Events, l)
	}
	return learned.Versions, err
}

func (o Options) local(
	ctx context.Context, by Rules, known baseline.Source, out local.Output, findings func(*aerv1.Anomaly) error,
) (sum local.Summary, err error) {
	in, err := event.OpenFiles(o.Events.Paths, o.Events.Decode)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	cfg := local.Config{
		Enrich: o.Events.Enrich, Detectors: by.Detectors, Baseline: known, Workers: runtime.GOMAXPROCS(0), Findings: findings,
	}
	return local.Replay(ctx, in, cfg, by.Decide(known), out, o.Progress)
}
