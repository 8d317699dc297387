// SPDX-License-Identifier: Apache-2.0

package fingerprint

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// ownSinceMS is how long before a session's fingerprint the user must have shown another for it to count as the user's
// own: what came with the stranger, in the same visit, is not. One day.
const ownSinceMS = 24 * 60 * 60 * 1000

// tls compares the fingerprints under one user agent. One that the organisations know for the family, or that the
// user's own client has shown before, is no change. A change is proven only between JA4s of the same transport; a JA3
// is another one on every resumption.
func (w Weights) tls(in *evidence.Input, s *profile.Session, f *aerv1.Facet) []*aerv1.Sign {
	b, c := s.Bound, f.Client
	if b.GetUserAgent() != c.GetUserAgent() || b.GetJa4() == "" || c.GetJa4() == "" || shape.SameStack(b.Ja4, c.Ja4) ||
		in.Baseline.KnowsStack(in.Slice.OrgId, c.Family, c.Ja4) {
		return nil
	}
	proven := shape.Contradict(b.Ja4, c.Ja4)
	for _, own := range ownFingerprints(in, s, f) {
		if shape.SameStack(own, c.Ja4) {
			return nil
		}
		proven = proven || shape.Contradict(own, c.Ja4)
	}
	detail := b.Ja4 + " → " + c.Ja4
	switch {
	case proven:
		return []*aerv1.Sign{{Code: "ja4_changed", Weight: w.Ja4, Detail: detail}}
	case !strings.Contains(b.Ja4, "_") && !strings.Contains(c.Ja4, "_"):
		return []*aerv1.Sign{{Code: "ja3_changed", Weight: w.Ja3, Detail: detail}}
	}
	return nil
}

// ownFingerprints are those that the user's client of this family and version had shown before the session began, or
// has shown on two days since long before this facet.
func ownFingerprints(in *evidence.Input, s *profile.Session, f *aerv1.Facet) []string {
	var out []string
	prefix := f.Client.GetFamily() + " " + f.Client.GetVersion() + " "
	for _, k := range in.Profile.Things(profile.Fingerprints) {
		ja4, ok := strings.CutPrefix(k.Key, prefix)
		if ok && (k.FirstMS < s.FirstMS || k.FirstMS < f.FirstMs-ownSinceMS && k.Days >= 2) {
			out = append(out, ja4)
		}
	}
	return out
}
