// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"maps"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/detector/apivolume"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/volume"
	"github.com/aer-project/aer/transforms/profile"
)

// Question is what to show: the thresholds of an organisation, or of one person, at a time.
type Question struct {
	OrgID, UserID string
	At            time.Time
	// Profile is the person's as remembered until At; nil stands for a known account without habits.
	Profile *profile.Profile
}

// Answer is what a version says to a question.
type Answer struct {
	OrgID      string    `json:"org_id"`
	UserID     string    `json:"user_id,omitempty"`
	At         time.Time `json:"at"`
	Version    string    `json:"version"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	// People is how many the version knows in the organisation; Everyone in all.
	People   uint32 `json:"people"`
	Everyone uint32 `json:"everyone"`
	// HabitDays is the length of the history that ends LagDays before the version; 0 where the version does not say.
	HabitDays uint32 `json:"habit_days,omitempty"`
	LagDays   uint32 `json:"lag_days,omitempty"`

	Thresholds []Threshold `json:"thresholds"`
	Signs      []Signs     `json:"signs"`
	// Cold says what is not known and what is used instead.
	Cold     []string `json:"cold,omitempty"`
	Families []Family `json:"families,omitempty"`
	// Fingerprints counts those known for each family: by the organisation's own people, or by five organisations.
	Fingerprints map[string]int `json:"fingerprints,omitempty"`
	// Hours are the factors of the hour of the week and of the day so far, by metric.
	Hours  []Hour  `json:"hours,omitempty"`
	Person *Person `json:"person,omitempty"`
}

// Threshold is one rule of a detector with its limit at each sensitivity, in the metric's unit.
type Threshold struct {
	Detector string  `json:"detector"`
	Metric   string  `json:"metric"`
	Horizon  string  `json:"horizon"`
	Class    string  `json:"class,omitempty"`
	Low      float64 `json:"low"`
	Medium   float64 `json:"medium"`
	High     float64 `json:"high"`
	// Formula is that of medium with its numbers; Rows and People are what the organisation's part stands on.
	Formula string   `json:"formula"`
	Rows    []string `json:"rows,omitempty"`
	// OrgWeight is the organisation's share of its quantile, n/(n+k); the rest is everyone's. EveryoneWeight may be 0 as
	// well: then the floor is all there is.
	OrgWeight      float64  `json:"org_weight"`
	EveryoneWeight float64  `json:"everyone_weight"`
	Notes          []string `json:"notes,omitempty"`
	// Flat says that everybody is alike, so that the quantile says nothing about what is unusual.
	Flat bool `json:"flat,omitempty"`
}

// Signs is a detector that weighs signs instead of counting.
type Signs struct {
	Detector  string `json:"detector"`
	Threshold string `json:"threshold"`
	ColdStart string `json:"cold_start"`
}

// Family is a client family of the organisation with its share of all sessions.
type Family struct {
	Family   string  `json:"family"`
	Users    uint32  `json:"users"`
	Sessions uint32  `json:"sessions"`
	Share    float64 `json:"share"`
}

// Hour is how busy an organisation is expected to be at the hour, and how busy the day is.
type Hour struct {
	Metric string  `json:"metric"`
	Factor float64 `json:"factor,omitempty"`
	Weeks  uint32  `json:"weeks,omitempty"`
	Live   float64 `json:"live,omitempty"`
}

// Show answers from the version that is used at the time, which may be nil.
func Show(x *core.Index, q Question) Answer {
	a := Answer{OrgID: q.OrgID, UserID: q.UserID, At: q.At.UTC(), Version: x.Version(), People: x.People(q.OrgID),
		Everyone: x.People(core.Everyone)}
	a.ValidFrom, a.ValidUntil = x.Valid()
	a.HabitDays, a.LagDays = x.History()
	for _, d := range detector.All() {
		rules := volumeRules(d)
		for _, r := range rules {
			a.Thresholds = append(a.Thresholds, thresholds(x, q, d.Type(), r)...)
		}
		if rules == nil {
			a.Signs = append(a.Signs, Signs{d.Type(), d.Doc().Threshold, d.Doc().ColdStart})
		}
	}
	a.Cold = cold(x, q)
	families(&a, x)
	a.Fingerprints = x.Fingerprints(q.OrgID)
	for _, metric := range []string{"users", "calls"} {
		h, live := x.Hour(q.OrgID, metric, q.At), x.Live(q.OrgID, metric, q.At)
		if h != nil || live != nil {
			a.Hours = append(a.Hours, Hour{metric, h.GetFactor(), h.GetWeeks(), live.GetFactor()})
		}
	}
	if q.UserID != "" {
		a.Person = personOf(x, q)
	}
	return a
}

// volumeRules are the rules of a detector that counts; nil of one that does not.
func volumeRules(d detector.Detector) []volume.Rule {
	switch d := d.(type) {
	case volume.Detector:
		return d.Rules
	case apivolume.Detector:
		return d.Config.Rules
	}
	return nil
}

// thresholds evaluates a rule as the detectors do; calls once for each class of client that the organisation uses.
func thresholds(x *core.Index, q Question, typ string, r volume.Rule) []Threshold {
	m := r.Metric
	var out []Threshold
	for _, class := range classes(x, q.OrgID, m) {
		t := Threshold{Detector: typ, Metric: m.String(), Horizon: m.Horizon(), Class: class}
		for _, s := range []struct {
			name string
			to   *float64
		}{{aerv1.SensitivityLow, &t.Low}, {aerv1.SensitivityMedium, &t.Medium}, {aerv1.SensitivityHigh, &t.High}} {
			l := r.Threshold(input(x, q, class, s.name))
			*s.to = l.Value
			if s.name == aerv1.SensitivityMedium {
				t.Formula, t.Notes = l.Formula(), l.Notes()
				t.Rows, _ = l.Rows()
			}
		}
		e := x.Estimate(core.Ask{OrgID: q.OrgID, Metric: m.Quantity(), Horizon: m.Horizon(), Class: class,
			Quantile: core.Q90},
			core.DefaultSupport)
		t.OrgWeight, t.EveryoneWeight = e.Parts[0].Weight, e.Parts[1].Weight
		t.Flat = e.Parts[0].Flat && t.OrgWeight > 0
		out = append(out, t)
	}
	return out
}

const day = 24 * time.Hour

// knownFor is the age of the account that thresholds are shown for where no profile is given: beyond every cold start.
const knownFor = 180 * day

func input(x *core.Index, q Question, class, sensitivity string) *evidence.Input {
	p := q.Profile
	if p == nil {
		p = profile.New(aerv1.OrgID(q.OrgID), aerv1.UserID(q.UserID))
		p.FirstMS = q.At.Add(-knownFor).UnixMilli()
	}
	s := &aerv1.Slice{OrgId: q.OrgID, UserId: q.UserID, WindowStartMs: q.At.UnixMilli()}
	if class != "" {
		s.Methods = []*aerv1.MethodCount{{Class: class, Calls: 1}}
	}
	return &evidence.Input{Profile: p, Slice: s, Baseline: x, Choice: evidence.Chosen(sensitivity)}
}

// classes are the classes of client that a metric is kept for in an organisation: one empty one for most.
func classes(x *core.Index, orgID string, m profile.Metric) []string {
	if m.Quantity() != "calls" {
		return []string{""}
	}
	seen := map[string]bool{}
	for _, org := range []string{orgID, core.Everyone} {
		for _, class := range x.Classes(org, m.Quantity(), m.Horizon()) {
			seen[class] = true
		}
	}
	if len(seen) == 0 {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(seen))
}

func families(a *Answer, x *core.Index) {
	for _, r := range x.Families(a.OrgID) {
		_, all := x.Family(a.OrgID, r.Family)
		a.Families = append(a.Families, Family{r.Family, r.Users, r.Sessions, float64(r.Sessions) / float64(max(all, 1))})
	}
}

// cold lists what is not known, and what takes its place.
func cold(x *core.Index, q Question) []string {
	if x == nil {
		return []string{"no version begins before this time: fixed limits and the person's own habits (prior) are used"}
	}
	var out []string
	if note := x.StaleNote(q.At); note != "" {
		out = append(out, note)
	}
	need := core.DefaultSupport.People
	switch own, all := x.People(q.OrgID), x.People(core.Everyone); {
	case all < need:
		out = append(out,
			fmt.Sprintf("%d people in all organisations together, %d needed: fixed limits (prior) are used", all, need))
	case own == 0:
		out = append(out, "the organisation is not known (cold start): the numbers of all organisations together are used")
	case own < need:
		out = append(out,
			fmt.Sprintf("%d people in the organisation, %d needed: the numbers of all organisations together are used", own,
				need))
	}
	if q.UserID != "" && q.Profile == nil && !x.HasPeople() {
		out = append(out, "the version has no rows of single people; the pipeline remembers their habits itself")
	} else if q.UserID != "" && q.Profile == nil && len(x.User(q.OrgID, q.UserID)) == 0 {
		out = append(out, "the person is not known in this history (cold start): for new accounts floors are raised")
	}
	return out
}
