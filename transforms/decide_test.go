package transforms

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

// findingsOfADay are Tor findings about many people of two organisations, some again and again: more than the budgets
// allow, so that every stage has something to say.
func findingsOfADay() []*aerv1.Anomaly {
	rng := rand.New(rand.NewPCG(9, 10))
	var out []*aerv1.Anomaly
	for i := range 200 {
		at := testStart.Add(time.Duration(rng.IntN(3600_000)) * time.Millisecond)
		org, user := fmt.Sprintf("O%d", rng.IntN(2)), fmt.Sprintf("U%d", rng.IntN(60))
		session := fmt.Sprintf("S-%s-%d", user, rng.IntN(2))
		out = append(out, &aerv1.Anomaly{
			Id: aerv1.NewID("anomaly", fmt.Sprint(i)), Type: aerv1.TypeTor, OrgId: org, UserId: user, SessionIds: []string{session},
			EpisodeKey: session, Time: aerv1.Time(at), KnownAt: aerv1.Time(at), Severity: "high", Magnitude: 1, Confidence: 0.99,
			Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: fmt.Sprintf("203.0.113.%d", rng.IntN(9)), UserAgent: "curl/8.1"}},
		})
	}
	return out
}

// Decisions do not depend on the order in which findings arrive, as long as they are ahead of the watermark.
func TestDecideDoesNotDependOnOrder(t *testing.T) {
	all := findingsOfADay()
	anomalies, decisions := decision.Replay(all, decision.Config{Mode: aerv1.ModeReplay})
	outcomes := map[aerv1.Decision_Outcome]int{}
	for _, d := range decisions {
		outcomes[d.Outcome]++
	}
	if outcomes[aerv1.Decision_RESPOND] == 0 || outcomes[aerv1.Decision_PERSISTING] == 0 || outcomes[aerv1.Decision_BUDGET_EXHAUSTED] == 0 {
		t.Fatalf("outcomes are %v: the test wants all kinds", outcomes)
	}
	for i := range 3 {
		gotAnomalies, gotDecisions := decideShuffled(t, provide(t, fmt.Sprint(t.Name(), i), witnesses(0)), all, uint64(i))
		if diff := cmp.Diff(anomalies, gotAnomalies, protocmp.Transform()); diff != "" {
			t.Fatalf("round %d: anomalies differ (-reference +pipeline):\n%s", i, diff)
		}
		if diff := cmp.Diff(decisions, gotDecisions, protocmp.Transform()); diff != "" {
			t.Fatalf("round %d: decisions differ (-reference +pipeline):\n%s", i, diff)
		}
	}
}

// decideShuffled sends findings through the stage, ten minutes of them at a time and each time shuffled.
func decideShuffled(t *testing.T, run Run, all []*aerv1.Anomaly, seed uint64) ([]*aerv1.Anomaly, []*aerv1.Decision) {
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
			if err := stream.AddElements(knownAtMS(a), a); err != nil {
				t.Fatal(err)
			}
		}
		stream.AdvanceWatermark(from.Add(10 * time.Minute).UnixMilli())
	}
	stream.AdvanceWatermarkToInfinity()
	p, s := beam.NewPipelineWithRoot()
	into(s, &decidedSinkFn{run.ID}, Budget(s, Decide(s, teststream.Create(s, stream), run), run))
	runCounted(t, p)
	var anomalies []*aerv1.Anomaly
	var decisions []*aerv1.Decision
	for _, d := range collected[Decided](got) {
		anomalies, decisions = append(anomalies, d.Anomaly), append(decisions, d.Decision)
	}
	decision.SortAnomalies(anomalies)
	decision.SortDecisions(decisions)
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
