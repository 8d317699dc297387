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
	for i := range rapid.IntRange(1, 60).Draw(t, "findings") {
		at = at.Add(time.Duration(rapid.IntRange(0, 40_000).Draw(t, "ms")) * time.Millisecond)
		session := rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "session")
		out = append(out, &aerv1.Anomaly{
			Id: fmt.Sprintf("%03d", i), Type: aerv1.TypeTor, OrgId: "O", UserId: "U", SessionIds: []string{session}, EpisodeKey: session,
			Time: aerv1.Time(at), KnownAt: aerv1.Time(at), Window: &aerv1.Window{Start: aerv1.Time(at), End: aerv1.Time(at)},
			Severity: "high", Confidence: 0.99, Magnitude: 1,
			Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: rapid.SampledFrom([]string{"203.0.113.5", "203.0.113.6"}).Draw(t, "ip")}},
		})
	}
	return out
}

// thinned leaves out, of each bundle of consecutive findings, what an earlier one of the bundle has said, as a worker does.
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

// Where bundles end decides nothing: not which anomalies are emitted, not what they count, not what is decided, also while the
// grace of a reset ends in the middle of a minute.
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
