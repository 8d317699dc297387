// SPDX-License-Identifier: Apache-2.0

// Package fingerprint notices a session that is used by a client other than the one it was born with.
package fingerprint

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Config holds the weights and limits.
type Config struct {
	Weights Weights
	// Act and Log are the combined confidences from which a finding may act, and from which it is logged.
	Act, Log float64
	// Open is the most that signs give together where none of them contradicts the client itself: networks change under
	// people, fields are missing, versions are spelt in several ways. It is logged, and stays below Act at every
	// sensitivity.
	Open float64
	// ForkMS is how close in time two clients must take turns to count as driving one session together, milliseconds.
	ForkMS int64
}

// DefaultConfig holds start values.
func DefaultConfig() Config {
	return Config{Weights: defaultWeights(), Act: 0.9, Log: 0.8, Open: 0.8, ForkMS: 2 * 60 * 1000}
}

// most is what the signs may give together.
func (c Config) most(signs []*aerv1.Sign) float64 {
	for _, s := range signs {
		if contradictions[s.Code] {
			return 1
		}
	}
	return c.Open
}

// Detector judges every client of a slice against the client its session is bound to.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeSessionFingerprint }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeSessionFingerprint, Signal: "another device, system, program or TLS stack inside one session; two " +
			"clients taking turns; a cookie older than the last one",
		Horizons: "the session", Threshold: "1 - ∏(1 - weight) ≥ 0.9 acts, ≥ 0.8 logs; at most 0.8 unless device, system, " +
			"program, TLS stack or cookie contradicts",
		ColdStart: "bound at login, else to a client the user is known by; a session bound at first sight only logs",
		Evidence:  "each sign with its weight, the client before and now", Tolerates: "client updates, roaming, relays, " +
			"pools of addresses, VPN on and off, cleared cookies, resumed and QUIC handshakes, desktop mode, an application's " +
			"web views, system stacks and players",
	}
}

// Judge reports the strongest contradiction among the slice's clients and their sessions.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	var best *aerv1.Anomaly
	for _, f := range in.Slice.Facets {
		s := in.Profile.Session(f.SessionId)
		if s == nil || f.SessionId == "" {
			continue
		}
		if a := d.judgeFacet(in, s, f); a != nil && (best == nil || evidence.Stronger(a, best)) {
			best = a
		}
	}
	return best
}

func (d Detector) judgeFacet(in *evidence.Input, s *profile.Session, f *aerv1.Facet) *aerv1.Anomaly {
	if profile.SameClient(s.Bound, f.Client) {
		return d.judgeCookie(in, s, f)
	}
	return d.finding(in, s, f, d.signs(in, s, f))
}

// judgeCookie looks only at the cookie's time: the client is the one that the session is bound to.
func (d Detector) judgeCookie(in *evidence.Input, s *profile.Session, f *aerv1.Facet) *aerv1.Anomaly {
	stale := d.Config.Weights.staleCookie(s, f)
	if stale == nil {
		return nil
	}
	return d.finding(in, s, f, []*aerv1.Sign{stale})
}

// finding is nil where the signs are too weak to be logged.
func (d Detector) finding(in *evidence.Input, s *profile.Session, f *aerv1.Facet,
	signs []*aerv1.Sign) *aerv1.Anomaly {
	most := d.Config.most(signs)
	if evidence.Confidence(signs, most, in.Sensitivity()) < d.Config.Log {
		return nil
	}
	a := evidence.FromSlice(in, d.Type(), s.ID, []string{s.ID})
	a.Time = aerv1.TimeMS(f.LastMs)
	a.EventIds = evidence.FirstLast(f)
	reasons := []string{aerv1.TypeSessionFingerprint}
	if f.Client.GetAsn() != 0 && s.Bound.GetAsn() != 0 && f.Client.GetAsn() != s.Bound.GetAsn() {
		reasons = append(reasons, "asn")
	}
	a.Reasons = evidence.Reasons(reasons...)
	evidence.Usual(a, in, f.Client)
	evidence.FillSigns(a, "session_contradiction", signs, most, d.Config.Act, in.Sensitivity())
	a.Evidence.Previous = evidence.Client(s.Bound)
	evidence.Surprised(a, in, f.Client)
	a.Evidence.Notes = append(a.Evidence.Notes, "session bound by "+s.Binding.String())
	d.hold(in, a, s)
	a.Summary = "The session is used by another client: " + evidence.Codes(signs)
	return a
}

// openWeight is what a contradiction counts where nobody knows which of the two clients the session belongs to. A start
// value.
const openWeight = 0.8

// hold keeps a finding from acting where nobody knows whose session it was.
func (d Detector) hold(in *evidence.Input, a *aerv1.Anomaly, s *profile.Session) {
	if s.Binding == profile.BoundByFirst && !grownOld(in, s) {
		a.LogOnly, a.Confidence = true, a.Confidence*openWeight
		a.Evidence.Notes = append(a.Evidence.Notes, fmt.Sprintf("nobody logged in and the client was not known: "+
			"whose session it is remains open, and the confidence is %s of that", evidence.Number(openWeight)))
	}
}

// grownOld says whether a client that was bound at first sight has been the user's for two days and more since: a thief
// who came first is not silent that long, and the owner would have been seen beside.
func grownOld(in *evidence.Input, s *profile.Session) bool {
	k := in.Profile.KnownBy(profile.Clients, s.Bound)
	return k != nil && k.Days >= 2
}
