// Package setup builds what pipelines judge with and where their results go, from files and a configuration. It is the
// place where the parts are wired together; the pipelines themselves know none of the choices made here.
package setup

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	follower "github.com/aer-project/aer/sinks/settings/follow"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/process"
)

// Files names what events are judged by. All are optional.
type Files struct {
	Enrich enrich.Config
	// Settings and Directory are YAML files, see package settings.
	Settings, Directory string
}

// Judge is what is needed to find anomalies and to decide about them.
type Judge struct {
	Enricher    *enrich.Enricher
	Detectors   *detector.Set
	Chosen      []*aerv1.Settings
	Directories []*aerv1.Directory
	// Warnings are what was left out of the lists and of the directory when they were read.
	Warnings []string
	// EndsApps: what ends sessions here can end the access of an app. Replays take it that it can.
	EndsApps bool
	// Settings gives an organisation's settings, or the defaults. Safe for concurrent use.
	Settings func(orgID string) *aerv1.Settings
	// chosen is where Settings and the people come from.
	chosen *follower.Follower
	// store is the one that chosen follows; nil if it follows none.
	store kv.Store
	// live: chosen follows a store, and is what responses go by too.
	live bool
}

// OpenJudge reads the files.
func OpenJudge(f Files) (*Judge, error) {
	j := &Judge{}
	var err error
	if j.Enricher, err = enrich.New(f.Enrich); err != nil {
		return nil, err
	}
	j.Warnings = j.Enricher.Status(time.Now()).Warnings
	if j.Chosen, err = parse(f.Settings, settings.Parse); err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	if j.Directories, err = parse(f.Directory, j.readDirectory); err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	j.use(follower.Fixed(j.Chosen, j.Directories))
	j.Detectors = detector.NewSet(detector.All(), func(orgID, kind string) string {
		return j.Settings(orgID).GetDetectors()[kind].GetSensitivity()
	})
	return j, nil
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

func (j *Judge) readDirectory(file string, data []byte) ([]*aerv1.Directory, error) {
	dirs, warnings, err := settings.ReadDirectory(file, data)
	for _, w := range warnings {
		slog.Warn("the directory has mistakes", "person", w)
	}
	j.Warnings = append(j.Warnings, warnings...)
	return dirs, err
}

// use lets the judge go by what f knows; before it judges anything.
func (j *Judge) use(f *follower.Follower) { j.chosen, j.Settings = f, f.SettingsOf }

// Decide is the configuration of the decide stage. now is nil in replays.
func (j *Judge) Decide(mode string, baselines baseline.Source, now func() time.Time) decision.Config {
	return decision.Config{
		Mode: mode, Settings: j.Settings, Person: j.chosen.Person, Now: now,
		ActiveUsers: j.activeUsers(baselines), EndsApps: j.EndsApps || mode == aerv1.ModeReplay,
	}
}

// activeUsers counts the people whose activity the baseline valid at the time was derived from: those really active. Where
// there is none yet, the people in the directory stand for them.
func (j *Judge) activeUsers(baselines baseline.Source) func(string, time.Time) uint32 {
	return func(orgID string, at time.Time) uint32 {
		in := orgID
		if in == "" {
			in = baseline.Everyone
		}
		if baselines != nil {
			if n := baselines.At(at).People(in); n > 0 {
				return n
			}
		}
		return j.chosen.Members(orgID)
	}
}

// Worker is what the stages of a pipeline judge with. now is nil in replays.
func (j *Judge) Worker(mode string, baselines baseline.Source, now func() time.Time) *process.Worker {
	return &process.Worker{
		Enricher: j.Enricher, Detectors: j.Detectors, Baselines: baselines, Decide: j.Decide(mode, baselines, now), Now: now,
	}
}
