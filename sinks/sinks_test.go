// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

func TestCollectorKeepsEachIDOnceInOrder(t *testing.T) {
	ctx := context.Background()
	c := NewCollector()
	for _, a := range []*aerv1.Anomaly{{Id: "b", KnownAt: aerv1.TimeMS(5)}, {Id: "c", KnownAt: aerv1.TimeMS(1)},
		{Id: "a", KnownAt: aerv1.TimeMS(5)}, {Id: "b", KnownAt: aerv1.TimeMS(5)}} {
		if err := c.Append(ctx, warehouse.Anomalies, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Append(ctx, warehouse.DeadLetters, &aerv1.DeadLetter{Id: "x", Source: "f", Offset: "2"}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range c.Anomalies() {
		ids = append(ids, a.Id)
	}
	if got := strings.Join(ids, ""); got != "cab" {
		t.Errorf("anomalies are given in the order %q, want \"cab\"", got)
	}
	if n := len(c.DeadLetters()); n != 1 {
		t.Errorf("%d dead letters, want 1", n)
	}
}

// saying is a responder that notes what was asked of it and answers with an error.
type saying struct {
	asked *string
	err   error
}

func (s saying) Respond(_ context.Context, _ *aerv1.Anomaly, d *aerv1.Decision) error {
	*s.asked += "respond " + d.Id
	return s.err
}

func (s saying) End(_ context.Context, _ *aerv1.Anomaly, d *aerv1.Decision) error {
	*s.asked = "end, "
	return s.err
}

func (s saying) Advise(_ context.Context, _ *aerv1.Anomaly, d *aerv1.Decision) error {
	*s.asked = "advise " + d.Id
	return s.err
}

func TestWhatIsCarriedOut(t *testing.T) {
	for _, c := range []struct {
		outcome  aerv1.Decision_Outcome
		mode     string
		escalate bool
		err      error
		want     string
	}{
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeEnforce, want: "end, respond D"},
		{outcome: aerv1.Decision_PERSISTING, mode: aerv1.ModeEnforce, escalate: true, want: "end, respond D"},
		{outcome: aerv1.Decision_COOLDOWN, mode: aerv1.ModeEnforce, escalate: true, want: "advise D"},
		{outcome: aerv1.Decision_COOLDOWN, mode: aerv1.ModeEnforce, want: "nothing"},
		{outcome: aerv1.Decision_BUDGET_EXHAUSTED, mode: aerv1.ModeEnforce, escalate: true, want: "advise D"},
		{outcome: aerv1.Decision_LOG_ONLY, mode: aerv1.ModeEnforce, escalate: true, want: "nothing"},
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeObserve, want: "nothing"},
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeReplay, want: "nothing"},
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeEnforce, err: response.ErrRefused, want: "end, respond D"},
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeEnforce, err: response.ErrPending, want: "end, respond D"},
		{outcome: aerv1.Decision_RESPOND, mode: aerv1.ModeEnforce, err: errors.New("ledger is gone"), want: "ledger is gone"},
	} {
		t.Run(fmt.Sprint(c.outcome, c.mode, c.escalate, c.err), func(t *testing.T) {
			d := transforms.Decided{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{Id: "D", Outcome: c.outcome,
				Mode: c.mode, Escalate: c.escalate}}
			run := process.Run{ID: t.Name()}
			got := "nothing"
			defer process.Start(run.ID, nil, &Output{Responder: saying{&got, c.err}}).End()
			end, fn := &endFn{Run: run, Lanes: 2}, newRespondFn(run)
			if err := errors.Join(end.Setup(context.Background()), fn.Setup(context.Background())); err != nil {
				t.Fatal(err)
			}
			act := &actFn{}
			act.ProcessElement(d, nil)
			act.FinishBundle(func(_ beam.EventTime, acting transforms.Decisions) {
				err := end.ProcessElement(context.Background(), acting, func(lane int32, ended transforms.Decisions) {
					if err := fn.ProcessElement(context.Background(), nil, lane, ended, func(string) {}); err != nil {
						got = err.Error()
					}
				})
				if err != nil {
					got = err.Error()
				}
			})
			if got != c.want {
				t.Errorf("%q was done, want %q", got, c.want)
			}
		})
	}
}

func TestEnforcingWithoutAResponderFailsAtOnce(t *testing.T) {
	run := process.Run{ID: t.Name()}
	defer process.Start(run.ID, nil, &Output{}).End()
	if (&endFn{Run: run}).Setup(context.Background()) == nil || newRespondFn(run).Setup(context.Background()) == nil {
		t.Error("no error")
	}
}

// Rows of all tables share a sink and arrive as they were.
func TestRowsReachTheirTables(t *testing.T) {
	ctx := context.Background()
	c := NewCollector()
	run := process.Run{ID: t.Name()}
	defer process.Start(run.ID, nil, &Output{Warehouse: c}).End()
	fn := newWriteFn(run)
	if err := fn.Setup(ctx); err != nil {
		t.Fatal(err)
	}
	together := &togetherFn{}
	for table, m := range map[warehouse.Table]proto.Message{
		warehouse.Anomalies: &aerv1.Anomaly{Id: "A"}, warehouse.Decisions: &aerv1.Decision{Id: "D"},
		warehouse.DeadLetters: &aerv1.DeadLetter{Id: "L"},
		warehouse.Activity:    transforms.Pack(&aerv1.Batch{Slices: []*aerv1.Slice{{UserId: "U1"}, {UserId: "U2"}}}),
	} {
		raw, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		together.ProcessElement(7, Row{string(table), raw}, nil)
	}
	lists := 0
	together.FinishBundle(func(at beam.EventTime, lane int32, rows RowList) {
		lists++
		raw, err := encodeRows(rows)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = decodeRows(raw); err != nil || at != 7 {
			t.Fatal(at, err)
		}
		if err := fn.ProcessElement(ctx, nil, lane, rows, nil); err != nil {
			t.Fatal(err)
		}
	})
	if lists != 1 || len(c.Anomalies()) != 1 || len(c.Decisions()) != 1 || len(c.DeadLetters()) != 1 {
		t.Errorf("%d lists, %d anomalies, %d decisions, %d dead letters: want one of each", lists, len(c.Anomalies()),
			len(c.Decisions()), len(c.DeadLetters()))
	}
	if err := fn.ProcessElement(ctx, nil, 0, RowList{[]Row{{Table: "no_such_table"}}}, nil); err == nil {
		t.Error("a row of an unknown table is taken")
	}
}

// A bundle of many rows becomes several lists, each about as large as may be, and no row is lost.
func TestListsOfRowsAreBounded(t *testing.T) {
	fn := &togetherFn{Lanes: 2}
	fn.StartBundle(nil)
	rows, lists := 0, 0
	emit := func(_ beam.EventTime, lane int32, list RowList) {
		if int(lane) != lists%2 {
			t.Errorf("list %d goes to lane %d", lists, lane)
		}
		lists++
		rows += len(list.List)
		if size := len(list.List) * 300 << 10; size > listBytes+300<<10 {
			t.Errorf("a list has %d bytes", size)
		}
	}
	for range 10 {
		fn.ProcessElement(0, Row{"t", make([]byte, 300<<10)}, emit)
	}
	fn.FinishBundle(emit)
	fn.FinishBundle(emit)
	if rows != 10 || lists != 3 {
		t.Errorf("%d rows in %d lists, want 10 in 3", rows, lists)
	}
}

func FuzzDecodeRows(f *testing.F) {
	raw, err := encodeRows(RowList{[]Row{{"anomalies", []byte("x")}, {"decisions", nil}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{5, 'a'})
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := decodeRows(raw)
		if err != nil {
			return
		}
		again, err := encodeRows(rows)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeRows(again); err != nil || len(got.List) != len(rows.List) {
			t.Errorf("%d rows, then %d: %v", len(rows.List), len(got.List), err)
		}
	})
}
