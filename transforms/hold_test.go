// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

func init() {
	beam.RegisterDoFn(&aloneFn{})
	beam.RegisterDoFn(&eventSinkFn{})
}

// aloneFn makes each event a batch of its second, without waiting for a window, as the fast lane does not.
type aloneFn struct{}

func (fn *aloneFn) ProcessElement(ev *aerv1.Event, emit func(beam.EventTime, int32, *aerv1.PackedBatches)) {
	acc := activity.NewAccumulator(1000)
	acc.Add(ev)
	p := Pack(acc.Batch())
	emit(eventTime(batchMS(p)), 7, packed(p))
}

type eventSinkFn struct{ Name string }

func (fn *eventSinkFn) ProcessElement(ev *aerv1.Event) { collect(fn.Name, ev) }

// A window that is open holds the watermark at its end and not at its first event: what needs no window is decided
// while it is open.
func TestAnOpenWindowHoldsNothingBack(t *testing.T) {
	at := func(id string, d time.Duration) *aerv1.Event {
		return &aerv1.Event{Id: id, OrgId: "O1", UserId: "U1", Action: "user_login", Time: aerv1.Time(testStart.Add(d))}
	}
	run := provide(t, t.Name(), witnesses(0))
	got := newSink(run.ID)
	stream := teststream.NewConfig()
	for _, ev := range []*aerv1.Event{at("first", time.Second), at("second", 6*time.Second)} {
		if err := stream.AddElements(ev.Time.AsTime().UnixMilli(), ev); err != nil {
			t.Fatal(err)
		}
		stream.AdvanceWatermark(ev.Time.AsTime().Add(3 * time.Second).UnixMilli())
	}
	stream.AdvanceWatermarkToInfinity()
	p, s := beam.NewPipelineWithRoot()
	in := teststream.Create(s, stream)
	batches := Slices(s, in, 4, activity.DefaultWindowMS, activity.DefaultLateness)
	into(s, &anomalySinkFn{run.ID}, Profiles(s, beam.Flatten(s, beam.ParDo(s, &aloneFn{}, in), batches), testShards, run))
	into(s, &eventSinkFn{run.ID}, in)
	if err := ptest.Run(p); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, v := range got.got {
		switch v := v.(type) {
		case *aerv1.Anomaly:
			found++
		case *aerv1.Event:
			if v.Id == "second" && found != 1 {
				t.Errorf("%d findings came before the second event, want the one of the first", found)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d findings, want 3", found)
	}
}
