// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// ColdDays is how long an account counts as new: by then most people have shown what a week of theirs is. A start
// value.
const ColdDays = 7

// Cold says whether the account is too new to be judged like a known one.
func Cold(in *Input) bool {
	return in.EndMS()-in.Profile.FirstMS < ColdDays*24*60*60*1000
}

// BusiestClient is the client and sessions behind most of what count counts in the slice, the heaviest session first.
func BusiestClient(s *aerv1.Slice, count func(*aerv1.Facet) uint32) (client *aerv1.FacetClient, sessions []string) {
	var top *aerv1.Facet
	for _, f := range s.Facets {
		if count(f) == 0 {
			continue
		}
		if top == nil || count(f) > count(top) {
			top = f
		}
	}
	if top == nil {
		return nil, nil
	}
	if top.SessionId != "" {
		sessions = append(sessions, top.SessionId)
	}
	for _, f := range s.Facets {
		if count(f) > 0 && f.SessionId != "" && f.SessionId != top.SessionId && len(sessions) < 8 {
			sessions = append(sessions, f.SessionId)
		}
	}
	return top.Client, sessions
}

// Usual marks whether the evidence's client and network are ones the user was known by before this day.
func Usual(a *aerv1.Anomaly, in *Input, c *aerv1.FacetClient) {
	if c == nil {
		return
	}
	const dayMS = 24 * 60 * 60 * 1000
	before := in.EndMS() - dayMS
	known := in.Profile.KnownBy(profile.Clients, c)
	network := in.Profile.KnownBy(profile.Networks, c)
	if c.Asn == 0 { // unknown, and not another
		network = in.Profile.KnownBy(profile.Places, c)
	}
	a.Evidence.ClientUsual = known != nil && known.FirstMS < before
	a.Evidence.NetworkUsual = network != nil && network.FirstMS < before
	a.Evidence.Client = Client(c)
	if !a.Evidence.NetworkUsual && c.Asn != 0 {
		a.Evidence.IpAddressDetails = append(a.Evidence.IpAddressDetails, "new-asn")
	}
	if c.Hosting {
		a.Evidence.IpAddressDetails = append(a.Evidence.IpAddressDetails, "cloud-asn")
	}
}
