// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

// output counts, and fails at the first record of the kind fail.
type output struct {
	anomalies []*aerv1.Anomaly
	decisions []*aerv1.Decision
	dead      []*aerv1.DeadLetter
	fail      string
}

var errFull = errors.New("disk full")

func (o *output) failing(kind string) error {
	if o.fail == kind {
		return errFull
	}
	return nil
}

func (o *output) Anomaly(a *aerv1.Anomaly) error {
	o.anomalies = append(o.anomalies, a)
	return o.failing("anomaly")
}

func (o *output) Decision(d *aerv1.Decision) error {
	o.decisions = append(o.decisions, d)
	return o.failing("decision")
}

func (o *output) DeadLetter(d *aerv1.DeadLetter) error {
	o.dead = append(o.dead, d)
	return o.failing("dead letter")
}

// input is the simulation as a file, with garbage in between.
func input(t *testing.T, garbage ...string) (file *bytes.Buffer, records int) {
	t.Helper()
	var b bytes.Buffer
	for i, ev := range simulation(t).events {
		if i%500 == 0 && i/500 < len(garbage) {
			b.WriteString(garbage[i/500] + "\n")
			records++
		}
		b.Write(encoded(t, []*aerv1.Event{ev}))
		records++
	}
	return &b, records
}

func replay(ctx context.Context, t *testing.T, file *bytes.Buffer, out *output,
	progress func(read, total int64)) (local.Summary, error) {
	t.Helper()
	cfg := local.Config{Detectors: detector.NewSet(detector.All(), nil), Enrich: simulation(t).enrich, Workers: 2}
	in := event.Merge(event.NewLines(bytes.NewReader(file.Bytes()), "test.ndjson", event.Options{}))
	return local.Replay(ctx, in, cfg, decision.Config{Mode: aerv1.ModeReplay}, out, progress)
}

// TestEveryRecordIsAnEventOrADeadLetter, and every anomaly has its decision.
func TestEveryRecordIsAnEventOrADeadLetter(t *testing.T) {
	file, records := input(t, "{", `{"id":"x"}`, `{"id":"x","id":"y"}`, "\xff\xfe", `{"time":NaN}`, `"text"`,
		strings.Repeat("a", 2<<20),
		`{"id":"x","time":"2026-11-01T00:00:00Z","org_id":"O","user_id":"U","action":"user_login","outcome":7}`)
	out, last := &output{}, int64(0)
	sum, err := replay(context.Background(), t, file, out, func(read, total int64) {
		if read < last || total != -1 {
			t.Errorf("progress went from %d to %d of %d", last, read, total)
		}
		last = read
	})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := 0
	for _, n := range sum.Outcomes {
		outcomes += n
	}
	switch {
	case sum.Events+sum.DeadLetters != records, sum.DeadLetters != 7, len(out.dead) != 7:
		t.Errorf("%d events and %d dead letters of %d records", sum.Events, sum.DeadLetters, records)
	case sum.Anomalies == 0, sum.Anomalies != len(out.anomalies), sum.Anomalies != len(out.decisions),
		sum.Anomalies != outcomes, sum.Findings < sum.Anomalies:
		t.Errorf("%d findings, %d anomalies, %d and %d written, %d outcomes", sum.Findings, sum.Anomalies, len(out.anomalies),
			len(out.decisions), outcomes)
	case sum.Last.Sub(sum.First) < 20*24*time.Hour, sum.Profiles == 0, last == 0:
		t.Errorf("from %v to %v, %d profiles, progress to %d", sum.First, sum.Last, sum.Profiles, last)
	}
	if got, want := sum.Unreadable.String(), `outcome 1; first: outcome "7" (test.ndjson 3508)`; got != want {
		t.Errorf("unreadable: %s, want %s", got, want)
	}
	for i, d := range out.decisions {
		if d.AnomalyId != out.anomalies[i].Id || d.Mode != aerv1.ModeReplay || d.DecidedAt != nil ||
			out.anomalies[i].DetectedAt != nil {
			t.Errorf("decision %d: %v", i, d)
		}
	}
}

// TestEventsThatAreGivenBackAreNotMissed: a replay, which gives events back to the decoder, says what an engine says
// that keeps them all.
func TestEventsThatAreGivenBackAreNotMissed(t *testing.T) {
	file, _ := input(t)
	kept := stream{enrich: simulation(t).enrich}
	for ev := range event.Merge(event.NewLines(bytes.NewReader(file.Bytes()), "test.ndjson", event.Options{})).All() {
		kept.events = append(kept.events, ev)
	}
	anomalies, decisions := kept.run(t, local.Config{}, pieces(8192))
	out := &output{}
	if _, err := replay(context.Background(), t, file, out, nil); err != nil {
		t.Fatal(err)
	}
	var a, d bytes.Buffer
	for i := range out.anomalies {
		line(t, &a, out.anomalies[i])
		line(t, &d, out.decisions[i])
	}
	if a.String() != anomalies || len(out.anomalies) == 0 {
		t.Error(firstDifference(anomalies, a.String()))
	}
	if d.String() != decisions {
		t.Error(firstDifference(decisions, d.String()))
	}
}

func TestReplayOfNothing(t *testing.T) {
	sum, err := replay(context.Background(), t, &bytes.Buffer{}, &output{}, nil)
	if err != nil || sum.Events != 0 || !sum.First.IsZero() {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestReplayStopsWhenTheOutputFails and says what it was doing.
func TestReplayStopsWhenTheOutputFails(t *testing.T) {
	file, _ := input(t, "{")
	for kind, want := range map[string]string{"anomaly": "writing an anomaly", "decision": "writing a decision",
		"dead letter": "writing a dead letter"} {
		_, err := replay(context.Background(), t, file, &output{fail: kind}, nil)
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestReplayStopsWhenToldTo(t *testing.T) {
	file, _ := input(t)
	ctx, cancel := context.WithCancel(context.Background())
	sum, err := replay(ctx, t, file, &output{}, func(int64, int64) { cancel() })
	if !errors.Is(err, context.Canceled) || sum.Events == 0 || sum.Events > 2*8192 {
		t.Errorf("stopped after %d events: %v", sum.Events, err)
	}
}
