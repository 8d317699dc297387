// SPDX-License-Identifier: Apache-2.0

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

// isRare says whether at most RareShare of the organisation's people call a method; false where too few people are
// known. For an organisation that is too small to tell, others do by organisation: rare is then what RareShare of them
// call, or fewer than a tenant needs friends to teach others (baseline.MinOrgs); false where too few organisations are
// known.
func (c MixConfig) isRare(in *evidence.Input, method string) bool {
	org := in.Slice.OrgId
	people := in.Baseline.People(org)
	if people < c.MinPeople {
		orgs, all := in.Baseline.MethodOrgs(method)
		return uint32(all) >= c.MinOrgs && float64(orgs) <= max(baseline.MinOrgs-1, c.RareShare*float64(all))
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
// organisation's own mix, from that mix; 0 where the organisation's mix is not known.
func (c MixConfig) divergence(mix map[string]float64, h hour) (d float64) {
	if mix == nil {
		return 0
	}
	n := float64(h.total)
	methods := maps.Clone(mix)
	for method := range h.calls {
		methods[method] = mix[method]
	}
	for _, method := range slices.Sorted(maps.Keys(methods)) { // in one order: a sum of floats depends on it
		q := methods[method]
		p := (float64(h.calls[method]) + c.Prior*q) / (n + c.Prior)
		d += halfTerm(p, q) + halfTerm(q, p)
	}
	return d
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

// orgMix is the share of each method in the organisation's calls by interactive clients, shrunk towards the mean of all
// organisations by n/(n+k); nil where no calls are known, or where the slice is of other clients.
func orgMix(in *evidence.Input) map[string]float64 {
	for _, m := range in.Slice.Methods {
		if !profile.Interactive(m.Class) {
			return nil
		}
	}
	own, n := in.Baseline.Mix(in.Slice.OrgId)
	all := in.Baseline.EveryonesMix()
	if len(own)+len(all) == 0 {
		return nil
	}
	w := n / (n + mixShrinkage)
	if len(all) == 0 {
		w = 1
	}
	mix := make(map[string]float64, len(all))
	for method, share := range own {
		mix[method] = w * share
	}
	for method, share := range all {
		mix[method] += (1 - w) * share
	}
	return mix
}
