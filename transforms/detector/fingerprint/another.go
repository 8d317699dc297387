// SPDX-License-Identifier: Apache-2.0

package fingerprint

import (
	"cmp"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// another says whether a client other than c was at the seat when it was seen. Proxies and carriers give one client an
// address for every connection: it takes no turns with itself. What was at a seat that the session has forgotten is
// known by its agent alone.
func another(s *profile.Session, c *aerv1.FacetClient, seen *profile.Sighting) bool {
	remembered := false
	for _, o := range s.Clients {
		if o.Seat.Hash != seen.Hash || seen.TimeMS < o.FirstMS || seen.TimeMS > o.LastMS {
			continue
		}
		if !oneClient(c, o.Client) {
			return true
		}
		remembered = true
	}
	return !remembered && profile.SeatHash(&aerv1.FacetClient{UserAgent: c.GetUserAgent(), Ip: seen.IP}) != seen.Hash
}

// came is when the facet's client, in any of its shapes, was first seen in the session, Unix milliseconds. What was at
// its seat before, such as the same machine before its cookies were cleared, took turns without it.
func came(s *profile.Session, f *aerv1.Facet) int64 {
	first := f.FirstMs
	for _, o := range s.Clients {
		if oneClient(f.Client, o.Client) {
			first = min(first, o.FirstMS)
		}
	}
	return first
}

// oneClient says whether two clients of a session differ in their addresses at most, or are shapes of one. Two versions
// of a program are two installations.
func oneClient(a, b *aerv1.FacetClient) bool {
	if a.GetUserAgent() != b.GetUserAgent() {
		why := shape.One(a, b)
		return why != shape.None && (why != shape.Program || a.GetVersion() == b.GetVersion())
	}
	return shape.One(a, b) != shape.None && !shape.Contradict(a.GetJa4(), b.GetJa4())
}

// shapeOfUpdate says whether the facet's client is a shape of the bound one as it is since an update in mid-session:
// what says Macintosh has the version of the tablet's browser as it is today, not of the day on which the session
// began.
func shapeOfUpdate(s *profile.Session, f *aerv1.Facet) bool {
	for _, c := range s.Clients {
		if c.FirstMS >= f.FirstMs || shape.One(s.Bound, c.Client) != shape.Program || !shape.Older(c.Client, s.Bound) {
			continue
		}
		updated := proto.CloneOf(c.Client)
		updated.DeviceId = cmp.Or(s.Bound.GetDeviceId(), updated.GetDeviceId())
		if shape.One(updated, f.Client) != shape.None {
			return true
		}
	}
	return false
}
