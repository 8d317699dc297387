// SPDX-License-Identifier: Apache-2.0

// Package volume notices an account that takes far more than its own habit and its organisation explain: scraping,
// where content is read, and excessive downloads, where files are taken.
package volume

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Detector judges the slices in which objects of its kind were taken. It counts those that are new to the user: a burst
// over what is known is work, a burst over what is new is collecting.
type Detector struct {
	// Rules are its thresholds, one per horizon.
	Rules []Rule
	// typ is the anomaly type; unit and done say in summaries what was done with what.
	typ, unit, done string
	doc             evidence.Doc
	// remembered, brought and count find the objects in profile, slice and facet.
	remembered func(*profile.Profile) *profile.Objects
	brought    func(*aerv1.Slice) *aerv1.ObjectSet
	count      func(*aerv1.Facet) uint32
}

// Scraping counts objects read, in 5 min (pace), 1 h and 24 h (persistence). Floors lie between the busiest legitimate
// day of the labelled data (57 new objects) and the slowest scrape (123 in a day).
func Scraping() Detector {
	return Detector{
		typ: aerv1.TypeUnexpectedScraping, unit: "objects", done: " read",
		Rules: []Rule{
			{Metric: profile.NewReads5m, Floor: 40, OrgFactor: 2, HabitFactor: 1.5, Pace: true},
			{Metric: profile.NewReads1h, Floor: 70, OrgFactor: 2, HabitFactor: 1.5,
				Recent: profile.NewReads5m, RecentPace: 0.5},
			{Metric: profile.NewReads24h, Floor: 85, OrgFactor: 2, HabitFactor: 1.5,
				Recent: profile.NewReads1h, RecentPace: 1.5},
		},
		doc: evidence.Doc{
			Signal: "distinct objects read that the user had not read before", Horizons: "5 min, 1 h, 24 h",
			Tolerates: "integrations and heavy readers by their habit, polling, busy days over known objects",
		},
		remembered: reads, brought: (*aerv1.Slice).GetReads, count: (*aerv1.Facet).GetReads,
	}
}

// Downloads counts files. Floors were chosen on labelled data between the busiest legitimate day (27 new files within 3
// h) and the smallest theft (28 within minutes, 63 within a day): pace separates the first pair, persistence the
// second.
func Downloads() Detector {
	return Detector{
		typ: aerv1.TypeExcessiveDownloads, unit: "files",
		Rules: []Rule{
			{Metric: profile.NewDownloads5m, Floor: 18, OrgFactor: 2, HabitFactor: 1.5, Pace: true},
			{Metric: profile.NewDownloads15m, Floor: 18, OrgFactor: 2, HabitFactor: 1.5},
			{Metric: profile.NewDownloads1h, Floor: 32, OrgFactor: 2, HabitFactor: 1.5,
				Recent: profile.NewDownloads5m, RecentPace: 0.5},
			{Metric: profile.NewDownloads24h, Floor: 42, OrgFactor: 2, HabitFactor: 1.5,
				Recent: profile.NewDownloads1h, RecentPace: 1.5},
			{Metric: profile.NewDownloads7d, Floor: 70, OrgFactor: 2, HabitFactor: 1.5,
				Recent: profile.NewDownloads24h, RecentPace: 1.5},
		},
		doc: evidence.Doc{
			Signal: "distinct files the user had not touched before", Horizons: "5 min, 15 min, 1 h, 24 h, 7 whole days",
			Tolerates: "habitual exporters, bursts over known files, one large file",
		},
		remembered: downloads, brought: (*aerv1.Slice).GetDownloads, count: (*aerv1.Facet).GetDownloads,
	}
}

func reads(p *profile.Profile) *profile.Objects     { return &p.Reads }
func downloads(p *profile.Profile) *profile.Objects { return &p.Downloads }

// Type is the anomaly type and the detector's name.
func (d Detector) Type() string { return d.typ }

// Doc describes the detector.
func (d Detector) Doc() evidence.Doc {
	doc := d.doc
	doc.Type, doc.Threshold, doc.ColdStart = d.typ, ThresholdDoc, ColdStartDoc
	doc.Evidence = "count, formula with its numbers, client, sessions"
	return doc
}

// Judge reports the horizon on which the user is furthest above the limit, when an object is added to it: whoever comes
// back to what was counted already takes nothing new.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	if !d.remembered(in.Profile).Brings(d.brought(in.Slice), in.Slice.WindowStartMs) {
		return nil
	}
	rule, observed, limit, ok := Worst(in, d.Rules)
	if !ok {
		return nil
	}
	client, sessions := evidence.BusiestClient(in.Slice, d.count)
	a := evidence.FromSlice(in, d.typ, "", sessions)
	a.Reasons = evidence.Reasons(d.typ)
	Fill(a, rule.Metric, d.unit, observed, limit)
	evidence.Usual(a, in, client)
	a.Summary = fmt.Sprintf("%s %s new to %s%s in %s; expected at most %s", evidence.Number(observed), d.unit, in.Who(),
		d.done, rule.Metric.Horizon(), evidence.Number(limit.Value))
	return a
}
