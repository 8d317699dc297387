// SPDX-License-Identifier: Apache-2.0

// Package measure simulates, replays and evaluates seeds of the quality plot, and says whether AER keeps its promises
// over them.
package measure

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/evaluate"
	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
)

// Results is the folder, beneath that of a seed, for what was found; aer explain --dir takes it.
const Results = "out"

// Seed simulates c into dir, replays it there and evaluates what was found.
func Seed(ctx context.Context, c simulate.QualityConfig, dir string) (*evaluate.Report, error) {
	world, err := simulate.Quality(c)
	if err != nil {
		return nil, fmt.Errorf("simulating seed %d: %w", c.Seed, err)
	}
	if err := world.Write(dir); err != nil {
		return nil, fmt.Errorf("writing seed %d: %w", c.Seed, err)
	}
	_, o, err := open(ctx, dir)
	if err == nil {
		_, err = replay.Run(ctx, o)
	}
	if err != nil {
		return nil, fmt.Errorf("replaying seed %d: %w", c.Seed, err)
	}
	report, err := score(world, filepath.Join(dir, Results))
	if err != nil {
		return nil, fmt.Errorf("evaluating seed %d: %w", c.Seed, err)
	}
	return report, nil
}

// open is how the world in a folder is replayed.
func open(ctx context.Context, dir string) (*setup.Parts, replay.Options, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	c := config.Replay()
	c.Settings, c.Directory, c.Enrich.Tor = in(simulate.SettingsFile), in(simulate.DirectoryFile),
		[]tor.Source{{Path: in(simulate.TorFile)}}
	j, err := setup.Build(ctx, c)
	if err != nil {
		return nil, replay.Options{}, err
	}
	return j, replay.Options{
		Events: j.History([]string{in(simulate.EventsFile)}, event.Options{}), Rules: j.Replayed(),
		Baseline: replay.Rolling, Out: in(Results),
	}, nil
}

// score evaluates with the events at hand, so that they are not read a third time.
func score(world *simulate.Result, out string) (*evaluate.Report, error) {
	e := evaluate.New(world.Incidents, world.Excluded)
	if err := explain.Read(out, explain.DecisionsFile, e.Decision); err != nil {
		return nil, err
	}
	if err := explain.Read(out, explain.AnomaliesFile, func(a *aerv1.Anomaly) { e.Anomaly(a) }); err != nil {
		return nil, err
	}
	for _, ev := range world.Events {
		e.Event(ev.GetOrgId(), ev.GetUserId(), ev.GetTime().AsTime())
	}
	return e.Report(), nil
}

// Dir is the folder of a seed beneath the one for all.
func Dir(all string, seed uint64) string { return filepath.Join(all, fmt.Sprintf("seed-%d", seed)) }
