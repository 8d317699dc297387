// SPDX-License-Identifier: Apache-2.0

package fingerprint

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// beside says whether the session's own client had been at the facet's address before, so that both move together: the
// browser in which somebody signs in to an application on a train, or the laptop's proxy that is switched on there. One
// address says so of one known device, else it takes two: a thief who begins with a copied client has an address in
// common with it as well.
func beside(s *profile.Session, f *aerv1.Facet) bool {
	here := f.Client.GetIp()
	own := ownAddresses(s, f.FirstMs)
	if here == "" || !own[here] {
		return false
	}
	if f.Client.GetDeviceId() != "" && f.Client.GetDeviceId() == s.Bound.GetDeviceId() {
		return true
	}
	for _, c := range s.Clients {
		ip := c.Client.GetIp()
		if ip != here && own[ip] && c.FirstMS < f.FirstMs && c.Client.GetUserAgent() == f.Client.GetUserAgent() &&
			c.Client.GetDeviceId() == f.Client.GetDeviceId() {
			return true
		}
	}
	return false
}

// ownAddresses are where the session's own client was seen in it before ms.
func ownAddresses(s *profile.Session, ms int64) map[string]bool {
	at := map[string]bool{}
	for _, c := range s.Clients {
		b := s.Bound
		if c.FirstMS < ms && c.Client.GetUserAgent() == b.GetUserAgent() && c.Client.GetDeviceId() == b.GetDeviceId() &&
			!shape.Contradict(b.GetJa4(), c.Client.GetJa4()) {
			at[c.Client.GetIp()] = true
		}
	}
	return at
}
