// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"maps"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// methods is what a version knows of the API methods that people call by interactive clients.
type methods struct {
	// rows are those of each organisation, in the order of the version; all of them together have none.
	rows map[string][]*aerv1.BaselineMethod
	// orgs counts the organisations that call a method; everyone is the mean of their mixes.
	orgs     map[string]int
	everyone map[string]float64
	// mixes are those of Mix.
	mixes map[string]mix
}

// mix is the share of each method in so many calls.
type mix struct {
	shares map[string]float64
	calls  float64
}

// interactiveMethods gathers them when they are first asked for: few slices have calls that nobody expected.
func (x *Index) interactiveMethods() *methods {
	x.methodsOnce.Do(func() {
		m := &methods{rows: map[string][]*aerv1.BaselineMethod{}, orgs: map[string]int{}, everyone: map[string]float64{},
			mixes: map[string]mix{}}
		for _, r := range x.rows.Methods {
			if KindOf(r.Class) == KindInteractive && r.OrgId != Everyone && r.Calls > 0 {
				m.rows[r.OrgId] = append(m.rows[r.OrgId], r)
			}
		}
		x.callsOf = m
		m.average()
		for id := range m.rows {
			m.mixes[id] = m.mix(id, x.minPeople(id))
			if m.mixes[id].calls == 0 {
				m.mixes[id] = m.mix(id, 0)
			}
		}
	})
	return x.callsOf
}

// average gives each organisation one vote, and takes the methods that MinOrgs and more call: no tenant, however busy,
// makes its methods everybody's. Sums of floats depend on their order, so it is one.
func (m *methods) average() {
	for _, rows := range m.rows {
		called := map[string]bool{}
		for _, r := range rows {
			called[r.Method] = true
		}
		for method := range called {
			m.orgs[method]++
		}
	}
	sum := 0.0
	for _, org := range slices.Sorted(maps.Keys(m.rows)) {
		of := m.mix(org, 0).shares
		for _, method := range slices.Sorted(maps.Keys(of)) {
			if m.orgs[method] >= MinOrgs {
				m.everyone[method] += of[method]
				sum += of[method]
			}
		}
	}
	for method := range m.everyone {
		m.everyone[method] /= sum
	}
}

// mix is that of an organisation's calls, of those that at least so many people call.
func (m *methods) mix(orgID string, people uint32) mix {
	out := mix{shares: map[string]float64{}}
	for _, r := range m.rows[orgID] {
		if r.Users >= people {
			out.shares[r.Method] += float64(r.Calls)
			out.calls += float64(r.Calls)
		}
	}
	for method := range out.shares {
		out.shares[method] /= out.calls
	}
	return out
}

// Mix is the share of each API method in what an organisation's people call by interactive clients, and the number of
// those calls: without methods that one account alone calls, which are not the organisation's, unless there are no
// others. Empty where nothing is known. It must not be changed.
func (x *Index) Mix(orgID string) (shares map[string]float64, calls float64) {
	m := x.known().interactiveMethods().mixes[orgID]
	return m.shares, m.calls
}

// EveryonesMix is the mean of the organisations' mixes, of what MinOrgs and more of them call; empty where nothing is
// known. It must not be changed.
func (x *Index) EveryonesMix() map[string]float64 {
	return x.known().interactiveMethods().everyone
}

// MethodOrgs is how many organisations call a method by interactive clients, of how many that call any.
func (x *Index) MethodOrgs(method string) (orgs, all int) {
	m := x.known().interactiveMethods()
	return m.orgs[method], len(m.rows)
}
