// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/cmd/bench/ladder"
	"github.com/aer-project/aer/pipelines/replay"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
)

// noCollection keeps the collector from emptying pools while allocations are counted, which would make them vary.
const noCollection = "GOGC=off"

// tries is how often a stage is counted before it is said to take more than accepted. A cache that hashes with a new
// seed in every process can have two words of a benchmark push each other out.
const tries = 3

// Stages counts what the benchmarks of the module at root take, again for those that take more than accepted, and gives
// the least.
func Stages(ctx context.Context, root string, accepted Budget) (map[string]Allowed, error) {
	least := map[string]Allowed{}
	for _, g := range ladder.Groups() {
		for range tries {
			rungs, err := g.Run(ctx, root, fmt.Sprintf("%dx", g.Times), noCollection)
			if err != nil {
				return nil, err
			}
			good := true
			for _, r := range rungs {
				now, known := least[r.Name]
				if !known {
					now = Allowed{r.Objects, r.Bytes}
				}
				now = Allowed{min(now.Objects, r.Objects), min(now.Bytes, r.Bytes)}
				least[r.Name] = now
				good = good && accepted.Stages[r.Name].allows(now)
			}
			if good {
				break
			}
		}
	}
	return least, nil
}

// Replays counts what whole replays of a small simulated stream take, in a folder of their own.
func Replays(ctx context.Context, dir string) (map[string]Allowed, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // with one worker the counts are nearly the same every time
	world, err := simulate.Demo(simulate.DemoConfig{Seed: 1, Days: simulate.MinDays})
	if err != nil {
		return nil, err
	}
	if err := world.Write(dir); err != nil {
		return nil, err
	}
	o, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	replays := map[string]Allowed{}
	for form, baseline := range map[string]string{"native": replay.None, "native, rolling": replay.Rolling} {
		o.Baseline = baseline
		if replays[form], err = count(ctx, o); err != nil {
			return nil, fmt.Errorf("replaying %s: %w", form, err)
		}
	}
	return replays, nil
}

func open(ctx context.Context, dir string) (replay.Options, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	c := config.Replay()
	c.Settings, c.Directory, c.Enrich.Tor = in(simulate.SettingsFile), in(simulate.DirectoryFile),
		[]tor.Source{{Path: in(simulate.TorFile)}}
	j, err := setup.Build(ctx, c)
	if err != nil {
		return replay.Options{}, err
	}
	return replay.Options{
		Events: j.History([]string{in(simulate.EventsFile)}, event.Options{}), Rules: j.Replayed(), Out: in("out"),
	}, nil
}

// count replays twice and counts the second time, when pools and caches are filled.
func count(ctx context.Context, o replay.Options) (a Allowed, err error) {
	if _, err := replay.Run(ctx, o); err != nil {
		return a, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := replay.Run(ctx, o)
	if err != nil {
		return a, err
	}
	runtime.ReadMemStats(&after)
	n := float64(res.Events)
	return Allowed{float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n}, nil
}
