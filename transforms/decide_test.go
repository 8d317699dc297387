// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/process"
)

// findingsOfADay are Tor findings about many people of two organisations, some again and again: more than the budgets
// allow, so that every stage has something to say.
func findingsOfADay() []*aerv1.Anomaly {
	rng := rand.New(rand.NewPCG(9, 10))
	var out []*aerv1.Anomaly
	for i := range 400 {
		at := testStart.Add(time.Duration(rng.IntN(3600_000)) * time.Millisecond)
		org, user := fmt.Sprintf("O%d", rng.IntN(2)), fmt.Sprintf("U%d", rng.IntN(60))
		session := fmt.Sprintf("S-%s-%d", user, rng.IntN(2))
		out = append(out, &aerv1.Anomaly{
			Id: aerv1.NewID("anomaly", fmt.Sprint(i)), Type: aerv1.TypeTor, OrgId: org, UserId: user,
			SessionIds: []string{session},
			EpisodeKey: session, Time: aerv1.Time(at), KnownAt: aerv1.Time(at), Severity: "high", Magnitude: 1, Confidence: 0.99,
			Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: fmt.Sprintf("203.0.113.%d", rng.IntN(9)),
				UserAgent: "curl/8.1"}},
		})
	}
	return out
}

// sharedFindings are about new TLS fingerprints of many people: one that a proxy gives to all in one organisation,
// several that few share, some only logged and some on strange devices, and the fast lane's with the slow lane's
// repetition.
func sharedFindings() []*aerv1.Anomaly {
	rng := rand.New(rand.NewPCG(11, 12))
	var out []*aerv1.Anomaly
	for i := range 200 {
		at := testStart.Add(time.Duration(rng.IntN(3600_000)) * time.Millisecond)
		print := fmt.Sprintf("t13d-%d", min(rng.IntN(40), 12))
		a := &aerv1.Anomaly{
			Id: aerv1.NewID("anomaly", "shared", fmt.Sprint(i)), Type: aerv1.TypeSpoofedUserAgent,
			OrgId:  fmt.Sprintf("O%d", 2+rng.IntN(3)),
			UserId: fmt.Sprintf("U%d", rng.IntN(90)), EpisodeKey: print, Time: aerv1.Time(at),
			KnownAt: aerv1.Time(at), Severity: "high",
			Magnitude: 1, Confidence: 0.9, LogOnly: rng.IntN(2) == 0,
			NewThings: []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: print}},
			Evidence: &aerv1.Evidence{
				DeviceUsual: rng.IntN(4) > 0,
				Client: &aerv1.Client{Ip: "203.0.113.1", Ja4: print, Facts: &aerv1.ClientFacts{Class: aerv1.ClassBrowser,
					Family: fmt.Sprintf("F%d", rng.IntN(4))}},
			},
		}
		out = append(out, a)
		if rng.IntN(4) == 0 {
			a.Window, a.Evidence.DeviceUsual = &aerv1.Window{Start: a.Time, End: a.Time}, false
			again := proto.CloneOf(a)
			again.Id, again.Window, again.Evidence.DeviceUsual = aerv1.NewID(again.Id), nil, true
			again.KnownAt = aerv1.Time(at.Add(7 * time.Second))
			out = append(out, again)
		}
	}
	return out
}

func spoofedResponds(orgID string) *aerv1.Settings {
	s := settings.Default(orgID)
	s.Detectors[aerv1.TypeSpoofedUserAgent].Mode = aerv1.DetectorRespond
	return s
}

// Decisions do not depend on the order in which findings arrive, as long as they are ahead of the watermark.
func TestDecideDoesNotDependOnOrder(t *testing.T) {
	all := append(findingsOfADay(), sharedFindings()...)
	anomalies, decisions := decision.Replay(all, decision.Config{Mode: aerv1.ModeReplay, Settings: spoofedResponds})
	outcomes := map[aerv1.Decision_Outcome]int{}
	for _, d := range decisions {
		outcomes[d.Outcome]++
	}
	for _, want := range []aerv1.Decision_Outcome{aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING,
		aerv1.Decision_BUDGET_EXHAUSTED, aerv1.Decision_COMMON_CAUSE, aerv1.Decision_LOG_ONLY} {
		if outcomes[want] == 0 {
			t.Fatalf("outcomes are %v: the test wants all kinds", outcomes)
		}
	}
	w := witnesses(0)
	w.Decide.Settings = spoofedResponds
	for i := range 3 {
		gotAnomalies, gotDecisions := decideShuffled(t, provide(t, fmt.Sprint(t.Name(), i), w), all, uint64(i))
		if diff := cmp.Diff(anomalies, gotAnomalies, protocmp.Transform()); diff != "" {
			t.Fatalf("round %d: anomalies differ (-reference +pipeline):\n%s", i, diff)
		}
		if diff := cmp.Diff(decisions, gotDecisions, protocmp.Transform()); diff != "" {
			t.Fatalf("round %d: decisions differ (-reference +pipeline):\n%s", i, diff)
		}
	}
}

// decideShuffled sends findings through the stage, ten minutes of them at a time and each time shuffled.
func decideShuffled(t *testing.T, run process.Run, all []*aerv1.Anomaly,
	seed uint64) ([]*aerv1.Anomaly, []*aerv1.Decision) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	got := newSink(run.ID)
	stream := teststream.NewConfig()
	for from := testStart; from.Before(testStart.Add(time.Hour)); from = from.Add(10 * time.Minute) {
		var part []*aerv1.Anomaly
		for _, a := range all {
			if at := a.KnownAt.AsTime(); !at.Before(from) && at.Before(from.Add(10*time.Minute)) {
				part = append(part, a)
			}
		}
		rng.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		for _, a := range part {
			if err := stream.AddElements(a.KnownAt.AsTime().UnixMilli(), a); err != nil {
				t.Fatal(err)
			}
		}
		stream.AdvanceWatermark(from.Add(10 * time.Minute).UnixMilli())
	}
	stream.AdvanceWatermarkToInfinity()
	p, s := beam.NewPipelineWithRoot()
	into(s, &decidedSinkFn{run.ID}, Decide(s, teststream.Create(s, stream), run))
	runCounted(t, p)
	var anomalies []*aerv1.Anomaly
	var decisions []*aerv1.Decision
	for _, d := range collected[Decided](got) {
		anomalies, decisions = append(anomalies, d.Anomaly), append(decisions, d.Decision)
	}
	decision.SortAnomalies(anomalies)
	slices.SortStableFunc(decisions, decision.CompareDecisions)
	return anomalies, decisions
}

func TestDueTags(t *testing.T) {
	for _, tag := range []string{"", expireTag, "1", "1:", "1:?"} {
		if _, err := dueUntilMS(tag); err == nil {
			t.Errorf("tag %q is read without an error", tag)
		}
	}
	if ms, err := dueUntilMS("1:-5"); ms != -5 || err != nil {
		t.Errorf("a time before 1970 is read as %d, %v", ms, err)
	}
}
