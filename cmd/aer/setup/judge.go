// Package setup builds what pipelines judge with and where their results go, from files and a configuration. It is the
// place where the parts are wired together; the pipelines themselves know none of the choices made here.
package setup

import (
	"fmt"
	"os"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
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
	// Settings gives an organisation's settings, or the defaults. Safe for concurrent use.
	Settings func(orgID string) *aerv1.Settings
	people   *settings.People
	members  map[string]uint32
}

// OpenJudge reads the files.
func OpenJudge(f Files) (*Judge, error) {
	j := &Judge{members: map[string]uint32{}}
	var err error
	if j.Enricher, err = enrich.New(f.Enrich); err != nil {
		return nil, err
	}
	if j.Chosen, err = parse(f.Settings, settings.Parse); err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	if j.Directories, err = parse(f.Directory, settings.ParseDirectory); err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	j.Settings = remembered(settings.NewSet(j.Chosen).For)
	j.people = settings.NewPeople(j.Directories)
	for _, d := range j.Directories {
		j.members[d.GetOrgId()] = uint32(len(d.GetPeople()))
		j.members[""] += uint32(len(d.GetPeople()))
	}
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

// orgsRemembered bounds the memory of organisations without settings of their own, whose ids come from events.
const orgsRemembered = 100_000

// remembered keeps answers, because making default settings costs far more than judging a slice.
func remembered(of func(string) *aerv1.Settings) func(string) *aerv1.Settings {
	var mu sync.RWMutex
	known := map[string]*aerv1.Settings{}
	return func(orgID string) *aerv1.Settings {
		mu.RLock()
		s := known[orgID]
		mu.RUnlock()
		if s != nil {
			return s
		}
		s = of(orgID)
		mu.Lock()
		defer mu.Unlock()
		if len(known) >= orgsRemembered {
			clear(known)
		}
		known[orgID] = s
		return s
	}
}

// Decide is the configuration of the decide stage. now is nil in replays.
func (j *Judge) Decide(mode string, baselines baseline.Source, now func() time.Time) decision.Config {
	return decision.Config{
		Mode: mode, Settings: j.Settings, Person: j.people.Person, Now: now,
		ActiveUsers: j.activeUsers(baselines),
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
		return j.members[orgID]
	}
}

// Worker is what the stages of a pipeline judge with. now is nil in replays.
func (j *Judge) Worker(mode string, baselines baseline.Source, now func() time.Time) *transforms.Worker {
	return &transforms.Worker{
		Enricher: j.Enricher, Detectors: j.Detectors, Baselines: baselines, Decide: j.Decide(mode, baselines, now), Now: now,
	}
}
