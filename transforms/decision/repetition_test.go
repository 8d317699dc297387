// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// flood is what the fast lane finds about one person in some minutes, in order.
func flood(t *rapid.T) (out []*aerv1.Anomaly) {
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	addresses := rapid.SampledFrom([]int{2, 60}).Draw(t, "addresses")
	apart := rapid.SampledFrom([]int{400, 40_000}).Draw(t, "apart")
	for i := range rapid.IntRange(1, 120).Draw(t, "findings") {
		at = at.Add(time.Duration(rapid.IntRange(0, apart).Draw(t, "ms")) * time.Millisecond)
		if rapid.IntRange(0, 30).Draw(t, "a pause") == 0 {
			at = at.Add(RevocationGrace)
		}
		session := rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "session")
		a := throughTor(i, fmt.Sprint("203.0.113.", rapid.IntRange(1, addresses).Draw(t, "ip")), at)
		a.SessionIds, a.EpisodeKey = []string{session}, session
		out = append(out, a)
	}
	return out
}

// throughTor is what the fast lane finds in the i-th event.
func throughTor(i int, ip string, at time.Time) *aerv1.Anomaly {
	return &aerv1.Anomaly{
		Id: fmt.Sprintf("%03d", i), Type: aerv1.TypeTor, OrgId: "O", UserId: "U",
		SessionIds: []string{"S1"}, EpisodeKey: "S1",
		Time: aerv1.Time(at), KnownAt: aerv1.Time(at), Window: &aerv1.Window{Start: aerv1.Time(at), End: aerv1.Time(at)},
		Severity: "high", Confidence: 0.99, Magnitude: 1, Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: ip}},
	}
}

// thinned leaves out, of each bundle of consecutive findings, what an earlier one of the bundle has said, as a worker
// does.
func thinned(t *rapid.T, all []*aerv1.Anomaly) (out []*aerv1.Anomaly) {
	said := map[string]bool{}
	for _, a := range all {
		if rapid.IntRange(0, 5).Draw(t, "a new bundle") == 0 {
			said = map[string]bool{}
		}
		if key := Repetition(a); !said[key] {
			said[key] = true
			out = append(out, a)
		}
	}
	return out
}

// Where bundles end decides nothing: not which anomalies are emitted, not what they count, not what is decided, also
// while the grace of a reset ends in the middle of a minute.
func TestBundlesDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := flood(t)
		anomalies, decisions := Replay(all, Config{Mode: aerv1.ModeReplay})
		fewer, same := Replay(thinned(t, all), Config{Mode: aerv1.ModeReplay})
		if len(anomalies) != len(fewer) {
			t.Fatalf("%d anomalies, %d of bundles", len(anomalies), len(fewer))
		}
		for i := range anomalies {
			if !proto.Equal(anomalies[i], fewer[i]) || !proto.Equal(decisions[i], same[i]) {
				t.Fatalf("%v\n%v\nof bundles %v\n%v", anomalies[i], decisions[i], fewer[i], same[i])
			}
		}
	})
}

// TestFloodsCountOnce: more different things than a history remembers of findings count once each in their minute, and
// those beyond what it remembers of the minute not at all.
func TestFloodsCountOnce(t *testing.T) {
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct{ addresses, count int }{{40, 41}, {200, maxSaid + 1}} {
		for _, rounds := range []int{1, 2} {
			var all []*aerv1.Anomaly
			for i := range rounds * c.addresses {
				all = append(all, throughTor(i, fmt.Sprint("203.0.113.", i%c.addresses),
					at.Add(time.Duration(i)*100*time.Millisecond)))
			}
			all = append(all, throughTor(len(all), "203.0.113.1", at.Add(6*time.Minute)))
			anomalies, _ := Replay(all, Config{Mode: aerv1.ModeReplay})
			if last := anomalies[len(anomalies)-1]; len(anomalies) != 2 || int(last.Count) != c.count {
				t.Errorf("%d addresses, %d times each: %d anomalies, the last one counts %d, want 2 and %d", c.addresses, rounds,
					len(anomalies), last.Count, c.count)
			}
		}
	}
}
