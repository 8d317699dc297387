// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Corroboration: findings that do not suffice to end sessions, of different detectors, about the same session or client
// and within CorroborationWindow of each other, are combined as 1 - ∏(1 - w × c), with c the confidence of each and w
// what a weak finding of its detector is worth. What may have one cause counts once: a new client on a new network is
// one story, however many detectors tell it. From CorroboratedAct on, the finding that completes the picture may act.
const (
	// CorroborationWindow is how far apart two findings may be: about one visit. A start value.
	CorroborationWindow = time.Hour
	// CorroboratedAct is the confidence from which combined findings act: as much as detectors ask of their own signs.
	CorroboratedAct = 0.9
)

// Causes that a finding may have, as bits of Suspicion.causes. Two findings with a cause in common are one sign.
const (
	causeClient = 1 << iota
	causeNetwork
	causeCookie
	causeVolume
	causeOther
)

// volumeWeight is what being near a volume's limit counts, because busy hours are many and thieves few: chosen so that
// the weakest hint (0.75 of the limit) and the weakest contradiction in a session that is logged (0.8) stay below
// CorroboratedAct.
const volumeWeight = 0.6

// suspicionOf is what a finding leaves behind.
func suspicionOf(a *aerv1.Anomaly) *aerv1.Suspicion {
	s := &aerv1.Suspicion{
		Type: keep(a.GetType()), AnomalyId: keep(a.GetId()), AtMs: knownAt(a).UnixMilli(), Causes: causesOf(a),
		Weight: weightOf(a), Sessions: sessionsOf(a), Detail: cut(a.GetEvidence().GetFormulaFilled()),
	}
	s.Sessions = s.Sessions[:min(len(s.Sessions), maxEpisodeSessions)]
	c := a.GetEvidence().GetClient()
	if c.GetDeviceId() != "" {
		s.Device = hash("device", c.DeviceId)
	}
	if place := prefixOf(c.GetIp()); place != "" && c.GetUserAgent() != "" {
		s.Seat = hash("seat", c.UserAgent, place)
	}
	return s
}

// weightOf is w × c, between 0 and 0.999. Of what a roll-out may explain (ownShare) only the rest counts: by itself it
// goes to the stage that knows whether there is one, but with a busy day it would not. What exceeds its limit is worth
// what a hint at the limit is: more volume must never corroborate less, and the detector's confidence begins anew above
// the limit.
func weightOf(a *aerv1.Anomaly) float64 {
	c := a.GetConfidence()
	if math.IsNaN(c) {
		return 0
	}
	if causesOf(a) == causeVolume {
		if !a.GetHint() {
			c = 1
		}
		c *= volumeWeight
	}
	return min(max(c, 0), 0.999) * ownShare(a)
}

func causesOf(a *aerv1.Anomaly) uint32 {
	switch a.GetType() {
	case aerv1.TypeTor:
		return causeNetwork
	case aerv1.TypeUnexpectedUserAgent:
		return causeClient
	case aerv1.TypeUnexpectedScraping, aerv1.TypeExcessiveDownloads, aerv1.TypeUnexpectedAPICallVolume:
		return causeVolume
	case aerv1.TypeSessionFingerprint, aerv1.TypeSpoofedUserAgent:
		return causesOfSigns(a.GetEvidence().GetSigns())
	}
	return causeOther
}

// causesOfSigns: a cookie that is older than the last one is a sign of its own; everything about place is the
// network's, and whatever else contradicts a client is the client's.
func causesOfSigns(signs []*aerv1.Sign) (causes uint32) {
	for _, s := range signs {
		switch {
		case s.GetCode() == "stale_cookie":
			causes |= causeCookie
		case strings.HasPrefix(s.GetCode(), "asn_"), s.GetCode() == "country_new", s.GetCode() == "place_new",
			s.GetCode() == "fork_network":
			causes |= causeNetwork
		default:
			causes |= causeClient
		}
	}
	return cmp.Or(causes, causeClient)
}

// corroborated returns a, or a copy that may act because recent findings of other detectors speak for it.
func corroborated(h *aerv1.UserHistory, a *aerv1.Anomaly) *aerv1.Anomaly {
	if !a.GetLogOnly() || a.GetEvidence().GetClient().GetFacts().GetTorStale() {
		return a // it acts by itself; or it may not, whatever speaks for it, because its list is too old
	}
	own := suspicionOf(a)
	if own.Weight == 0 {
		return a
	}
	picked := independent(own, h.GetSuspicions())
	confidence := combine(picked)
	if len(picked) < 2 || !slices.Contains(picked, own) || confidence < CorroboratedAct {
		return a
	}
	out := proto.Clone(a).(*aerv1.Anomaly)
	fillCorroborated(out, picked, min(confidence, 0.999))
	return out
}

// independent picks the strongest findings that share no cause, from own and those of other detectors that are about
// the same session or client at about the same time. What is not picked claims its causes too, because it ties them
// together: a new client and a new network that one finding tells as one story are no two stories.
func independent(own *aerv1.Suspicion, others []*aerv1.Suspicion) []*aerv1.Suspicion {
	all := []*aerv1.Suspicion{own}
	for _, s := range others {
		apart := own.AtMs - s.AtMs
		if s.Type != own.Type && max(apart, -apart) <= CorroborationWindow.Milliseconds() && together(own, s) {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b *aerv1.Suspicion) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Type, b.Type),
			strings.Compare(a.AnomalyId, b.AnomalyId))
	})
	var causes uint32
	return slices.DeleteFunc(all, func(s *aerv1.Suspicion) bool {
		known := causes&s.Causes != 0
		causes |= s.Causes
		return known
	})
}

// together: the findings name one session, or one client.
func together(a, b *aerv1.Suspicion) bool {
	if a.Device != 0 && a.Device == b.Device || a.Seat != 0 && a.Seat == b.Seat {
		return true
	}
	return slices.ContainsFunc(a.Sessions, func(id uint64) bool { return slices.Contains(b.Sessions, id) })
}

func combine(list []*aerv1.Suspicion) float64 {
	rest := 1.0
	for _, s := range list {
		rest *= 1 - s.Weight
	}
	return 1 - rest
}

// fillCorroborated replaces the finding's own figures by those of the combination; its own remain as the detail of its
// sign.
func fillCorroborated(a *aerv1.Anomaly, picked []*aerv1.Suspicion, confidence float64) {
	if a.Evidence == nil {
		a.Evidence = &aerv1.Evidence{}
	}
	e := a.Evidence
	e.Signs = nil
	var factors, names []string
	for _, s := range picked {
		e.Signs = append(e.Signs, &aerv1.Sign{Code: s.Type, Weight: s.Weight,
			Detail: fmt.Sprintf("anomaly %s at %s: %s", s.AnomalyId, clock(time.UnixMilli(s.AtMs)), s.Detail)})
		factors = append(factors, fmt.Sprintf("(1 - %s %s)", weightText(s.Weight), s.Type))
		if s.AnomalyId != keep(a.GetId()) {
			names = append(names, strings.ReplaceAll(s.Type, "_", " "))
		}
	}
	e.Signal, e.Unit, e.Observed, e.Threshold = "corroborated_by_other_detectors", "confidence",
		confidence, CorroboratedAct
	e.Formula = "1 - ∏(1 - w × c) ≥ T, over independent findings of different detectors"
	e.FormulaFilled = fmt.Sprintf("1 - %s = %.3f, T = %.2f", strings.Join(factors, " × "), confidence, CorroboratedAct)
	e.Notes = append(e.Notes, fmt.Sprintf("each sign would only be logged by itself or stay below its limit; "+
		"within %s of each other and about the same session or client they act", minutes(CorroborationWindow)))
	a.LogOnly, a.Hint = false, false
	a.Confidence, a.Magnitude, a.Severity = confidence, confidence/CorroboratedAct, "high"
	a.Summary = cut(a.GetSummary()) + "; corroborated by " + strings.Join(names, ", ")
}

// weightText has four decimals at most: who multiplies them again gets the confidence to the three that are shown.
func weightText(w float64) string { return strconv.FormatFloat(math.Round(w*1e4)/1e4, 'f', -1, 64) }

// suspect remembers a finding for those of other detectors: one per detector and client, the strongest of the window.
// What a standing gate keeps from being held against the user (a trusted network, an exclusion) is not held against
// them here either; a detector that only logs by choice of the organisation still knows what it saw. What the last
// reset has dealt with says nothing about who signs in next.
func suspect(h *aerv1.UserHistory, in Input) {
	if r := lastReset(h); !countsAgainst(in) || r != nil && settledBy(h, in.Anomaly, r) {
		return
	}
	s := suspicionOf(in.Anomaly)
	if s.Weight == 0 {
		return
	}
	for i, old := range h.Suspicions {
		if old.Type != s.Type || old.Device != s.Device || old.Seat != s.Seat || !slices.Equal(old.Sessions, s.Sessions) {
			continue
		}
		if old.Weight > s.Weight {
			return
		}
		h.Suspicions = slices.Delete(h.Suspicions, i, i+1)
		break
	}
	h.Suspicions = keepNewest(append(h.Suspicions, s), maxSuspicions,
		func(s *aerv1.Suspicion) (int64, uint64) { return s.AtMs, hash(s.AnomalyId) })
}

func countsAgainst(in Input) bool {
	for _, g := range Gates[:standingGates] {
		if o := g.Judge(in).Outcome; o != aerv1.Decision_OUTCOME_UNSPECIFIED && o != aerv1.Decision_LOG_ONLY {
			return false
		}
	}
	return true
}
