// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Rule is a threshold on a metric that is followed for every user:
//
//	T = max(s * F, (1 + (a - 1) * s) * L * Q, (1 + (b - 1) * s) * H)
//
// with F a floor, L how much busier than expected the organisation's day is (1 to 3: a quiet day lowers nothing), Q the
// 90th percentile over the organisation's people of what each does on a busy day, H the user's own habit (the second
// highest day of the last half year, so that one bad day is no habit), and s the sensitivity: how far beyond what is
// usual is too far. What is usual stays so at any sensitivity, or somebody's own second best day would be next to an
// alarm where it is high. The form is the usual one for downloads, but for that and for the percentile: the 99.9th of a
// small organisation is its exporter, who would hide every attacker behind him. Q is shrunk towards all organisations
// as baseline.Index.Estimate does.
type Rule struct {
	Metric profile.Metric
	// Floor is F for an account that is known, in the metric's unit.
	Floor float64
	// OrgFactor and HabitFactor are a and b.
	OrgFactor, HabitFactor float64
	// Recent is a metric of a shorter horizon that must go on at more than RecentPace times the pace that T is over the
	// long one, where RecentPace is not 0: a long window keeps the volume of what ended minutes, hours or days ago, and
	// the person who signs in again after a theft must not be taken for the thief.
	Recent     profile.Metric
	RecentPace float64
	// Pace marks the rule that also holds on an account's first day, when nobody knows its habit: with a floor so high
	// (FirstDayFactor) that no person reaches it.
	Pace bool
}

// ThresholdDoc and ColdStartDoc are what the rules of this package are in the words of evidence.Doc.
const (
	ThresholdDoc = "max(s × F, (1 + s) × busy day × org p90, (1 + s/2) × own habit)"
	ColdStartDoc = "first day: only the 5 min pace, floor × 4; then floor × 2 until 7 days; " +
		"only logs while there is no baseline either"
)

// Learning constants. LagDays keeps the last day out of the habit, so that an attack that crosses midnight does not
// teach its own threshold. The floor of a new account (evidence.Cold) is ColdFactor times as high, because
// everything a new person touches is new; where not even a baseline of others says what people do, as in the first
// weeks of an installation, what exceeds it only logs. Both are start values, checked on the labelled set. From
// hintShare of a limit on, the volume is a hint: it is never shown by itself, and corroborates what other detectors
// find in the same session. A start value.
const (
	LagDays        = 1
	ColdFactor     = 2.0
	FirstDayFactor = 4.0
	habitRank      = 2
	hintShare      = 0.75
)

// appActiveDays is how many days an app must have been active before what it does is held against its habit: programs
// that run once a month have none yet. A start value.
const appActiveDays = 3

// newApp says whether too little is known of an app for its habit to be a measure: people have one another's beside it.
func newApp(in *evidence.Input, m profile.Metric) bool {
	const dayMS = 24 * 60 * 60 * 1000
	age := in.EndMS() - in.Profile.FirstMS
	return age < m.HorizonMS()+(evidence.ColdDays+LagDays)*dayMS || in.Profile.ActiveDays < appActiveDays
}

// Threshold computes the rule's limit for the user of in.
func (r Rule) Threshold(in *evidence.Input) Limit {
	return r.threshold(in, evidence.SensitivityFactor(in.Sensitivity()))
}

// threshold is Threshold at a sensitivity's factor s.
func (r Rule) threshold(in *evidence.Input, s float64) Limit {
	l := Limit{
		sensitivity: s, age: ageFactor(in), busyDay: liveFactor(in, r.Metric), org: beyond(r.OrgFactor, s),
		own: beyond(r.HabitFactor, s),
	}
	l.floor = r.Floor * l.age
	habit, days := in.Profile.Habit(r.Metric, r.habitBefore(in), habitRank)
	l.habit, l.habitDays = float64(habit), days
	if !in.App() { // for an app there is no quantile: people are no measure
		l.baseline, l.ask = in.Baseline, ask(in, r.Metric)
		l.quantile, l.known = in.Baseline.Quantile(l.ask, baseline.DefaultSupport)
	}
	l.newApp = in.App() && newApp(in, r.Metric)
	l.Cold = l.newApp || evidence.Cold(in) && !l.known
	l.Value = max(s*l.floor, l.org*l.busyDay*l.quantile, l.own*l.habit)
	return l
}

// beyond is a factor whose part beyond 1 is scaled by s.
func beyond(factor, s float64) float64 { return 1 + (factor-1)*s }

// liveFactor is how much busier than expected the organisation's day is, by calls for calls and by people for the rest.
func liveFactor(in *evidence.Input, m profile.Metric) float64 {
	if in.App() {
		return 1
	}
	metric := "users"
	if m.Quantity() == "calls" {
		metric = m.Quantity()
	}
	return in.Baseline.LiveFactor(in.Slice.OrgId, metric, time.UnixMilli(in.EndMS()))
}

// habitBefore is the first day that does not count as habit: the metric's horizon and LagDays back.
func (r Rule) habitBefore(in *evidence.Input) uint32 {
	const dayMS = 24 * 60 * 60 * 1000
	return uint32((in.EndMS()-r.Metric.HorizonMS())/dayMS) - LagDays + 1
}

// ageFactor is by how much the floor is raised for a young account.
func ageFactor(in *evidence.Input) float64 {
	switch {
	case firstDay(in):
		return FirstDayFactor
	case evidence.Cold(in):
		return ColdFactor
	}
	return 1
}

// tooYoung says whether the account is younger than a day or than the rule's horizon: everything it touched would be
// new, and nothing is known to compare it with.
func tooYoung(in *evidence.Input, r Rule) bool {
	return firstDay(in) || in.EndMS()-in.Profile.FirstMS < r.Metric.HorizonMS()
}

// firstDay says whether the account was first seen less than a day ago.
func firstDay(in *evidence.Input) bool { return in.EndMS()-in.Profile.FirstMS < 24*60*60*1000 }

// ask is the question for the organisation's p90, shrunk towards that of all organisations.
func ask(in *evidence.Input, m profile.Metric) baseline.Ask {
	a := baseline.Ask{OrgID: in.Slice.OrgId, Metric: m.Quantity(), Horizon: m.Horizon(), Quantile: baseline.Q90}
	if m.Quantity() == "calls" {
		a.Class = busiestClass(in.Slice)
	}
	return a
}

// busiestClass is the class of client that made most of the slice's calls, the first of several alike.
func busiestClass(s *aerv1.Slice) (best string) {
	class, calls, most := "", uint32(0), uint32(0)
	for _, m := range s.Methods { // sorted by class
		if m.Class != class {
			class, calls = m.Class, 0
		}
		if calls += m.Calls; calls > most {
			best, most = class, calls
		}
	}
	return best
}
