package fingerprint

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// fork looks for two clients that take turns in one session faster than one person can move: A, B and A again (or more)
// with little time between them. When the clients differ in nothing but the address, only turns between countries count,
// because phones and VPNs hop between addresses; and they must be tight, twice there and back.
func (d Detector) fork(s *aerv1.SessionProfile, f *aerv1.Facet, differs bool) *aerv1.Sign {
	me := profile.Identity(f.Client)
	turns := 0
	var previous *aerv1.Sighting
	for _, v := range s.Sightings {
		if previous != nil && v.Client != previous.Client && (v.Client == me || previous.Client == me) &&
			v.TimeMs-previous.TimeMs <= d.Config.ForkMS && (differs || v.Country != previous.Country) {
			turns++
		}
		previous = v
	}
	if turns < 2 {
		return nil
	}
	weight := d.Config.Weights.Fork
	if turns >= 4 {
		weight = 1 - (1-weight)*(1-weight)
	}
	return &aerv1.Sign{Code: "fork", Weight: weight, Detail: fmt.Sprintf("two clients took turns %d times within %d s each",
		turns, d.Config.ForkMS/1000)}
}
