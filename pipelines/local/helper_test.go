// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

// stream is events in order of time, and what enriches them.
type stream struct {
	events []*aerv1.Event
	enrich func(*aerv1.Event)
}

func enricher(torLists ...string) (func(*aerv1.Event), error) {
	cfg := enrich.DefaultConfig()
	for _, path := range torLists {
		cfg.Tor = append(cfg.Tor, tor.Source{Path: path})
	}
	e, err := enrich.New(cfg)
	if err != nil {
		return nil, err
	}
	return e.Enrich, nil
}

// simulation is three weeks of people whose clients, networks and objects change all the time: much is found.
func simulation(t testing.TB) stream {
	t.Helper()
	facts, err := enricher()
	if err != nil {
		t.Fatal(err)
	}
	events := activitytest.Stream{Seed: 1, Events: 12_000, Users: 30, Start: monday.AddDate(0, 0, -21),
		Span: 22 * 24 * time.Hour}.Make()
	return stream{inOrder(events), facts}
}

func inOrder(events []*aerv1.Event) []*aerv1.Event {
	slices.SortStableFunc(events, func(a, b *aerv1.Event) int { return a.Time.AsTime().Compare(b.Time.AsTime()) })
	return events
}

// encoded is events as a file holds them, without what could not be read of them.
func encoded(t testing.TB, events []*aerv1.Event) []byte {
	t.Helper()
	var out []byte
	for _, ev := range events {
		raw, err := aerv1.MarshalJSONLine(asWritten(ev))
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, raw...), '\n')
	}
	return out
}

func asWritten(ev *aerv1.Event) *aerv1.Event {
	ip := ev.Client.Ip
	if _, err := netip.ParseAddr(ip); err != nil {
		ip = ""
	}
	return &aerv1.Event{
		Id: ev.Id, Time: ev.Time, OrgId: ev.OrgId, UserId: ev.UserId, SessionId: ev.SessionId, Action: ev.Action,
		ApiMethod: ev.ApiMethod, Object: ev.Object,
		Client: &aerv1.Client{Ip: ip, UserAgent: ev.Client.UserAgent, DeviceId: ev.Client.DeviceId, Ja4: ev.Client.Ja4},
	}
}

// run judges a stream in pieces of the sizes that split gives, and renders the anomalies and decisions as lines.
func (s stream) run(t testing.TB, cfg local.Config, split func() int) (anomalies, decisions string) {
	t.Helper()
	cfg.Enrich, cfg.Detectors = s.enrich, detector.NewSet(detector.All(), nil)
	e, d := local.NewEngine(cfg), decision.NewStream(decision.Config{Mode: aerv1.ModeReplay})
	var a, b bytes.Buffer
	var order decision.Ordered
	write := func(decided []decision.Decided) {
		for _, p := range decided {
			line(t, &a, p.Anomaly)
			line(t, &b, p.Decision)
		}
	}
	take := func(found []*aerv1.Anomaly) {
		for _, f := range found {
			write(order.Add(d.Add(f), f.GetKnownAt().AsTime()))
		}
	}
	for rest := s.events; len(rest) > 0; {
		n := min(split(), len(rest))
		take(e.Add(rest[:n]))
		rest = rest[n:]
	}
	take(e.Close())
	write(append(order.Add(d.Flush(), time.UnixMilli(0)), order.Flush()...))
	return a.String(), b.String()
}

func line(t testing.TB, to *bytes.Buffer, m interface {
	MarshalVT() ([]byte, error)
}) {
	t.Helper()
	var raw []byte
	var err error
	switch m := m.(type) {
	case *aerv1.Anomaly:
		raw, err = aerv1.MarshalJSONLine(m)
	case *aerv1.Decision:
		raw, err = aerv1.MarshalJSONLine(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(to, "%s\n", raw)
}

func pieces(n int) func() int { return func() int { return n } }

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d of %d and %d\nwant %s\ngot  %s", i+1, len(w)-1, len(g)-1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g)-1, len(w)-1)
}
