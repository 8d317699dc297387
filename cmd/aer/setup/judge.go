// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/settings/follow"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

func (p *Parts) openLists(context.Context) (err error) {
	p.Enricher, err = enrich.New(p.c.Enrich)
	if err != nil {
		return err
	}
	p.Warnings = p.Enricher.Status(time.Now()).Warnings
	p.Detectors = detector.NewSet(detector.All(), func(orgID, kind string) string {
		return p.chosen.SettingsOf(orgID).GetDetectors()[kind].GetSensitivity()
	})
	return nil
}

// readFiles takes settings and people from their files as they are now.
func (p *Parts) readFiles(context.Context) (err error) {
	if p.Chosen, err = parse(p.c.Settings, settings.Parse); err != nil {
		return fmt.Errorf("reading settings: %w", err)
	}
	if p.Directories, err = parse(p.c.Directory, p.readDirectory); err != nil {
		return fmt.Errorf("reading the directory: %w", err)
	}
	p.chosen = follow.Fixed(p.Chosen, p.Directories)
	return nil
}

func parse[T any](path string, do func(string, []byte) ([]T, error)) ([]T, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err // the error names the operation and the path
	}
	return do(path, raw)
}

func (p *Parts) readDirectory(file string, data []byte) ([]*aerv1.Directory, error) {
	dirs, warnings, err := settings.ReadDirectory(file, data)
	for _, w := range warnings {
		slog.Warn("the directory has mistakes", "person", w)
	}
	p.Warnings = append(p.Warnings, warnings...)
	return dirs, err
}

// openBaselines opens the file of baselines. Workers in other processes do so too: each follows the file that its
// configuration names.
func (p *Parts) openBaselines(context.Context) (err error) {
	p.Baselines = baseline.None{}
	if p.c.Baseline == "" {
		return nil
	}
	if p.baseline, err = baseline.OpenFile(p.c.Baseline); err != nil {
		return err
	}
	p.Baselines = baseline.Watch(p.baseline, logCondition)
	return nil
}

func logCondition(c baseline.Change) {
	level := slog.LevelWarn
	if c.Condition == baseline.Fresh {
		level = slog.LevelInfo
	}
	slog.Log(context.Background(), level, c.String())
}

// Core is what the stages of a pipeline judge with.
func (p *Parts) Core(known baseline.Source) *process.Core {
	return &process.Core{Enricher: p.Enricher, Detectors: p.Detectors, Baselines: known, Decide: p.Decide(known)}
}

// Decide is the configuration of the decide stage. Replays know no wall clock, and take it that what ends sessions
// could end the access of an app too.
func (p *Parts) Decide(known baseline.Source) decision.Config {
	d := decision.Config{
		Mode: p.c.Mode, Settings: p.chosen.SettingsOf, Person: p.chosen.Person, ActiveUsers: p.activeUsers(known),
		Now: time.Now, EndsApps: p.c.Sessions.EndsApps(),
	}
	if p.c.Mode == aerv1.ModeReplay {
		d.Now, d.EndsApps = nil, true
	}
	return d
}

// activeUsers counts the people whose activity the baseline valid at the time was derived from: those really active.
// Where there is none yet, the people in the directory stand for them.
func (p *Parts) activeUsers(known baseline.Source) func(string, time.Time) uint32 {
	return func(orgID string, at time.Time) uint32 {
		in := orgID
		if in == "" {
			in = baseline.Everyone
		}
		if known != nil {
			if n := known.At(at).People(in); n > 0 {
				return n
			}
		}
		return p.chosen.Members(orgID)
	}
}

// Replayed is what a replay judges by.
func (p *Parts) Replayed() replay.Rules {
	return replay.Rules{Detectors: p.Detectors, Chosen: p.Chosen, Decide: p.Decide}
}

// History is files of events as replays and baselines read them.
func (p *Parts) History(paths []string, opt event.Options) base.Events {
	return base.Events{Paths: paths, Decode: opt, Enrich: p.Enricher.Enrich}
}
