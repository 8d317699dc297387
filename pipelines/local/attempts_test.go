// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/scenario"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
)

// real is what four people do, signed in, over a fortnight: one works through Tor, one is scraped twice, one's session
// is taken, one is new; and an app of the first.
const real = `
history ann 12 days firefox/windows home
history bob 12 days chrome/macos office reads=20
history cid 12 days chrome/windows home
history ann 12 days python server nologin app=A1 reads=30
2026-03-02T08:00:00Z ann login firefox/windows hotel ip=203.0.113.99
08:01 ann x10 every 20s view T{n} ip=203.0.113.99
08:30 bob login chrome/macos office
08:40 bob x160 every 3s view python vps loot-{n} ip=198.18.1.66
09:00 cid login chrome/windows home
09:05 cid x20 every 4s view known-{n}
09:07 cid x40 every 6s download curl vps take-{n}
09:30 ann x120 every 2s download curl vps app-{n} app=A1 session=
10:00 dan login slack/windows office
10:05 dan x30 every 10s view D{n}
10:30 ann x3 every 9s view firefox/windows hotel U{n} ip=203.0.113.99 session=
11:00 bob login chrome/macos office
11:05 bob x160 every 3s view python vps more-{n} ip=198.18.1.66
12:00 cid login chrome/windows home
12:05 cid x10 every 10s view known-{n}
`

func realActivity(t testing.TB) stream {
	t.Helper()
	told, err := scenario.Parse("real", []byte("Four people.\n-- events --"+real), scenario.With{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tor.tsv")
	if err := os.WriteFile(path, []byte("203.0.113.99\t1772280000\t1772496000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := enricher(path)
	if err != nil {
		t.Fatal(err)
	}
	return stream{events: told.Events, enrich: facts}
}

// judged is what becomes of a stream where every detector and findings about apps may respond, and the breaker of an
// organisation opens for the third person within five hours.
func (s stream) judged(t testing.TB) (anomalies []*aerv1.Anomaly, decisions []*aerv1.Decision) {
	t.Helper()
	chosen := func(org string) *aerv1.Settings {
		set := settings.Default(org)
		for _, d := range set.Detectors {
			d.Mode = aerv1.DetectorRespond
		}
		set.Apps, set.Limits.BudgetMin, set.Limits.BudgetFraction = aerv1.AppsRespond, 2, 0
		set.Limits.BudgetWindow = durationpb.New(5 * time.Hour)
		return settings.Complete(set)
	}
	e := local.NewEngine(local.Config{Enrich: s.enrich, Detectors: detector.NewSet(detector.All(), nil)})
	found := append(e.Add(s.events), e.Close()...)
	return decision.Replay(found, decision.Config{Mode: aerv1.ModeReplay, EndsApps: true, Settings: chosen})
}

// anyAttempt draws somebody who is refused under a person's name: at any time, from anywhere, naming any session and
// client.
func anyAttempt(t *rapid.T, i int, s stream) *aerv1.Event {
	of := rapid.SampledFrom(s.events).Draw(t, "of")
	ev := proto.Clone(of).(*aerv1.Event)
	ev.Id, ev.ActorKind = fmt.Sprintf("attempt-%d", i), aerv1.ActorAttempt
	shift := time.Duration(rapid.IntRange(-7200, 7200).Draw(t, "seconds")) * time.Second
	if rapid.Bool().Draw(t, "same moment") {
		shift = 0
	}
	ev.Time = aerv1.Time(of.Time.AsTime().Add(shift))
	ev.Outcome = aerv1.OutcomeDenied
	ev.Action = rapid.SampledFrom([]string{of.Action, "user_login_failed", "user_login",
		"user_password_reset_requested"}).Draw(t, "action")
	if rapid.Bool().Draw(t, "elsewhere") {
		ev.Client = &aerv1.Client{Ip: rapid.SampledFrom([]string{"203.0.113.99", "198.18.1.66", "192.0.2.10"}).Draw(t, "ip"),
			UserAgent: "curl/8.5.0", Ja4: "t13d3112h2_curl_8"}
	}
	if rapid.Bool().Draw(t, "no session") {
		ev.SessionId = ""
	}
	return ev
}

// A refused login, however often and from wherever, changes nothing for its victim: with attempts mixed in at random,
// what is found about people and apps, and what is decided, is what it is without them. Only the notes tell of them.
func TestAttemptsChangeNothingForTheirVictims(t *testing.T) {
	s := realActivity(t)
	want, wantDecisions := s.judged(t)
	outcomes := map[string]int{}
	for _, d := range wantDecisions {
		outcomes[d.ActorKind+d.Outcome.String()]++
	}
	for _, o := range []string{"RESPOND", "PERSISTING", "BUDGET_EXHAUSTED", "appRESPOND"} {
		if outcomes[o] == 0 {
			t.Fatalf("no %s in the real activity: the test says little (%v)", o, outcomes)
		}
	}
	told := false
	rapid.Check(t, func(rt *rapid.T) {
		mixed := stream{enrich: s.enrich, events: cloned(s.events)}
		for i := range rapid.IntRange(0, 60).Draw(rt, "attempts") {
			for range rapid.SampledFrom([]int{1, 1, 1, 25}).Draw(rt, "times") {
				ev := anyAttempt(rt, i, s)
				ev.Id = fmt.Sprint(ev.Id, "-", len(mixed.events))
				mixed.events = append(mixed.events, ev)
			}
		}
		slices.SortStableFunc(mixed.events, func(a, b *aerv1.Event) int {
			return cmp.Or(a.Time.AsTime().Compare(b.Time.AsTime()), strings.Compare(a.Id, b.Id))
		})
		got, decisions := mixed.judged(t)
		notTold := func(a *aerv1.Anomaly) bool { return a.ActorKind == aerv1.ActorAttempt }
		for _, a := range got {
			told = told || !notTold(a) &&
				slices.ContainsFunc(a.Evidence.Notes, func(n string) bool { return strings.Contains(n, "under this name") })
			a.Evidence.Notes = slices.DeleteFunc(a.Evidence.Notes,
				func(n string) bool { return strings.Contains(n, "under this name") })
		}
		for _, d := range decisions {
			if (d.ActorKind == aerv1.ActorAttempt) != (d.Outcome == aerv1.Decision_NOT_SIGNED_IN) {
				rt.Fatalf("%s for %q", d.Outcome, d.ActorKind)
			}
		}
		got = slices.DeleteFunc(got, notTold)
		decisions = slices.DeleteFunc(decisions, func(d *aerv1.Decision) bool { return d.ActorKind == aerv1.ActorAttempt })
		if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
			rt.Fatalf("other anomalies (-without attempts +with):\n%s", diff)
		}
		if diff := gocmp.Diff(wantDecisions, decisions, protocmp.Transform()); diff != "" {
			rt.Fatalf("other decisions (-without attempts +with):\n%s", diff)
		}
	})
	if !told {
		t.Error("no finding tells of the attempts before it")
	}
}

func cloned(events []*aerv1.Event) []*aerv1.Event {
	out := make([]*aerv1.Event, len(events))
	for i, ev := range events {
		out[i] = proto.Clone(ev).(*aerv1.Event)
	}
	return out
}

// Every event is in a slice, whoever it counts for, or is counted as nobody's.
func TestEveryEventIsInASliceOrNobodys(t *testing.T) {
	s := realActivity(t)
	events := cloned(s.events)
	nobodys := 0
	for i, ev := range events {
		switch i % 7 {
		case 0:
			ev.ActorKind, nobodys = aerv1.ActorSystem, nobodys+1
		case 1:
			ev.ActorKind, nobodys = aerv1.ActorRecord, nobodys+1
		case 2:
			ev.ActorKind = aerv1.ActorAttempt
		}
	}
	inSlices := 0
	e := local.NewEngine(local.Config{Slices: func(sl *aerv1.Slice) {
		inSlices += int(sl.Events)
		if sl.ActorKind != "" && sl.ActorKind != aerv1.ActorApp && sl.ActorKind != aerv1.ActorAttempt {
			t.Errorf("a slice of %q", sl.ActorKind)
		}
	}})
	e.Add(events)
	e.Close()
	if inSlices != len(events)-nobodys || e.NotAPersons() != nobodys {
		t.Errorf("%d events: %d in slices, %d nobody's, want %d", len(events), inSlices, e.NotAPersons(), nobodys)
	}
}
