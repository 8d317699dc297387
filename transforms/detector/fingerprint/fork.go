package fingerprint

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// fork looks for two clients that take turns in one session faster than one person can move: A, B and A again. When
// they differ in nothing but the address, only turns between countries count, because phones hop between addresses of
// one country, only between ordinary networks, because a VPN that is switched on and off looks the same, and only between few
// addresses, because relays and carriers' pools give every connection another one. That is a sign of the network.
func (d Detector) fork(s *aerv1.SessionProfile, f *aerv1.Facet, differs bool) *aerv1.Sign {
	turns, abroad := d.turns(s, profile.Seat(f.Client), differs)
	if turns < 2 {
		return nil
	}
	w := d.Config.Weights
	weight, code := w.Fork, "fork"
	if abroad {
		weight = w.ForkCountry
	}
	if !differs {
		code = "fork_network"
	}
	return &aerv1.Sign{Code: code, Weight: weight, Detail: fmt.Sprintf("two clients took turns %d times within %d s each",
		turns, d.Config.ForkMS/1000)}
}

// turns counts how often the session passed from or to the client me within ForkMS, and whether a country changed
// from one ordinary network to another.
func (d Detector) turns(s *aerv1.SessionProfile, me uint64, differs bool) (n int, abroad bool) {
	var last *aerv1.Sighting
	pool := seats(s) > seatsMax
	for _, v := range s.Sightings {
		if last != nil && v.Client != last.Client && (v.Client == me || last.Client == me) && v.TimeMs-last.TimeMs <= d.Config.ForkMS {
			crossed := v.Country != last.Country && v.Country != "" && last.Country != "" && !v.Hosting && !last.Hosting && !pool
			abroad = abroad || crossed
			if differs || crossed {
				n++
			}
		}
		last = v
	}
	return n, abroad
}

// seatsMax is how many seats two people who share a session are seen on at most, each at home and on the way. Start.
const seatsMax = 4

// seats counts the different seats among the latest sightings.
func seats(s *aerv1.SessionProfile) int {
	seen := map[uint64]bool{}
	for _, v := range s.Sightings {
		seen[v.Client] = true
	}
	return len(seen)
}
