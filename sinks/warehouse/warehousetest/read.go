// SPDX-License-Identifier: Apache-2.0

package warehousetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// RunReader is the contract of warehouse.Reader, held against some tables. to writes what from reads; nothing is there
// yet.
func RunReader(t *testing.T, to warehouse.Writer, from warehouse.Reader, tables ...warehouse.Table) {
	start := time.Date(2026, 11, 20, 23, 59, 30, 0, time.UTC)
	for _, table := range tables {
		t.Run(string(table), func(t *testing.T) {
			ctx := t.Context()
			end := start.Add(99 * time.Hour)
			first, last, n, err := from.Span(ctx, table, start, end)
			if err != nil || n != 0 || !first.IsZero() || !last.IsZero() {
				t.Errorf("%v to %v, %d rows, %v: want nothing", first, last, n, err)
			}
			var rows []proto.Message
			for i := range 20 {
				rows = append(rows, Full(table, start.Add(time.Duration(i%7)*10*time.Second), i))
			}
			for _, part := range [][]proto.Message{rows[10:], rows[:13]} { // three are delivered twice
				must(t, to.Append(ctx, table, part...))
			}
			for name, until := range map[string]time.Time{"all": end, "first": start.Add(40 * time.Second)} {
				wantRead(t, from, table, name, start, until, rows)
			}
			stop := errors.New("enough")
			if err := from.Read(ctx, table, start, end,
				func(proto.Message) error { return stop }); !errors.Is(err, stop) {
				t.Errorf("error is %v, want what stopped it", err)
			}
		})
	}
}

// Full is a row of activity, findings or decisions that has something in its fields, the i-th of its time.
func Full(table warehouse.Table, at time.Time, i int) proto.Message {
	switch table {
	case warehouse.Activity:
		return fullSlice(at, i)
	case warehouse.Findings:
		return finding(at, i)
	case warehouse.Decisions:
		return verdict(at, i)
	}
	return Row(table, i)
}

// wantRead reads what is in a span of time, and holds it to what is of it among the rows.
func wantRead(t *testing.T, from warehouse.Reader, table warehouse.Table, name string, start, until time.Time,
	rows []proto.Message) {
	t.Helper()
	var want, got []string
	for _, m := range rows {
		if timeOf(m).Before(until) {
			want = append(want, bytesOf(t, m))
		}
	}
	var before time.Time
	must(t, from.Read(t.Context(), table, start, until, func(m proto.Message) error {
		if timeOf(m).Before(before) {
			t.Errorf("%s: %v comes after %v", name, timeOf(m), before)
		}
		before = timeOf(m)
		got = append(got, bytesOf(t, m))
		return nil
	}))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("%s: %d rows read, want the %d that were appended, each once and whole:\n%q\n%q", name, len(got), len(want),
			got, want)
	}
}

// timeOf is the time by which a row is read.
func timeOf(m proto.Message) time.Time {
	switch m := m.(type) {
	case *aerv1.Slice:
		return time.UnixMilli(m.WindowStartMs)
	case *aerv1.Anomaly:
		return m.KnownAt.AsTime()
	case *aerv1.Decision:
		return m.Time.AsTime()
	}
	return time.Time{}
}

func bytesOf(t *testing.T, m proto.Message) string {
	t.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	must(t, err)
	return string(raw)
}

// fullSlice has something in every field.
func fullSlice(at time.Time, i int) *aerv1.Slice {
	s := Slice("O1", fmt.Sprint("U", i), at, 7)
	s.UserType, s.ActorKind, s.AppId = aerv1.UserMember, aerv1.ActorApp, "A1"
	s.TorAddresses, s.Pace = []string{"192.0.2.7", "192.0.2.8"}, []uint32{0, 3, 0, 4}
	s.FacetsDropped, s.Bytes, s.DownloadBytes = 2, 1<<40, 5
	s.Methods[0].CallIds, s.Methods[0].Sketched, s.Methods[0].Errors = []uint64{1, 1<<64 - 1}, true, 2
	s.Methods = append(s.Methods, &aerv1.MethodCount{Class: "c", Calls: 1, RateLimited: 1})
	s.Downloads.Hashes = []uint64{3, 1 << 63, 1<<64 - 2}
	s.Reads = &aerv1.ObjectSet{Hashes: []uint64{9}, Sketched: true}
	s.Facets[0] = &aerv1.Facet{SessionId: "S", Client: &aerv1.FacetClient{Ip: "192.0.2.1", UserAgent: "ä/1 \"x\"",
		DeviceId: "d", Ja4: "t13d", Asn: 64500, Country: "DE", Class: aerv1.ClassBrowser, Family: "chrome", Version: "1",
		Os: "linux", Hosting: true}, FirstMs: at.UnixMilli(), LastMs: at.UnixMilli() + 5, FirstEventId: "e1",
		LastEventId: "e2", Events: 3, Login: true, CookieMinMs: 1, CookieMaxMs: at.UnixMilli(), Downloads: 1, Reads: 2,
		Calls: 3}
	s.Actions = []*aerv1.ActionCount{{Action: "a", Outcome: "denied", Count: 3}}
	return s
}

func finding(at time.Time, i int) *aerv1.Anomaly {
	a := Row(warehouse.Findings, i).(*aerv1.Anomaly)
	a.Time, a.KnownAt, a.SessionStartedAt = aerv1.Time(at.Add(-time.Second)), aerv1.Time(at), aerv1.Time(at)
	a.Hint, a.LogOnly, a.Magnitude, a.Confidence, a.EpisodeKey = true, true, 1.0/3, 0.1, "k"
	a.SessionIds, a.EventIds, a.Count = []string{"S1", "S2"}, []string{"e1"}, 2
	a.NewThings = []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: "t13d"}}
	a.Evidence.Signs = []*aerv1.Sign{{Code: "c", Weight: 0.7, Detail: "d"}}
	a.Evidence.Client.Facts = &aerv1.ClientFacts{Family: "chrome", Os: "linux"}
	a.Evidence.ClientUsual = true
	return a
}

func verdict(at time.Time, i int) *aerv1.Decision {
	d := Row(warehouse.Decisions, i).(*aerv1.Decision)
	d.Time, d.DecidedAt, d.Outcome = aerv1.Time(at), aerv1.Time(at.Add(time.Microsecond)), aerv1.Decision_COMMON_CAUSE
	d.Trace = append(d.Trace, &aerv1.GateResult{Gate: "common_cause", Detail: "x"})
	d.Escalate, d.PreviousDecisionId = true, "p"
	return d
}
