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
// ones leave, and the widest all of the rest. A level without support takes nothing; a nil Index knows no level.
func (x *Index) Estimate(a Ask, s Support) Estimate {
	var e Estimate
	if a.UserID != "" {
		e.Parts = append(e.Parts, x.userPart(a, s))
	}
	e.Parts = append(e.Parts, x.orgPart(LevelOrg, a.OrgID, a, s), x.orgPart(LevelEveryone, Everyone, a, s))
	weigh(e.Parts, s)
	for _, p := range e.Parts {
		e.Value += p.Weight * p.Value
	}
	return e
}

// weigh shares the estimate out among the parts that count.
func weigh(parts []Part, s Support) {
	left, widest := 1.0, -1
	for i, p := range parts {
		if p.Cold == "" {
			widest = i
		}
	}
	for i := range widest + 1 {
		p := &parts[i]
		switch {
		case p.Cold != "":
			continue
		case i == widest:
			p.Weight = left
		case p.Level == LevelUser:
			p.Weight = left * float64(p.N) / (float64(p.N) + s.ShrinkDays)
		default:
			p.Weight = left * float64(p.N) / (float64(p.N) + s.ShrinkPeople)
		}
		left -= p.Weight
	}
}

func (x *Index) orgPart(level Level, org string, a Ask, s Support) Part {
	r := x.Org(org, a.Metric, a.Horizon, a.Class)
	if r == nil {
		return Part{Level: level, Cold: "nothing known"}
	}
	p := Part{Level: level, Row: rowName(r), N: r.Users, Value: a.Quantile.of(r.P50, r.P90, r.P99, r.P999),
		Flat: r.P50 == r.Max}
	if r.Users < s.People {
		p.Cold = fmt.Sprintf("%d people, %d needed", r.Users, s.People)
	}
	return p
}

func (x *Index) userPart(a Ask, s Support) Part {
	for _, r := range x.User(a.OrgID, a.UserID) {
		if r.Metric != a.Metric || r.Horizon != a.Horizon || r.Class != a.Class {
			continue
		}
		p := Part{
			Level: LevelUser, Row: joined(r.OrgId, r.UserId, r.Metric, r.Horizon, r.Class), N: r.Days,
			Value: a.Quantile.of(r.P50, r.P90, r.P99, r.Max), Flat: r.P50 == r.Max,
		}
		if r.Days < s.Days {
			p.Cold = fmt.Sprintf("%d days, %d needed", r.Days, s.Days)
		}
		return p
	}
	return Part{Level: LevelUser, Cold: "nothing known"}
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

// rowName is how evidence names a row: org/metric/horizon, and the class of client where there is one.
func rowName(r *aerv1.BaselineOrg) string { return joined(r.OrgId, r.Metric, r.Horizon, r.Class) }

func joined(parts ...string) string { return strings.TrimSuffix(strings.Join(parts, "/"), "/") }
