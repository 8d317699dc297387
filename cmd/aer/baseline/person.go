// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	core "github.com/aer-project/aer/transforms/baseline"
)

// Person is what is known of one.
type Person struct {
	ActiveDays uint32    `json:"active_days"`
	Habits     []Habit   `json:"habits,omitempty"`
	Clients    []KnownBy `json:"clients,omitempty"`
	Networks   []KnownBy `json:"networks,omitempty"`
}

// Habit is the distribution of a metric over a person's days with it.
type Habit struct {
	Metric  string  `json:"metric"`
	Horizon string  `json:"horizon"`
	Class   string  `json:"class,omitempty"`
	Days    uint32  `json:"days"`
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	// Weight is the person's share, n/(n+k), where an estimate is drawn towards the organisation.
	Weight float64 `json:"weight"`
	Cold   string  `json:"cold,omitempty"`
}

// KnownBy is a client or network that a person is known by.
type KnownBy struct {
	Name string    `json:"name"`
	Days uint32    `json:"days"`
	Last time.Time `json:"last_seen"`
}

func personOf(x *core.Index, q Question) *Person {
	p := &Person{}
	for _, r := range x.User(q.OrgID, q.UserID) {
		p.ActiveDays = max(p.ActiveDays, r.ActiveDays)
		e := x.Estimate(core.Ask{OrgID: q.OrgID, UserID: q.UserID, Metric: r.Metric, Horizon: r.Horizon, Class: r.Class,
			Quantile: core.Q99}, core.DefaultSupport)
		p.Habits = append(p.Habits, Habit{r.Metric, r.Horizon, r.Class, r.Days, r.P50, r.P99, r.Max,
			e.Parts[0].Weight, e.Parts[0].Cold})
	}
	for _, c := range x.UserClients(q.OrgID, q.UserID) {
		p.Clients = append(p.Clients, KnownBy{c.Family + " (" + c.Class + ")", c.Days, c.LastSeen.AsTime()})
	}
	for _, n := range x.UserNetworks(q.OrgID, q.UserID) {
		p.Networks = append(p.Networks, KnownBy{fmt.Sprintf("AS%d", n.Asn), n.Days, n.LastSeen.AsTime()})
	}
	for _, list := range [][]KnownBy{p.Clients, p.Networks} {
		slices.SortStableFunc(list, func(a, b KnownBy) int { return cmp.Compare(b.Days, a.Days) })
	}
	return p
}
