// Package scraping notices an account that reads its way through content it never touched before.
package scraping

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Config holds the rules, one per horizon.
type Config struct{ Rules []evidence.VolumeRule }

// DefaultConfig counts objects read that the user had not read before, in 5 min (pace), 1 h and 24 h (persistence). Floors
// lie between the busiest legitimate day of the labelled data (57 new objects) and the slowest scrape (123 in a day).
func DefaultConfig() Config {
	return Config{Rules: []evidence.VolumeRule{
		{Metric: "new_reads_5m", Floor: 40, OrgFactor: 2, HabitFactor: 1.5, Pace: true},
		{Metric: "new_reads_1h", Floor: 70, OrgFactor: 2, HabitFactor: 1.5, Recent: "new_reads_5m", RecentPace: 0.5},
		{Metric: "new_reads_24h", Floor: 85, OrgFactor: 2, HabitFactor: 1.5, Recent: "new_reads_1h", RecentPace: 1.5},
	}}
}

// Detector judges the slices in which something was read.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeUnexpectedScraping }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeUnexpectedScraping, Signal: "distinct objects read that the user had not read before", Horizons: "5 min, 1 h, 24 h",
		Threshold: "max(s × F, (1 + s) × busy day × org p90, (1 + s/2) × own habit)", ColdStart: "first day: only the 5 min pace, floor × 4; then floor × 2 until 7 days; only logs while there is no baseline either",
		Evidence: "count, formula with its numbers, client, sessions", Tolerates: "integrations and heavy readers by their habit, polling, busy days over known objects",
	}
}

// Judge reports the horizon on which the user is furthest above the limit, when an object is added to it: whoever comes back to
// what was counted already reads nothing new.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	if !profile.Brings(in.Profile.Reads, in.Slice.Reads, in.Slice.WindowStartMs) {
		return nil
	}
	rule, observed, limit, ok := evidence.Worst(in, d.Config.Rules)
	if !ok {
		return nil
	}
	client, sessions := evidence.BusiestClient(in.Slice, (*aerv1.Facet).GetReads)
	a := evidence.FromSlice(in, d.Type(), "", sessions)
	a.Reasons = evidence.Reasons(aerv1.TypeUnexpectedScraping)
	evidence.Fill(a, rule.Metric, "objects", observed, limit)
	evidence.Usual(a, in, client)
	a.Summary = fmt.Sprintf("%s objects new to %s read in %s; expected at most %s",
		evidence.Number(observed), in.Who(), profile.ByName(rule.Metric).Horizon, evidence.Number(limit.Value))
	return a
}
