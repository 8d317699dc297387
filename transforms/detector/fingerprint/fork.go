package fingerprint

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// fork looks for two clients that take turns in one session faster than one person can move: A, B and A again. When
// they differ in nothing but the address, only turns between countries count, because phones hop between addresses of
// one country, and only between ordinary networks, because a VPN that is switched on and off looks the same.
func (d Detector) fork(s *aerv1.SessionProfile, f *aerv1.Facet, differs bool) *aerv1.Sign {
	turns, abroad := d.turns(s, profile.Seat(f.Client), differs)
	if turns < 2 {
		return nil
	}
	w := d.Config.Weights
	weight := w.Fork
	if abroad {
		weight = w.ForkCountry
	}
	return &aerv1.Sign{Code: "fork", Weight: weight, Detail: fmt.Sprintf("two clients took turns %d times within %d s each",
		turns, d.Config.ForkMS/1000)}
}

// turns counts how often the session passed from or to the client me within ForkMS, and whether a country changed
// from one ordinary network to another.
func (d Detector) turns(s *aerv1.SessionProfile, me uint64, differs bool) (n int, abroad bool) {
	var last *aerv1.Sighting
	for _, v := range s.Sightings {
		if last != nil && v.Client != last.Client && (v.Client == me || last.Client == me) && v.TimeMs-last.TimeMs <= d.Config.ForkMS {
			crossed := v.Country != last.Country && v.Country != "" && last.Country != "" && !v.Hosting && !last.Hosting
			abroad = abroad || crossed
			if differs || crossed {
				n++
			}
		}
		last = v
	}
	return n, abroad
}
