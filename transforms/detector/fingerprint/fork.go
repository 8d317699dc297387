// SPDX-License-Identifier: Apache-2.0

package fingerprint

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// fork looks for two clients that take turns in one session faster than one person can move: A, B and A again. When
// they differ in nothing but the network, it is a sign of the network, and only turns with a country that is new to the
// user count, between the same two seats, of which the owner was at home at one or had settled at it before the other
// came: phones hop between addresses of one country, travellers between the hotel's network and that of their operator
// at home.
func (d Detector) fork(in *evidence.Input, s *profile.Session, f *aerv1.Facet, differs bool) *aerv1.Sign {
	t := d.turns(s, f.Client, came(s, f), func(seat *profile.Sighting) bool {
		return ownPlace(in, s, seat.IP, f.FirstMs) || settled(s, seat.Hash, profile.SeatHash(f.Client))
	})
	w := d.Config.Weights
	sign := &aerv1.Sign{Code: "fork", Weight: w.Fork}
	if country := f.Client.GetCountry(); country == s.Bound.GetCountry() ||
		knownBefore(in.Profile, profile.Countries, country, s.FirstMS) {
		t.abroad = 0
	}
	n := t.all
	if t.abroad > 0 {
		sign.Weight = w.ForkCountry
	}
	if !differs {
		sign.Code, n = "fork_network", t.abroad
	}
	if n < 2 {
		return nil
	}
	sign.Detail = fmt.Sprintf("two clients took turns %d times within %d s each", n, d.Config.ForkMS/1000)
	return sign
}

// turns is how often a session passed between one seat and another within ForkMS: where the other held another client,
// and across a border with the one other seat it did so most with.
type turns struct{ all, abroad int }

// turns counts those from and to the client c since it came; own says whether a seat is at a place of the owner's.
func (d Detector) turns(s *profile.Session, c *aerv1.FacetClient, sinceMS int64,
	own func(*profile.Sighting) bool) (t turns) {
	me := profile.SeatHash(c)
	crossings := map[uint64]int{} // by the other seat
	pool := seats(s) > seatsMax
	for i := 1; i < len(s.Sightings); i++ {
		was, is := &s.Sightings[i-1], &s.Sightings[i]
		if was.Hash == is.Hash || was.Hash != me && is.Hash != me || is.TimeMS-was.TimeMS > d.Config.ForkMS ||
			is.TimeMS < sinceMS {
			continue
		}
		other := was
		if other.Hash == me {
			other = is
		}
		if another(s, c, other) {
			t.all++
		}
		if !pool && crossed(was, is) && own(other) {
			crossings[other.Hash]++
			t.abroad = max(t.abroad, crossings[other.Hash])
		}
	}
	return t
}

// settled says whether the seat was seen twice running before the other one was seen at all.
func settled(s *profile.Session, seat, other uint64) bool {
	for _, c := range s.Clients {
		if c.FirstMS < s.Sightings[0].TimeMS && c.Seat.Hash == other {
			return false // before the sightings that are kept
		}
	}
	for i, v := range s.Sightings {
		if v.Hash == other {
			return false
		}
		if i > 0 && v.Hash == seat && s.Sightings[i-1].Hash == seat {
			return true
		}
	}
	return false
}

// crossed says whether the country changed, from one ordinary network to another: a VPN that is switched on and off
// looks the same.
func crossed(was, is *profile.Sighting) bool {
	return was.Country != is.Country && was.Country != "" && is.Country != "" && !was.Hosting && !is.Hosting
}

// seatsMax is how many seats two people who share a session are seen on at most; relays and carriers' pools give every
// connection another one. A start value.
const seatsMax = 6

// seats counts the different seats among the latest sightings.
func seats(s *profile.Session) int {
	seen := map[uint64]bool{}
	for _, v := range s.Sightings {
		seen[v.Hash] = true
	}
	return len(seen)
}
