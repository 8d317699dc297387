// Package downloads notices a person who takes far more files than the organisation and the person's own habit explain.
package downloads

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Config holds the rules, one per horizon.
type Config struct{ Rules []evidence.VolumeRule }

// DefaultConfig counts files that the user had not touched before: a burst over known files is work, a burst over new
// ones is collecting. Floors were chosen on labelled data between the busiest legitimate day (27 new files within 3 h)
// and the smallest theft (28 within minutes, 63 within a day): pace separates the first pair, persistence the second.
func DefaultConfig() Config {
	return Config{Rules: []evidence.VolumeRule{
		{Metric: "new_downloads_5m", Floor: 18, OrgFactor: 2, HabitFactor: 1.5, Pace: true},
		{Metric: "new_downloads_15m", Floor: 18, OrgFactor: 2, HabitFactor: 1.5},
		{Metric: "new_downloads_1h", Floor: 32, OrgFactor: 2, HabitFactor: 1.5, Recent: "new_downloads_5m", RecentPace: 0.5},
		{Metric: "new_downloads_24h", Floor: 42, OrgFactor: 2, HabitFactor: 1.5, Recent: "new_downloads_1h", RecentPace: 1.5},
		{Metric: "new_downloads_7d", Floor: 70, OrgFactor: 2, HabitFactor: 1.5, Recent: "new_downloads_24h", RecentPace: 1.5},
	}}
}

// Detector judges the slices in which something was downloaded.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeExcessiveDownloads }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeExcessiveDownloads, Signal: "distinct files the user had not touched before", Horizons: "5 min, 15 min, 1 h, 24 h, 7 whole days",
		Threshold: "max(s × F, (1 + s) × busy day × org p90, (1 + s/2) × own habit)", ColdStart: "first day: only the 5 min pace, floor × 4; then floor × 2 until 7 days; only logs while there is no baseline either",
		Evidence: "count, formula with its numbers, client, sessions", Tolerates: "habitual exporters, bursts over known files, one large file",
	}
}

// Judge reports the horizon on which the user is furthest above the limit, when a file is added to it: whoever comes back to
// what was counted already takes nothing.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	if !profile.Brings(in.Profile.Downloads, in.Slice.Downloads, in.Slice.WindowStartMs) {
		return nil
	}
	rule, observed, limit, ok := evidence.Worst(in, d.Config.Rules)
	if !ok {
		return nil
	}
	client, sessions := evidence.BusiestClient(in.Slice, (*aerv1.Facet).GetDownloads)
	a := evidence.FromSlice(in, d.Type(), "", sessions)
	a.Reasons = evidence.Reasons(aerv1.TypeExcessiveDownloads)
	evidence.Fill(a, rule.Metric, "files", observed, limit)
	evidence.Usual(a, in, client)
	a.Summary = fmt.Sprintf("%s files new to %s in %s; expected at most %s",
		evidence.Number(observed), in.Who(), profile.ByName(rule.Metric).Horizon, evidence.Number(limit.Value))
	return a
}
