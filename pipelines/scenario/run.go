// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

// With is what a story is judged with.
type With struct {
	Settings  []*aerv1.Settings
	Directory []*aerv1.Directory
	Baseline  []*aerv1.Baseline
	// Tor and Networks are paths of exit lists and of databases in MaxMind format.
	Tor, Networks []string
}

// Run tells the story and compares what follows with what must follow.
func (s *Story) Run() (*Result, error) {
	anomalies, decisions, err := s.judge()
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", s.File, err)
	}
	return s.compare(anomalies, decisions), nil
}

// judge finds anomalies and decides about each. A story's own exit list is in the folder for temporary files meanwhile.
func (s *Story) judge() (anomalies []*aerv1.Anomaly, decisions []*aerv1.Decision, err error) {
	found, chosen := s.Findings, []*aerv1.Settings{}
	asked := map[string]bool{} // about once a slice: defaults are worked out once
	for _, ev := range s.Events {
		if !asked[ev.OrgId] {
			asked[ev.OrgId], chosen = true, append(chosen, settings.Default(ev.OrgId))
		}
	}
	decide := s.decide
	decide.Settings = settings.NewSet(append(chosen, s.with.Settings...)).For
	decide.Person = settings.NewPeople(s.with.Directory).Person
	if len(s.Events) > 0 {
		dir, err := os.MkdirTemp("", "scenario")
		if err != nil {
			return nil, nil, err // the error names the operation and the path
		}
		defer os.RemoveAll(dir)
		if found, err = s.detect(dir, &decide); err != nil {
			return nil, nil, err
		}
	}
	anomalies, decisions = decision.Replay(found, decide)
	return anomalies, decisions, nil
}

// detect finds what the events hold, and has budgets count people as a running pipeline does, by the baseline.
func (s *Story) detect(dir string, decide *decision.Config) ([]*aerv1.Anomaly, error) {
	cfg := enrich.DefaultConfig()
	cfg.Network.Databases = s.with.Networks
	lists := s.with.Tor
	if s.tor != "" {
		lists = []string{filepath.Join(dir, "tor.tsv")}
		if err := os.WriteFile(lists[0], []byte(s.tor), 0o600); err != nil {
			return nil, err // the error names the operation and the path
		}
	}
	for _, path := range lists {
		cfg.Tor = append(cfg.Tor, tor.Source{Path: path})
	}
	facts, err := enrich.New(cfg)
	if err != nil {
		return nil, err
	}
	sensitivity := func(orgID, name string) string { return decide.Settings(orgID).GetDetectors()[name].GetSensitivity() }
	engine := local.Config{Enrich: facts.Enrich, Detectors: detector.NewSet(detector.All(), sensitivity)}
	if len(s.with.Baseline) > 0 {
		versions := baseline.NewVersions(s.with.Baseline)
		engine.Baseline = versions
		if decide.ActiveUsers == nil {
			decide.ActiveUsers = func(orgID string, at time.Time) uint32 {
				return versions.At(at).People(cmp.Or(orgID, baseline.Everyone))
			}
		}
	}
	e := local.NewEngine(engine)
	return append(e.Add(s.Events), e.Close()...), nil
}
