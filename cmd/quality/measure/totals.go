// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/aer-project/aer/cmd/aer/evaluate"
)

// Bounds are what must hold over all seeds.
type Bounds struct {
	// Found is the least share of attacks, Kind of each kind of attack.
	Found, Kind float64
	// Acted is how many look-alikes may be acted on.
	Acted int
	// Respond and Log are false user-days per 10,000 in the background, by what would be done.
	Respond, Log float64
}

// Promised is what AER promises.
var Promised = Bounds{Found: 0.97, Kind: 0.90, Acted: 0, Respond: 0.5, Log: 3}

// Kind sums up the incidents of a kind.
type Kind struct {
	Incidents, Found, Responds int
}

// Failure is an incident that went wrong, or an alarm in the background that would respond.
type Failure struct {
	Seed uint64
	// What is missed, acted or background.
	What string
	// Incident is its id in the truth, or where an alarm fell; Anomaly is empty for what was missed.
	Incident, Anomaly, Account, Type, Note string
}

// Totals are the sums over seeds.
type Totals struct {
	Seeds               int
	Attacks, LookAlikes map[string]Kind
	UserDays            int
	Responds, LogOnly   int
	Failures            []Failure
}

// NewTotals returns sums of nothing.
func NewTotals() *Totals { return &Totals{Attacks: map[string]Kind{}, LookAlikes: map[string]Kind{}} }

// Add adds the report of a seed.
func (t *Totals) Add(seed uint64, r *evaluate.Report) {
	t.Seeds++
	sum(t.Attacks, r.Attacks)
	sum(t.LookAlikes, r.LookAlikes)
	t.UserDays += r.Background.UserDays
	t.Responds += r.Background.Responds
	t.LogOnly += r.Background.LogOnly
	for _, m := range r.Missed {
		t.Failures = append(t.Failures, Failure{Seed: seed, What: "missed", Incident: m.ID, Account: m.OrgID + "/" +
			m.UserID, Note: m.Note})
	}
	for _, f := range r.False {
		if !f.Responds {
			continue
		}
		what := "acted"
		if len(f.Where) >= len(background) && f.Where[:len(background)] == background {
			what = background
		}
		t.Failures = append(t.Failures, Failure{
			Seed: seed, What: what, Incident: f.Where, Anomaly: f.AnomalyID, Account: f.OrgID + "/" + f.UserID,
			Type: f.Type, Note: f.Evidence,
		})
	}
	slices.SortStableFunc(t.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Incident, b.Incident))
	})
}

// background is how a report says that an alarm belongs to no incident.
const background = "background"

func sum(kinds map[string]Kind, rows []evaluate.KindRow) {
	for _, r := range rows {
		k := kinds[r.Kind]
		kinds[r.Kind] = Kind{k.Incidents + r.Incidents, k.Found + r.Found, k.Responds + r.Responds}
	}
}

// all sums over the kinds.
func all(kinds map[string]Kind) (s Kind) {
	for _, k := range kinds {
		s = Kind{s.Incidents + k.Incidents, s.Found + k.Found, s.Responds + k.Responds}
	}
	return s
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Verdict is one bound and whether it holds.
type Verdict struct {
	Bound, Want, Got string
	Holds            bool
}

// Check compares the sums with bounds.
func (t *Totals) Check(b Bounds) []Verdict {
	attacks, alike := all(t.Attacks), all(t.LookAlikes)
	found := share(attacks.Found, attacks.Incidents)
	respond, log := 10_000*share(t.Responds, t.UserDays), 10_000*share(t.LogOnly, t.UserDays)
	v := []Verdict{{"attacks found", atLeast(b.Found), percent(found), attacks.Incidents > 0 && found >= b.Found}}
	for _, kind := range slices.Sorted(maps.Keys(t.Attacks)) {
		if k := t.Attacks[kind]; share(k.Found, k.Incidents) < b.Kind {
			v = append(v, Verdict{"found of " + kind, atLeast(b.Kind), percent(share(k.Found, k.Incidents)), false})
		}
	}
	return append(v,
		Verdict{"look-alikes acted on", fmt.Sprintf("at most %d", b.Acted), fmt.Sprint(alike.Responds),
			alike.Responds <= b.Acted},
		Verdict{"background that would respond, per 10,000 user-days", fmt.Sprintf("at most %.1f", b.Respond),
			fmt.Sprintf("%.2f", respond), t.UserDays > 0 && respond <= b.Respond},
		Verdict{"background that only logs, per 10,000 user-days", fmt.Sprintf("at most %.1f", b.Log),
			fmt.Sprintf("%.2f", log), t.UserDays > 0 && log <= b.Log},
	)
}

func atLeast(f float64) string { return "at least " + percent(f) }

func percent(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }
