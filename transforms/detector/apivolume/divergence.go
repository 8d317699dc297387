package apivolume

import (
	"maps"
	"math"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// isRare says whether at most RareShare of the organisation's people call a method, or of everybody where the organisation
// is too small to tell; false where too few people are known.
func (c MixConfig) isRare(in *evidence.Input, method string) bool {
	org := in.Slice.OrgId
	if in.Baseline.People(org) < c.MinPeople {
		org = baseline.Everyone
	}
	people := in.Baseline.People(org)
	if people < c.MinPeople {
		return false
	}
	users := uint32(0)
	for _, class := range interactiveClasses {
		rows, _ := in.Baseline.Methods(org, class)
		for _, r := range rows {
			if r.Method == method {
				users = max(users, r.Users)
			}
		}
	}
	return float64(users) <= max(1, c.RareShare*float64(people))
}

// interactiveClasses are the classes of client that a person sits in front of.
var interactiveClasses = []string{aerv1.ClassBrowser, aerv1.ClassOfficial, aerv1.ClassMobileApp}

// divergence is the Jensen-Shannon divergence (log2, 0..1) of the hour's calls, smoothed by Prior calls of the
// organisation's own mix, from that mix. known is false where the organisation's mix is not.
func (c MixConfig) divergence(in *evidence.Input, h hour) (d float64, known bool) {
	mix := orgMix(in)
	if mix == nil {
		return 0, false
	}
	n := float64(h.total)
	for method := range h.calls {
		if _, ok := mix[method]; !ok {
			mix[method] = 0
		}
	}
	for _, method := range slices.Sorted(maps.Keys(mix)) { // in one order: a sum of floats depends on it
		q := mix[method]
		p := (float64(h.calls[method]) + c.Prior*q) / (n + c.Prior)
		d += halfTerm(p, q) + halfTerm(q, p)
	}
	return d, true
}

// halfTerm is one half of a term of the divergence: p/2 log2(p / mean).
func halfTerm(p, q float64) float64 {
	if p == 0 {
		return 0
	}
	return p / 2 * math.Log2(2*p/(p+q))
}

// mixShrinkage is how many calls of an organisation weigh as much as everyone's mix.
const mixShrinkage = 1000

// orgMix is the share of each method in the organisation's calls by interactive clients, shrunk towards that of all
// organisations by n/(n+k); nil where no calls are known, or where the slice is of other clients.
func orgMix(in *evidence.Input) map[string]float64 {
	for _, m := range in.Slice.Methods {
		if !profile.Interactive(m.Class) {
			return nil
		}
	}
	own, n := interactiveCalls(in, in.Slice.OrgId)
	all, total := interactiveCalls(in, baseline.Everyone)
	if n == 0 && total == 0 {
		return nil
	}
	w := n / (n + mixShrinkage)
	if total == 0 {
		w = 1
	}
	mix := make(map[string]float64, len(all))
	for method, calls := range own {
		mix[method] = w * calls / n
	}
	for method, calls := range all {
		mix[method] += (1 - w) * calls / total
	}
	return mix
}

// interactiveCalls adds up an organisation's calls by method over the classes of interactive clients.
func interactiveCalls(in *evidence.Input, orgID string) (calls map[string]float64, total float64) {
	calls = map[string]float64{}
	for _, class := range interactiveClasses {
		rows, _ := in.Baseline.Methods(orgID, class)
		for _, r := range rows {
			if r.Calls == 0 {
				continue // no share: with rows of nothing else the sum would be zero, and shares no numbers
			}
			calls[r.Method] += float64(r.Calls)
			total += float64(r.Calls)
		}
	}
	return calls, total
}
