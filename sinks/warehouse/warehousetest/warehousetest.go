// SPDX-License-Identifier: Apache-2.0

// Package warehousetest is the contract of warehouse.Writer as a test that every implementation passes.
package warehousetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Harness is one implementation under test.
type Harness struct {
	// Open opens the same store every time it is called.
	Open func(t *testing.T) warehouse.Writer
	// IDs reads the ids of a table's rows back, in any order and with duplicates. It is called while no writer is open.
	IDs func(t *testing.T, table warehouse.Table) []string
}

// Run runs the contract; each test gets a harness of its own from start.
func Run(t *testing.T, start func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		f    func(*testing.T, Harness)
	}{
		{"every table takes its rows", everyTable},
		{"rows survive reopening", reopen},
		{"a repeated append is kept twice", repeat},
		{"a bad row adds nothing", badRow},
		{"unknown table", unknownTable},
		{"cancelled context adds nothing", cancelled},
		{"no rows", noRows},
		{"closed", closed},
		{"concurrent appends lose nothing", concurrent},
		{"text that is hard to store", hardText},
	} {
		t.Run(c.name, func(t *testing.T) { c.f(t, start(t)) })
	}
}

// Row gives a plausible row of any table, different for each n.
func Row(table warehouse.Table, n int) proto.Message {
	id := fmt.Sprintf("%s-%d", table, n)
	at := aerv1.Time(time.Date(2026, 11, 22, 10, 0, n, 0, time.UTC))
	base := &aerv1.BaselineRow{Version: "2026-11-22", ValidFrom: at, ValidUntil: at}
	switch table {
	case warehouse.Activity:
		return Slice("O1", id, at.AsTime(), 3)
	case warehouse.ActivityHourly:
		return &aerv1.ActivityHour{OrgId: "O1", UserId: id, Hour: at,
			Calls: []*aerv1.ClassCalls{{Class: "browser", Calls: 2}}}
	case warehouse.ActivityDaily:
		return &aerv1.ActivityDay{OrgId: "O1", UserId: id, Day: at,
			Values: []*aerv1.DayValue{{Metric: "downloads", Horizon: "1h", Value: 2}}}
	case warehouse.BaselinesOrg:
		base.Org = &aerv1.BaselineOrg{OrgId: id, Metric: "downloads", P99: 3}
	case warehouse.BaselinesUser:
		base.User = &aerv1.BaselineUser{OrgId: id, UserId: "U1", P99: 3}
	case warehouse.BaselinesFingerprint:
		base.Fingerprint = &aerv1.BaselineFingerprint{Family: id, Ja4: "t13d"}
	case warehouse.BaselinesMethod:
		base.Method = &aerv1.BaselineMethod{OrgId: id, Method: "m"}
	case warehouse.BaselinesClient:
		base.Client = &aerv1.BaselineClient{OrgId: id, Family: "chrome"}
	case warehouse.BaselinesHour:
		base.Hour = &aerv1.BaselineHour{OrgId: id, Metric: "users", HourOfWeek: 3, Factor: 1.5}
	case warehouse.BaselinesLive:
		return &aerv1.BaselineLive{Version: "2026-11-22", ValidFrom: at, ValidUntil: at, OrgId: "O1", Metric: id, Factor: 1.5}
	case warehouse.BaselinesUserClient:
		base.UserClient = &aerv1.BaselineUserClient{OrgId: "O1", UserId: "U1", Family: id, FirstSeen: at, LastSeen: at}
	case warehouse.BaselinesUserNetwork:
		base.UserNetwork = &aerv1.BaselineUserNetwork{OrgId: "O1", UserId: id, Asn: uint32(n), FirstSeen: at, LastSeen: at}
	case warehouse.BaselinesVersion:
		base.Version, base.Info = id, &aerv1.BaselineVersion{HabitDays: 28, LagDays: 7, BuiltAt: at}
	case warehouse.Feedback:
		return &aerv1.Feedback{Id: id, AnomalyId: "a", Verdict: aerv1.VerdictTruePositive, Time: at}
	case warehouse.Findings, warehouse.Anomalies:
		return &aerv1.Anomaly{Id: id, OrgId: "O1", UserId: "U1", Time: at, KnownAt: at, Reasons: []string{"tor"},
			Window:   &aerv1.Window{Start: at, End: at},
			Evidence: &aerv1.Evidence{Observed: 7, Client: &aerv1.Client{Ip: "192.0.2.1", Asn: 64500}}}
	case warehouse.Decisions:
		return &aerv1.Decision{Id: id, AnomalyId: "a", Outcome: aerv1.Decision_RESPOND, Time: at,
			Trace: []*aerv1.GateResult{{Gate: "own", Passed: true}}}
	case warehouse.Responses:
		return &aerv1.Response{Id: id, Steps: []*aerv1.Step{{Key: "k", Kind: "revoke", State: "done"}}, DoneAt: at}
	case warehouse.Notifications:
		return &aerv1.Notification{Id: id, Roles: []string{aerv1.RoleActingUser}, Time: at}
	case warehouse.AuditLog:
		return &aerv1.AuditEntry{Id: id, DateCreate: 1795341600,
			Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Id: "O1"}}}
	case warehouse.DeadLetters:
		return &aerv1.DeadLetter{Id: id, Raw: []byte{0, 0xff, '\n'}, Size: 3, Reason: "bad_json"}
	}
	return base
}

// Slice gives a slice of n events at t with one download, one session and n calls.
func Slice(org, user string, t time.Time, n uint32) *aerv1.Slice {
	ms := t.UnixMilli()
	ref := &aerv1.EventRef{Id: "e-" + user, TimeMs: ms}
	return &aerv1.Slice{OrgId: org, UserId: user, WindowStartMs: ms, WindowMs: 10_000, Events: n,
		Refs: []*aerv1.EventRef{ref}, Last: ref,
		Facets: []*aerv1.Facet{{SessionId: "S-" + user,
			Client: &aerv1.FacetClient{Family: "chrome", Class: aerv1.ClassBrowser, Ja4: "t13d"}, Events: n}},
		Methods:   []*aerv1.MethodCount{{Class: aerv1.ClassBrowser, Method: "conversations.history", Calls: n}},
		Downloads: &aerv1.ObjectSet{Hashes: []uint64{1 << 63}}}
}

func tables() []warehouse.Table {
	var out []warehouse.Table
	for _, s := range warehouse.Specs() {
		out = append(out, s.Name)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, h Harness, table warehouse.Table, n int) {
	t.Helper()
	if got := h.IDs(t, table); len(got) != n {
		t.Errorf("%s holds %d rows, want %d: %q", table, len(got), n, got)
	}
}

func everyTable(t *testing.T, h Harness) {
	w := h.Open(t)
	for _, table := range tables() {
		if err := w.Append(t.Context(), table, Row(table, 1), Row(table, 2)); err != nil {
			t.Error(err)
		}
	}
	must(t, w.Close())
	for _, table := range tables() {
		want(t, h, table, 2)
	}
}

func reopen(t *testing.T, h Harness) {
	for n := range 3 {
		w := h.Open(t)
		must(t, w.Append(t.Context(), warehouse.Anomalies, Row(warehouse.Anomalies, n)))
		must(t, w.Close())
	}
	want(t, h, warehouse.Anomalies, 3)
}

func repeat(t *testing.T, h Harness) {
	w := h.Open(t)
	must(t, w.Append(t.Context(), warehouse.Anomalies, Row(warehouse.Anomalies, 1)))
	must(t, w.Append(t.Context(), warehouse.Anomalies, Row(warehouse.Anomalies, 1)))
	must(t, w.Close())
	want(t, h, warehouse.Anomalies, 2)
}

func badRow(t *testing.T, h Harness) {
	w := h.Open(t)
	good := Row(warehouse.Anomalies, 1)
	for _, bad := range []proto.Message{Row(warehouse.Decisions, 1), nil, (*aerv1.Anomaly)(nil)} {
		if err := w.Append(t.Context(), warehouse.Anomalies, good, bad); err == nil {
			t.Errorf("%T taken as an anomaly", bad)
		}
	}
	if err := w.Append(t.Context(), warehouse.BaselinesOrg, Row(warehouse.BaselinesUser, 1)); err == nil {
		t.Error("a user's row taken as an organisation's")
	}
	must(t, w.Append(t.Context(), warehouse.Anomalies, good))
	must(t, w.Close())
	want(t, h, warehouse.Anomalies, 1)
}

func unknownTable(t *testing.T, h Harness) {
	w := h.Open(t)
	if err := w.Append(t.Context(), "../evil", Row(warehouse.Anomalies, 1)); err == nil {
		t.Error("unknown table taken")
	}
	must(t, w.Close())
}

func cancelled(t *testing.T, h Harness) {
	w := h.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Append(ctx, warehouse.Anomalies, Row(warehouse.Anomalies, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("append with a cancelled context: %v, want %v", err, context.Canceled)
	}
	must(t, w.Append(t.Context(), warehouse.Anomalies, Row(warehouse.Anomalies, 2)))
	must(t, w.Close())
	want(t, h, warehouse.Anomalies, 1)
}

func noRows(t *testing.T, h Harness) {
	w := h.Open(t)
	must(t, w.Append(t.Context(), warehouse.Anomalies))
	must(t, w.Close())
	want(t, h, warehouse.Anomalies, 0)
}

func closed(t *testing.T, h Harness) {
	w := h.Open(t)
	must(t, w.Close())
	must(t, w.Close())
	if err := w.Append(t.Context(), warehouse.Anomalies, Row(warehouse.Anomalies, 1)); !errors.Is(err,
		warehouse.ErrClosed) {
		t.Errorf("append after close: %v, want %v", err, warehouse.ErrClosed)
	}
}

func concurrent(t *testing.T, h Harness) {
	const writers, appends = 4, 25
	w := h.Open(t)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for n := range appends {
				table := []warehouse.Table{warehouse.Anomalies, warehouse.Decisions}[n%2]
				if err := w.Append(t.Context(), table, Row(table, i*appends+n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, w.Close())
	seen := map[string]bool{}
	for _, id := range append(h.IDs(t, warehouse.Anomalies), h.IDs(t, warehouse.Decisions)...) {
		seen[id] = true
	}
	if len(seen) != writers*appends {
		t.Errorf("%d different rows arrived, want %d", len(seen), writers*appends)
	}
}

func hardText(t *testing.T, h Harness) {
	w := h.Open(t)
	const hard = "quote ' \" ; newline \n nul \x00 emoji \U0001F600 line separator \u2028"
	must(t, w.Append(t.Context(), warehouse.Anomalies, &aerv1.Anomaly{Id: hard, Summary: hard}))
	must(t, w.Close())
	if got := h.IDs(t, warehouse.Anomalies); len(got) != 1 || got[0] != hard {
		t.Errorf("ids %q, want %q", got, hard)
	}
}
