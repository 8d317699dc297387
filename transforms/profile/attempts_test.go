// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

func attempt(after time.Duration, ip string, tor bool) *aerv1.Event {
	ev := event(after, "user_login_failed")
	ev.Id += ip
	ev.ActorKind, ev.Outcome, ev.Client = aerv1.ActorAttempt, aerv1.OutcomeDenied,
		&aerv1.Client{Ip: ip, Facts: &aerv1.ClientFacts{Tor: tor}}
	return ev
}

// TestAttemptsTeachNothing: with refused attempts at any time, whatever they name, each profile is what it is without
// them, but for the attempts themselves.
func TestAttemptsTeachNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		span := rapid.SampledFrom([]time.Duration{time.Minute, 6 * time.Hour, 20 * day, 900 * day}).Draw(rt, "span")
		all := activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(rt, "seed"), Events: rapid.IntRange(1, 300).Draw(rt, "events"), Users: 3,
			Span: span, Actors: true,
		}.Make()
		var real []*aerv1.Event
		for _, ev := range all {
			if ev.ActorKind != aerv1.ActorAttempt {
				real = append(real, ev)
			}
		}
		with, without := NewShard(), NewShard()
		for _, b := range batches(all) {
			with.Apply(b, nil)
		}
		for _, b := range batches(real) {
			without.Apply(b, nil)
		}
		with.Expire(with.AppliedMS())
		without.Expire(with.AppliedMS())
		for p := range with.table.all() {
			k, p := aerv1.PrincipalOf(p), *p
			p.Attempts = nil
			want := without.table.find(k)
			if want == nil {
				want = anew(k, nil, 0)
			}
			if diff := cmp.Diff(want.message(), p.message(), protocmp.Transform()); diff != "" {
				rt.Fatalf("%v: %s", k, diff)
			}
		}
	})
}

func TestAttemptsAreCountedByTheHour(t *testing.T) {
	sh := NewShard()
	var evs []*aerv1.Event
	evs = append(evs, attempt(0, "198.51.100.7", false)) // 27 h before the end: told of no more
	for i := range 9 {
		evs = append(evs, attempt(20*time.Hour+time.Duration(i)*time.Minute, fmt.Sprintf("203.0.%d.7", i%6), i%3 == 0))
	}
	evs = append(evs, attempt(25*time.Hour, "not an address", false))
	for _, b := range batches(evs) {
		sh.Apply(b, nil)
	}
	p := sh.Profile("O", "U")
	got := AttemptsBefore(p, at(27*time.Hour))
	want := Attempts{Count: 10, Tor: 3, Places: []string{"203.0.0.0/24", "203.0.1.0/24", "203.0.2.0/24", "203.0.3.0/24"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if one := AttemptsBefore(p, at(time.Hour)); one.Count != 1 || !one.Every {
		t.Errorf("within the first hour: %+v", one)
	}
	if none := AttemptsBefore(p, at(-time.Hour)); none.Count != 0 {
		t.Errorf("before all: %+v", none)
	}
	for i := range 1000 {
		sh.Apply(batches([]*aerv1.Event{attempt(time.Duration(i)*time.Hour, "198.51.100.7", true)})[0], nil)
	}
	if n := len(sh.Profile("O", "U").Attempts); n != attemptHoursKept {
		t.Errorf("%d hours are remembered", n)
	}
}

// TestAppsHaveProfilesOfTheirOwn, also one that does not say which it is.
func TestAppsHaveProfilesOfTheirOwn(t *testing.T) {
	sh := NewShard()
	var evs []*aerv1.Event
	for i, app := range []string{"", "A1", "A2"} {
		ev := event(time.Duration(i)*time.Minute, "file_downloaded", object("F"+app))
		ev.ActorKind, ev.AppId = aerv1.ActorApp, app
		evs = append(evs, ev)
	}
	evs = append(evs, event(time.Hour, "user_login"))
	for _, b := range batches(evs) {
		sh.Apply(b, nil)
	}
	again, err := LoadShard(Chunks(t, sh))
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range []string{"", "A1", "A2"} {
		if p := again.AppProfile("O", "U", app); p == nil || len(p.Downloads.All()) != 1 || p.AppID != app {
			t.Errorf("app %q: %v", app, p)
		}
	}
	if p := again.Profile("O", "U"); again.Len() != 4 || len(p.Downloads.All()) > 0 || p.FirstMS != at(time.Hour) {
		t.Errorf("%d profiles, the person's %v", again.Len(), p)
	}
}
