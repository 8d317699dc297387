// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"fmt"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/process"
)

// monday is when the late stream's theft happens.
var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func download(user, file string, after time.Duration) *aerv1.Event {
	return &aerv1.Event{
		Id: fmt.Sprintf("%s-%s-%d", user, file, after), Time: aerv1.Time(monday.Add(after)), OrgId: "O", UserId: user,
		SessionId: "S-" + user,
		Action:    "file_downloaded", Object: &aerv1.Object{Type: "file", Id: file},
		Client: &aerv1.Client{Ip: "203.0.113.9", UserAgent: "Mozilla/5.0",
			Facts: &aerv1.ClientFacts{Class: "browser", Family: "firefox"}},
	}
}

// lateStream is three weeks of two users, then later events of some users, and then a theft from before those, each
// part arriving when time has passed the one before.
func lateStream(later ...string) [][]*aerv1.Event {
	var past, after, theft []*aerv1.Event
	for d := -21; d < 0; d++ {
		past = append(past, download("thief", "known", time.Duration(d)*24*time.Hour),
			download("other", "known", time.Duration(d)*24*time.Hour))
	}
	for _, user := range later {
		after = append(after, download(user, "known", time.Hour))
	}
	for i := range 100 {
		theft = append(theft, download("thief", fmt.Sprint("F", i), time.Duration(i)*20*time.Second))
	}
	theft[50].Client.Facts.Tor = true
	return [][]*aerv1.Event{past, after, {download("clock", "known", 2*time.Hour)}, theft}
}

// Both drivers say the same of what comes late, in all fields, and who else is in the shard changes nothing of it.
func TestDriversAgreeOnWhatIsLate(t *testing.T) {
	for name, c := range map[string]struct {
		later []string
		late  bool
	}{
		"nobody is ahead": {nil, false}, "the thief is ahead": {[]string{"thief"}, true},
		"a neighbour is ahead": {[]string{"other"}, false}, "both are": {[]string{"other", "thief"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			parts := lateStream(c.later...)
			w := newCore(t, "")
			engine := local.NewEngine(local.Config{Detectors: w.Detectors, Quorum: 1})
			var found []*aerv1.Anomaly
			for _, part := range parts {
				found = append(found, engine.Add(part)...)
			}
			anomalies, decisions := decision.Replay(append(found, engine.Close()...), decision.Config{Mode: aerv1.ModeReplay})
			for _, a := range anomalies {
				if ofTheft := a.Type == aerv1.TypeExcessiveDownloads; a.Late != (ofTheft && c.late) {
					t.Errorf("%s is marked late: %v", a.Type, a.Late)
				}
			}
			got := runParts(t, w, parts)
			if diff := cmp.Diff(anomalies, got.Anomalies(), protocmp.Transform()); diff != "" || len(anomalies) < 2 {
				t.Errorf("%d anomalies differ (-local +beam):\n%s", len(anomalies), diff)
			}
			if diff := cmp.Diff(decisions, got.Decisions(), protocmp.Transform()); diff != "" {
				t.Errorf("decisions differ (-local +beam):\n%s", diff)
			}
		})
	}
}

// runParts runs the stages that judge and decide over events that arrive in parts, all users in one shard.
func runParts(t *testing.T, w *process.Core, parts [][]*aerv1.Event) *sinks.Collector {
	t.Helper()
	out, run := sinks.NewCollector(), process.Run{ID: t.Name(), Mode: aerv1.ModeReplay}
	proc := process.Start(run.ID, w, &sinks.Output{Warehouse: out})
	defer proc.End()
	stream, passed := teststream.NewConfig(), int64(0)
	for _, part := range parts {
		for _, ev := range part {
			at := ev.Time.AsTime().UnixMilli()
			if err := stream.AddElements(at, ev); err != nil {
				t.Fatal(err)
			}
			passed = max(passed, at+activity.DefaultWindowMS)
		}
		stream.AdvanceWatermark(passed)
	}
	stream.AdvanceWatermarkToInfinity()
	p, s := beam.NewPipelineWithRoot()
	events := teststream.Create(s, stream)
	batches := transforms.Slices(s, events, 1, activity.DefaultWindowMS, 24*time.Hour)
	found := transforms.Profiles(s, transforms.Join(s, batches, run), 1, run)
	sinks.Write(s, run, 1,
		sinks.DecidedRows(s, transforms.Decide(s, beam.Flatten(s, transforms.FastLane(s, events, run), found), run)))
	if _, err := Run(t.Context(), p, Options{Process: proc, JobName: "test"}); err != nil {
		t.Fatal(err)
	}
	return out
}
