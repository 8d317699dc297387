// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// CompareAnomalies orders anomalies by (known_at, id), the order in which decisions are taken.
func CompareAnomalies(a, b *aerv1.Anomaly) int {
	return cmp.Or(knownAt(a).Compare(knownAt(b)), strings.Compare(a.GetId(), b.GetId()))
}

// CompareDecisions orders decisions by (time, anomaly_id): the same order as their anomalies', so that the budgets see
// would-be responses in one order whatever the engine.
func CompareDecisions(a, b *aerv1.Decision) int {
	return cmp.Or(a.GetTime().AsTime().Compare(b.GetTime().AsTime()), strings.Compare(a.GetAnomalyId(), b.GetAnomalyId()))
}

// SortAnomalies sorts in the order of CompareAnomalies.
func SortAnomalies(as []*aerv1.Anomaly) { slices.SortStableFunc(as, CompareAnomalies) }

// knownAt is the anomaly's known_at, or its time where known_at is missing.
func knownAt(a *aerv1.Anomaly) time.Time {
	if a.GetKnownAt().IsValid() {
		return a.KnownAt.AsTime()
	}
	if a.GetTime().IsValid() {
		return a.Time.AsTime()
	}
	return time.UnixMilli(0).UTC()
}

// evidenceTime is the event time of the last evidence, never later than known_at.
func evidenceTime(a *aerv1.Anomaly) time.Time {
	known := knownAt(a)
	if a.GetTime().IsValid() && a.Time.AsTime().Before(known) {
		return a.Time.AsTime()
	}
	return known
}

// hash shortens a text to the first 8 bytes of its SHA-256; parts are told apart by their lengths.
func hash(parts ...string) uint64 {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// sessionsOf hashes the sessions of an anomaly, sorted, without repeats and empty names, at most maxAnomalySessions.
func sessionsOf(a *aerv1.Anomaly) []uint64 {
	var out []uint64
	for _, s := range a.GetSessionIds() {
		if s != "" {
			out = append(out, hash(s))
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxAnomalySessions)]
}

// cut shortens a text that is quoted to people.
func cut(s string) string {
	if len(s) <= maxQuote {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuote], "") + "…"
}

// keep shortens a text that is remembered and compared: what does not fit ends in its hash, so that different texts
// stay different.
func keep(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText-17], "") + fmt.Sprintf("#%016x", hash(s))
}
