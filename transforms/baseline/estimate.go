// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Level says whose history a number stands on.
type Level string

// The levels, from the narrowest. Where none of them knows enough, the detector's own prior (its floor) is what
// remains.
//
// A quantile is over people, so nobody teaches others by doing more: an account moves it by one rank of a hundred and
// more (Support.People), a tenant by its share of all people. One that has a tenth of everybody does decide everybody's
// 90th percentile, towards which organisations with few people are drawn; how far that raises a threshold no floor
// bounds.
const (
	LevelUser     Level = "user"
	LevelOrg      Level = "org"
	LevelEveryone Level = "everyone"
)

// Support is what a level needs before it counts, and how strongly it is drawn towards the next one.
type Support struct {
	// People is the least number of people behind a row over people, Days that of days behind one person's.
	People, Days uint32
	// ShrinkPeople and ShrinkDays are k in the weight n/(n+k) of a level: at n = k it counts half.
	ShrinkPeople, ShrinkDays float64
}

// DefaultSupport asks for enough: a 90th percentile stands on the tenth of the people above it, ten at least; a
// person's habit needs two working weeks. Both ks are start values, checked on the labelled set for organisations.
var DefaultSupport = Support{People: 100, Days: 10, ShrinkPeople: 20, ShrinkDays: 20}

// Ask names a number: a quantile of a metric over a horizon. UserID may be empty: then the levels begin with the
// organisation.
type Ask struct {
	OrgID, UserID, Metric, Horizon, Class string
	// Quantile is one of the Q constants.
	Quantile Quantile
}

// Quantile is one that baselines hold.
type Quantile int

// The quantiles, in thousandths. Rows of users have no 99.9th; their largest value stands for it.
const (
	Q50  Quantile = 500
	Q90  Quantile = 900
	Q99  Quantile = 990
	Q999 Quantile = 999
)

// Part is what one level contributes to an Estimate.
type Part struct {
	Level Level
	// Row names the row as evidence does: org[/user]/metric/horizon[/class]; "" if there is none.
	Row string
	// N is the people behind the row, or the days of a person's.
	N uint32
	// Value is the row's quantile. Weight is its share of the estimate: the weights of all parts sum to 1, or to 0.
	Value, Weight float64
	// Cold says why the level does not count; "" if it does.
	Cold string
	// Flat says that everybody (every day) is alike: no quantile says anything about how far from it is unusual.
	Flat bool
}

// Estimate is a number with the levels that it comes from.
type Estimate struct {
	Value float64
	// Parts has all levels that were asked for, from the narrowest.
	Parts []Part
}

// Level is the one with the largest share, the narrower of two alike; "" if none knows enough.
func (e Estimate) Level() Level {
	var top Part
	for _, p := range e.Parts {
		if p.Weight > top.Weight {
			top = p
		}
	}
	return top.Level
}

// Estimate shrinks the narrowest level that is known towards the wider ones: each takes n/(n+k) of what the narrower
// ones leave, and the widest all of the rest. A level without support takes nothing; a nil Index knows no level. It is
// for people who want to know why; Quantile has the number alone.
func (x *Index) Estimate(a Ask, s Support) (e Estimate) {
	levels := x.levels(a, s)
	for i := range levels {
		l := &levels[i]
		if l.level != LevelUser || a.UserID != "" {
			e.Parts = append(e.Parts, l.part(s))
		}
	}
	e.Value, _ = sum(levels)
	return e
}

// Quantile is the value of Estimate; known is false where no level counts.
func (x *Index) Quantile(a Ask, s Support) (value float64, known bool) { return sum(x.levels(a, s)) }

// contribution is a Part as numbers.
type contribution struct {
	level         Level
	person        *aerv1.BaselineUser // of LevelUser; nil if there is no row
	people        *aerv1.BaselineOrg  // of the other levels
	counts        bool
	n             uint32
	value, weight float64
}

// levels are all from the narrowest, with their weights.
func (x *Index) levels(a Ask, s Support) (out [3]contribution) {
	out[0].level, out[1].level, out[2].level = LevelUser, LevelOrg, LevelEveryone
	if r := x.habit(a); r != nil {
		out[0].person, out[0].n, out[0].counts = r, r.Days, r.Days >= s.Days
		out[0].value = a.Quantile.of(r.P50, r.P90, r.P99, r.Max)
	}
	for i, org := range [...]string{a.OrgID, Everyone} {
		if r := x.Org(org, a.Metric, a.Horizon, a.Class); r != nil {
			l := &out[1+i]
			l.people, l.n, l.counts = r, r.Users, r.Users >= s.People
			l.value = a.Quantile.of(r.P50, r.P90, r.P99, r.P999)
		}
	}
	weigh(&out, s)
	return out
}

// weigh shares the estimate out among the levels that count.
func weigh(levels *[3]contribution, s Support) {
	left, widest := 1.0, -1
	for i, l := range levels {
		if l.counts {
			widest = i
		}
	}
	for i := range widest + 1 {
		l := &levels[i]
		switch {
		case !l.counts:
			continue
		case i == widest:
			l.weight = left
		case l.level == LevelUser:
			l.weight = left * float64(l.n) / (float64(l.n) + s.ShrinkDays)
		default:
			l.weight = left * float64(l.n) / (float64(l.n) + s.ShrinkPeople)
		}
		left -= l.weight
	}
}

func sum(levels [3]contribution) (value float64, known bool) {
	for _, l := range levels {
		value += l.weight * l.value
		known = known || l.weight > 0
	}
	return value, known
}

// part puts a contribution into words.
func (l contribution) part(s Support) Part {
	p := Part{Level: l.level, N: l.n, Value: l.value, Weight: l.weight, Cold: "nothing known"}
	switch {
	case l.person != nil:
		r := l.person
		p.Row = joined(r.OrgId, r.UserId, r.Metric, r.Horizon, r.Class)
		p.Flat, p.Cold = r.P50 == r.Max, fmt.Sprintf("%d days, %d needed", r.Days, s.Days)
	case l.people != nil:
		r := l.people
		p.Row = joined(r.OrgId, r.Metric, r.Horizon, r.Class)
		p.Flat, p.Cold = r.P50 == r.Max, fmt.Sprintf("%d people, %d needed", r.Users, s.People)
	}
	if l.counts {
		p.Cold = ""
	}
	return p
}

// habit is the row of a person's metric, or nil.
func (x *Index) habit(a Ask) *aerv1.BaselineUser {
	if a.UserID == "" {
		return nil
	}
	for _, r := range x.User(a.OrgID, a.UserID) {
		if r.Metric == a.Metric && r.Horizon == a.Horizon && r.Class == a.Class {
			return r
		}
	}
	return nil
}

// of picks the quantile; the last stands for the 99.9th.
func (q Quantile) of(p50, p90, p99, last float64) float64 {
	switch q {
	case Q50:
		return p50
	case Q90:
		return p90
	case Q99:
		return p99
	}
	return last
}

// joined is how evidence names a row: org[/user]/metric/horizon, and the class of client where there is one.
func joined(parts ...string) string { return strings.TrimSuffix(strings.Join(parts, "/"), "/") }
