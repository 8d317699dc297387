// SPDX-License-Identifier: Apache-2.0

package change_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/change"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/decision/settings"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func editor(s kv.Store) change.Editor {
	return change.Editor{Settings: stored.New(s), Author: "kim@acme", Now: now}
}

// TestChangesAreAttributed: a version, an author, a time, and an audit entry with the value before and after.
func TestChangesAreAttributed(t *testing.T) {
	ctx := context.Background()
	s := sinktest.NewMemory()
	r, err := editor(s).Apply(ctx, "O1", change.Trust(&aerv1.TrustedNetwork{Cidr: "10.0.0.0/8", Reason: "office"}))
	if err != nil || len(r.Changes) != 1 || r.Before == r.After {
		t.Fatalf("%+v, %v", r, err)
	}
	got, err := stored.New(s).Get(ctx, "O1")
	if err != nil || got.GetVersion() != r.After || got.GetChangedBy() != "kim@acme" ||
		!got.GetChangedAt().AsTime().Equal(now) {
		t.Errorf("%v, %v", got, err)
	}
	entries, err := trail.New(s).List(ctx, "O1")
	if err != nil || len(entries) != 1 || entries[0].GetActor().GetUser().GetId() != "kim@acme" ||
		!strings.Contains(entries[0].GetDetails().GetNewValue(), "10.0.0.0/8") ||
		strings.Contains(entries[0].GetDetails().GetPreviousValue(), "10.0.0.0/8") {
		t.Errorf("%v, %v", entries, err)
	}
	again, err := editor(s).Apply(ctx, "O1", change.Trust(&aerv1.TrustedNetwork{Cidr: "10.0.0.0/8", Reason: "office"}))
	if err != nil || len(again.Changes) != 0 {
		t.Errorf("the same once more: %+v, %v", again, err)
	}
	if h, err := stored.New(s).History(ctx, "O1"); err != nil || len(h) != 1 {
		t.Errorf("%d versions, %v", len(h), err)
	}
}

// TestNoChangeIsLost: people who change different things at once all get what they wanted.
func TestNoChangeIsLost(t *testing.T) {
	s := sinktest.NewMemory()
	var wg sync.WaitGroup
	const people = 4 // fewer than the attempts, or bad luck would fail the test
	for i := range people {
		wg.Go(func() {
			x := &aerv1.Exclusion{UserId: fmt.Sprint("U", i), Reason: "why"}
			if _, err := editor(s).Apply(context.Background(), "O1", change.Exclude(x)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := stored.New(s).Get(context.Background(), "O1")
	if err != nil || len(got.GetExclusions()) != people {
		t.Errorf("%v, %v", got.GetExclusions(), err)
	}
}

// TestOrganisationsAreApart: whatever an organisation is called, its exclusions, trust, history and audit entries are
// its own.
func TestOrganisationsAreApart(t *testing.T) {
	ctx := context.Background()
	s := sinktest.NewMemory()
	for i, org := range sinktest.HostileIDs {
		e := editor(s)
		for _, edit := range []change.Edit{
			change.Exclude(&aerv1.Exclusion{UserId: org, Reason: fmt.Sprint("secret", i)}),
			change.Trust(&aerv1.TrustedNetwork{Asn: uint32(i) + 1, Reason: org}),
			change.Clear(&aerv1.Clearance{UserId: org, From: aerv1.Time(now), Until: aerv1.Time(now.Add(time.Hour))}),
		} {
			if _, err := e.Apply(ctx, aerv1.OrgID(org), edit); err != nil {
				t.Fatalf("%q: %v", org, err)
			}
		}
	}
	for i, org := range sinktest.HostileIDs {
		got, err := stored.New(s).Get(ctx, aerv1.OrgID(org))
		if err != nil || len(got.GetExclusions()) != 1 || got.Exclusions[0].GetUserId() != org ||
			len(got.GetTrusted()) != 1 || got.Trusted[0].GetAsn() != uint32(i)+1 ||
			len(got.GetClearances()) != 1 || got.Clearances[0].GetUserId() != org {
			t.Fatalf("%q: %v, %v", org, got, err)
		}
		entries, err := trail.New(s).List(ctx, org)
		if err != nil || len(entries) != 3 {
			t.Fatalf("%q has %d audit entries, %v", org, len(entries), err)
		}
		for _, e := range entries {
			if !strings.Contains(e.GetDetails().GetNewValue(), fmt.Sprintf("secret%d\"", i)) {
				t.Errorf("entry of %q: %v", org, e)
			}
		}
	}
}

func TestEdits(t *testing.T) {
	clearance := func(user string, from, until time.Duration) *aerv1.Clearance {
		return &aerv1.Clearance{UserId: user, From: aerv1.Time(now.Add(from)), Until: aerv1.Time(now.Add(until))}
	}
	with := func(edits ...change.Edit) (*aerv1.Settings, error) {
		s := settings.Default("O1")
		var err error
		for _, e := range edits {
			if s, err = e(s); err != nil {
				return nil, err
			}
		}
		return s, nil
	}
	s, err := with(change.Clear(clearance("U1", -48*time.Hour*20, -40*24*time.Hour+time.Hour)),
		change.Clear(clearance("U1", -time.Hour, time.Hour)), change.Clear(clearance("U1", 0, 2*time.Hour)))
	if err != nil || len(s.Clearances) != 2 || !s.Clearances[0].Until.AsTime().Equal(now) {
		t.Errorf("the earlier one ends where the later begins, and the oldest is dropped: %v, %v", s.GetClearances(), err)
	}
	s, err = with(change.Clear(clearance("U1", 0, time.Hour)), change.Unclear("U1", now.Add(time.Minute)))
	if err != nil || len(s.Clearances) != 1 || !s.Clearances[0].Until.AsTime().Equal(now.Add(time.Minute)) {
		t.Errorf("%v, %v", s.GetClearances(), err)
	}
	plain := func(s *aerv1.Settings) (*aerv1.Settings, error) {
		s.Detectors[aerv1.TypeTor].ExcludedUsers = []string{"U1", "U2"}
		return s, nil
	}
	s, err = with(plain, change.Include(&aerv1.Exclusion{UserId: "U1", Detector: aerv1.TypeTor}))
	if err != nil || len(s.Detectors[aerv1.TypeTor].ExcludedUsers) != 1 {
		t.Errorf("a plain exclusion stays: %v, %v", s, err)
	}
	for _, bad := range []change.Edit{
		change.Unclear("U1", now), change.Distrust(&aerv1.TrustedNetwork{Asn: 1}),
		change.Include(&aerv1.Exclusion{UserId: "U1"}),
	} {
		if _, err := with(bad); err == nil {
			t.Error("what is not there was removed")
		}
	}
}

func TestParseEnd(t *testing.T) {
	for s, want := range map[string]time.Time{
		"30d": now.Add(30 * 24 * time.Hour), "90m": now.Add(90 * time.Minute),
		"2026-12-31":                time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		"2026-11-22T12:00:00+01:00": now.Add(time.Hour),
	} {
		if got, err := change.ParseEnd(s, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "soon", "-1h", "0d", "99999d", "99999999d", "2020-01-01", "1.5d"} {
		if got, err := change.ParseEnd(s, now); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

// TestInEditor: mistakes are shown, with the lines they have in the text that is shown, until the text is valid.
func TestInEditor(t *testing.T) {
	var shown []string
	texts := []string{"orgs: {O1: {detectors: {torr: log}}}\n", "orgs: {O2: {}}\n",
		"orgs: {O1: {detectors: {tor: off}}}\n"}
	run := func(path string) error {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		shown = append(shown, string(raw))
		return os.WriteFile(path, []byte(texts[len(shown)-1]), 0o600)
	}
	next, keep, err := change.InEditor(settings.Default("O1"), run)
	if err != nil || next.GetDetectors()[aerv1.TypeTor].GetMode() != aerv1.DetectorOff {
		t.Fatalf("%v, %v", next, err)
	}
	defer func() { _ = os.Remove(keep) }()
	if len(shown) != 3 || !strings.Contains(shown[1], ":3: orgs.O1.detectors.torr: unknown detector") ||
		!strings.Contains(shown[1], texts[0]) ||
		!strings.Contains(shown[2], `must be about organisation "O1" and no other`) {
		t.Errorf("shown:\n%s", strings.Join(shown, "\n---\n"))
	}
	_, keep, err = change.InEditor(settings.Default("O1"), func(string) error { return nil })
	if !errors.Is(err, change.ErrAborted) {
		t.Errorf("error is %v", err)
	}
	_ = os.Remove(keep)
	_, keep, err = change.InEditor(settings.Default("O1"), func(string) error { return errors.New("no such editor") })
	if err == nil || !strings.Contains(err.Error(), "running the editor: no such editor") {
		t.Errorf("error is %v", err)
	}
	_ = os.Remove(keep)
}
