// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// severities in rising order; an unknown one ranks below all.
var severities = []string{"low", "medium", "high", "critical"}

// fold puts a finding into its episode. It returns the episode and the anomaly to emit, a copy of a with count and
// escalates filled, or nil if the finding says nothing new. again says whether what stopped the episode's last finding
// no longer holds. The history must have been advanced to a's known_at; a is not changed.
func fold(h *aerv1.UserHistory, a *aerv1.Anomaly, again func(*aerv1.Episode) bool) (*aerv1.Episode, *aerv1.Anomaly) {
	at := knownAt(a).UnixMilli()
	key := hash(a.GetType(), a.GetEpisodeKey())
	e := findEpisode(h, key)
	fresh := e == nil
	if fresh {
		e = &aerv1.Episode{Type: keep(a.GetType()), Key: key, FirstMs: at, LastMs: at}
		h.Episodes = append(h.Episodes, e)
		h.Episodes = keepNewest(h.Episodes, maxEpisodes, func(e *aerv1.Episode) (int64, uint64) { return e.LastMs, e.Key })
	}
	e.Count++
	notePeak(h, e, a)
	e.LastMs = max(e.LastMs, at)
	if !fresh && !escalates(e, a) && !reopens(h, e, a) && !again(e) && !namesOtherClient(e, a) {
		return e, nil
	}
	out := proto.Clone(a).(*aerv1.Anomaly)
	out.Count, out.Escalates = e.Count, e.AnomalyId
	noteEmitted(e, a, at)
	return e, out
}

// wasBarred: the finding emitted last was stopped by what it was (a trusted network, weak evidence) or by what the
// organisation chose. If that no longer holds, because the evidence got stronger, the client left the trusted network
// or the settings changed, the episode must not hide it.
func wasBarred(e *aerv1.Episode) bool {
	switch e.Outcome {
	case aerv1.Decision_OWN_ACTION, aerv1.Decision_EXTERNAL_USER, aerv1.Decision_TRUSTED_NETWORK,
		aerv1.Decision_OFF, aerv1.Decision_LOG_ONLY, aerv1.Decision_EXCLUDED,
		aerv1.Decision_CLEARED, aerv1.Decision_NOT_SIGNED_IN:
		return true
	}
	return false
}

// wasDeferred: the finding emitted last was taken for the end of something a reset had dealt with. It is asked again if
// the session outlives the grace.
func wasDeferred(e *aerv1.Episode) bool {
	return e.Outcome == aerv1.Decision_STALE || e.Outcome == aerv1.Decision_ALREADY_ENDED
}

// wasOutdated: the finding emitted last came too late to be answered. If it goes on, that must not hide what is fresh.
func wasOutdated(h *aerv1.UserHistory, e *aerv1.Episode) bool {
	return e.Outcome == aerv1.Decision_STALE && lastReset(h) == nil
}

func findEpisode(h *aerv1.UserHistory, key uint64) *aerv1.Episode {
	for _, e := range h.GetEpisodes() {
		if e.Key == key {
			return e
		}
	}
	return nil
}

// escalates: the finding is at least EscalateFactor times as large as the one emitted last, or more severe.
func escalates(e *aerv1.Episode, a *aerv1.Anomaly) bool {
	m := magnitude(a)
	return m > 0 && m >= EscalateFactor*e.Magnitude && e.Magnitude > 0 ||
		slices.Index(severities, a.GetSeverity()) > slices.Index(severities, e.Severity)
}

// reopens: the finding was answered and it goes on. After a reset that is news when it comes from a session that the
// reset should have ended and that has outlived the grace, or from one that came after the reset. If that was judged
// already (or the reset is long forgotten), it takes another session and ReopenSpacing. What is carriedOver is no news.
func reopens(h *aerv1.UserHistory, e *aerv1.Episode, a *aerv1.Anomaly) bool {
	if wasBarred(e) {
		return false // the settings, not a reset, decided about it
	}
	r := lastReset(h)
	judged := r == nil || e.EmittedMs > r.AtMs && !wasDeferred(e)
	if judged && (!namesOther(e, a) || knownAt(a).UnixMilli() < e.EmittedMs+ReopenSpacing.Milliseconds()) {
		return false
	}
	if r == nil {
		return true
	}
	if carriedOver(h, a, r) {
		return false
	}
	evidence := evidenceTime(a).UnixMilli()
	if sessionAge(h, a, r) == bornAfter {
		return evidence > r.AtMs+SkewGrace.Milliseconds()
	}
	return evidence > r.AtMs+RevocationGrace.Milliseconds()
}

// namesOther: the finding names a session that no emitted finding of the episode has named.
func namesOther(e *aerv1.Episode, a *aerv1.Anomaly) bool {
	for _, s := range sessionsOf(a) {
		if !slices.Contains(e.Sessions, s) {
			return true
		}
	}
	return false
}

// namesOtherClient: somebody else uses the session that an emitted finding was about, and nobody was signed out for
// that one: who came first, the owner behind a new proxy or on a journey, must not hide who comes later.
func namesOtherClient(e *aerv1.Episode, a *aerv1.Anomaly) bool {
	if e.Outcome != aerv1.Decision_LOG_ONLY && e.Outcome != aerv1.Decision_COOLDOWN {
		return false
	}
	n := len(e.Clients)
	return n > 0 && n < maxEpisodeClients && a.GetEvidence().GetPrevious() != nil &&
		!slices.Contains(e.Clients, clientOf(a))
}

// clientOf names a program on a device.
func clientOf(a *aerv1.Anomaly) uint64 {
	c := a.GetEvidence().GetClient()
	return hash("client", familyOf(c), c.GetFacts().GetOs(), c.GetDeviceId())
}

func noteEmitted(e *aerv1.Episode, a *aerv1.Anomaly, at int64) {
	e.AnomalyId = keep(a.GetId())
	e.EmittedMs = max(e.EmittedMs, at)
	e.DeviceSaid = e.DeviceSaid || deviceOf(a) != aerv1.CausePerson_DEVICE_UNSPECIFIED
	e.Magnitude = max(e.Magnitude, magnitude(a))
	if slices.Index(severities, a.GetSeverity()) > slices.Index(severities, e.Severity) {
		e.Severity = a.GetSeverity()
	}
	if c := clientOf(a); a.GetEvidence().GetPrevious() != nil && len(e.Clients) < maxEpisodeClients &&
		!slices.Contains(e.Clients, c) {
		e.Clients = append(e.Clients, c)
	}
	for _, s := range sessionsOf(a) {
		if !slices.Contains(e.Sessions, s) {
			e.Sessions = append(e.Sessions, s)
		}
	}
	e.Sessions = e.Sessions[max(0, len(e.Sessions)-maxEpisodeSessions):]
}

// magnitude is the anomaly's, with what is no number (or below zero) as 0 and infinity as the largest number.
func magnitude(a *aerv1.Anomaly) float64 {
	m := a.GetMagnitude()
	if math.IsNaN(m) || m < 0 {
		return 0
	}
	return min(m, math.MaxFloat64)
}
