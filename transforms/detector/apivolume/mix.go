// SPDX-License-Identifier: Apache-2.0

package apivolume

import (
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// MixConfig holds the constants of the method mix.
type MixConfig struct {
	// MinActiveDays is how many active days an account needs before a method can be new to it.
	MinActiveDays uint32
	// MinCalls is how many calls of new methods in an hour are unexpected when their mix is foreign, and MinShare the
	// share of the hour's calls that they must have.
	MinCalls uint32
	MinShare float64
	// MinDivergence is the Jensen-Shannon divergence (log2) from the organisation's mix above which a mix is foreign, and
	// Prior the Dirichlet prior that keeps few calls from looking divergent (start values: 0.2 and 25).
	MinDivergence, Prior float64
	// MinRare is how many different new methods that almost nobody calls are unexpected in an hour, where RareCalls calls
	// of them weigh as much as one method more: three methods and five calls are as strange as four, and so are one method
	// and the fifteen calls of MinCalls, from which RareCalls follows. RareShare of the organisation's people is almost
	// nobody; MinPeople how many people must be known for that, and MinOrgs (a start value) how many organisations where
	// these must tell.
	MinRare, RareCalls, MinPeople, MinOrgs uint32
	RareShare                              float64
	// NewForMS is how long a method counts as new after its first use, milliseconds.
	NewForMS int64
}

func defaultMix() MixConfig {
	return MixConfig{
		MinActiveDays: 3, MinCalls: 15, MinShare: 0.3, MinDivergence: 0.2, Prior: 25,
		MinRare: 4, RareCalls: 5, MinPeople: 10, MinOrgs: 20, RareShare: 0.05, NewForMS: 60 * 60 * 1000,
	}
}

// mixHorizonMS is how far back a mix looks: an hour, in milliseconds.
const mixHorizonMS = 60 * 60 * 1000

// hour is what an account called within the last hour.
type hour struct {
	calls map[string]uint32
	total uint32
	// fresh are the methods never called before, rare those of them that almost nobody in the organisation calls.
	fresh, rare           []string
	freshCalls, rareCalls uint32
}

// strangeness is how many rare new methods the hour is worth. Their calls count where they are MinShare of the hour's:
// a new release that asks for something now and then, beside the usual work, is no other hand.
func (c MixConfig) strangeness(h hour) float64 {
	calls := float64(h.rareCalls)
	if len(h.rare) == 0 || calls < c.MinShare*float64(h.total) {
		return float64(len(h.rare))
	}
	return float64(len(h.rare)) + calls/float64(c.RareCalls)
}

// mixSign is one way in which an hour is another hand's, with its numbers.
type mixSign struct {
	signal, unit    string
	observed, limit float64
	filled          string
}

// judgeMix reports an hour in which the account calls methods it never called before: several that almost nobody calls,
// or so many that the mix is neither its own nor its organisation's; of both the one that is exceeded more, so that
// what is added to an answered finding is never measured by another yardstick.
// Only what adds to it is a finding: the owner who goes on working within the hour after a thief has called none of it.
// Of an app it says nothing: a new release calls new methods.
func (d Detector) judgeMix(in *evidence.Input) *aerv1.Anomaly {
	c := d.Config.Mix
	if in.App() || evidence.Cold(in) || in.Profile.ActiveDays < c.MinActiveDays {
		return nil
	}
	if !c.anyNew(in) {
		return nil
	}
	h := c.lastHour(in)
	rare, calls := c.rareMethods(in, h), c.foreignCalls(in, h)
	switch {
	case rare == nil && calls == nil:
		return nil
	case rare == nil || calls != nil && calls.observed/calls.limit > rare.observed/rare.limit:
		return d.mixFinding(in, h, calls)
	}
	return d.mixFinding(in, h, rare)
}

// rareMethods is the sign of several new methods that almost nobody calls, or nil.
func (c MixConfig) rareMethods(in *evidence.Input, h hour) *mixSign {
	strange, limit := c.strangeness(h), float64(c.MinRare)*evidence.SensitivityFactor(in.Sensitivity())
	if strange < limit || !adds(in, h.rare) {
		return nil
	}
	return &mixSign{
		"rare_new_methods_1h", "methods", strange, limit,
		fmt.Sprintf("%d methods new to the account that at most %s %% of the organisation call, with %d of %d calls (/ %d "+
			"from %s %% on): %s ≥ %s",
			len(h.rare), evidence.Number(100*c.RareShare), h.rareCalls, h.total, c.RareCalls, evidence.Number(100*c.MinShare),
			evidence.Number(strange), evidence.Number(limit)),
	}
}

// foreignCalls is the sign of many calls of new methods in a mix that is not the organisation's, or nil. New methods of
// which the organisation makes as large a part of its calls as the hour does are no part of what is foreign.
func (c MixConfig) foreignCalls(in *evidence.Input, h hour) *mixSign {
	s, mix := evidence.SensitivityFactor(in.Sensitivity()), orgMix(in)
	calls, methods := uint32(0), []string(nil)
	for _, m := range h.fresh {
		if mix == nil || float64(h.calls[m]) > mix[m]*float64(h.total) {
			calls, methods = calls+h.calls[m], append(methods, m)
		}
	}
	limit := float64(c.MinCalls) * s
	if !adds(in, methods) || float64(calls) < limit || float64(calls) < c.MinShare*float64(h.total) {
		return nil
	}
	divergence := c.divergence(mix, h)
	if mix != nil && divergence < c.MinDivergence*s {
		return nil
	}
	return &mixSign{
		"calls_of_new_methods_1h", "calls", float64(calls), limit,
		fmt.Sprintf("%d ≥ %s calls of new methods, %d of %d calls (≥ %s %%), divergence from the organisation's mix %s ≥ %s",
			calls, evidence.Number(limit), calls, h.total, evidence.Number(100*c.MinShare),
			divergenceText(divergence, mix != nil), evidence.Number(c.MinDivergence*s)),
	}
}

// adds says whether the slice itself has calls of one of the methods.
func adds(in *evidence.Input, methods []string) bool {
	return slices.ContainsFunc(in.Slice.Methods,
		func(m *aerv1.MethodCount) bool { return slices.Contains(methods, m.Method) })
}

func divergenceText(d float64, known bool) string {
	if !known {
		return "(no baseline)"
	}
	return evidence.Number(d)
}

func (d Detector) mixFinding(in *evidence.Input, h hour, sign *mixSign) *aerv1.Anomaly {
	a := d.finding(in)
	a.EpisodeKey = "mix"
	a.Window.Start = aerv1.TimeMS(profile.CallsFrom(in.EndMS(), mixHorizonMS))
	client, _ := evidence.BusiestClient(in.Slice, (*aerv1.Facet).GetCalls)
	evidence.SurprisedByMethods(a, in, client, h.fresh)
	a.Id = aerv1.NewID("anomaly", a.Id, a.EpisodeKey)
	a.Magnitude = sign.observed / sign.limit
	a.Severity, a.Confidence = evidence.Severity(a.Magnitude), min(0.95, 1-0.3/a.Magnitude)
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = sign.signal, sign.unit, sign.observed, sign.limit
	e.Formula, e.FormulaFilled = "methods new to the account: rare ones ≥ T, or calls ≥ T in a mix foreign to the "+
		"organisation", sign.filled
	e.BaselineRows = methodRows(in)
	e.Notes = append(e.Notes, "new methods: "+strings.Join(h.fresh[:min(len(h.fresh), 8)], ", "))
	a.Summary = fmt.Sprintf("%d calls in 1 h of methods this account never used: %s", h.freshCalls,
		strings.Join(h.fresh[:min(len(h.fresh), 3)], ", "))
	return a
}

// methodRows names the rows that a mix is compared with: those of the organisation and of everyone, as far as there are
// any.
func methodRows(in *evidence.Input) []string {
	var rows []string
	for _, org := range []string{in.Slice.OrgId, baseline.Everyone} {
		for _, class := range interactiveClasses {
			if _, n := in.Baseline.Methods(org, class); n > 0 {
				rows = append(rows, "methods/"+org+"/"+class)
			}
		}
	}
	return rows
}

// anyNew says whether there is a method that is new to the account: without one nothing is foreign.
func (c MixConfig) anyNew(in *evidence.Input) bool {
	since := in.EndMS() - c.NewForMS
	return slices.ContainsFunc(in.Profile.Things(profile.Methods),
		func(k profile.Thing) bool { return k.FirstMS >= since && k.Key != "" })
}

func (c MixConfig) lastHour(in *evidence.Input) hour {
	end := in.EndMS()
	h := hour{calls: profile.RecentCalls(in.Profile, end, mixHorizonMS)}
	for method, n := range h.calls {
		h.total += n
		k := in.Profile.Known(profile.Methods, method)
		if method == "" || k == nil || end-k.FirstMS > c.NewForMS {
			continue
		}
		h.freshCalls += n
		h.fresh = append(h.fresh, method)
		if c.isRare(in, method) {
			h.rare = append(h.rare, method)
			h.rareCalls += n
		}
	}
	slices.Sort(h.fresh)
	return h
}
