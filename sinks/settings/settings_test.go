package sinktest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/store"
)

func someSettings(org, version string) *aerv1.Settings {
	return &aerv1.Settings{
		OrgId: org, Version: version, ChangedBy: "U9", ChangedAt: aerv1.Time(T0),
		Detectors: map[string]*aerv1.DetectorSettings{aerv1.TypeTor: {Mode: aerv1.DetectorRespond, ExcludedUsers: []string{"U1"}}},
		Trusted:   []*aerv1.TrustedNetwork{{Cidr: "203.0.113.0/24", Reason: "office"}},
	}
}

// Settings checks an implementation of store.Settings.
func Settings(t *testing.T, open Open[store.Settings]) {
	ctx := context.Background()
	t.Run("versions", func(t *testing.T) {
		s, reopen := open(t)
		_, err := s.Get(ctx, "O1")
		wantIs(t, err, store.ErrNotFound)
		must(t, s.Put(ctx, someSettings("O1", "v1"), ""))
		wantIs(t, s.Put(ctx, someSettings("O1", "v2"), ""), store.ErrPrecondition)
		must(t, s.Put(ctx, someSettings("O1", "v2"), "v1"))
		must(t, s.Put(ctx, someSettings("O1", "v2"), "v1")) // a repeated call
		wantIs(t, s.Put(ctx, someSettings("O1", "v3"), "v1"), store.ErrPrecondition)
		s = reopen()
		wantSettings(t, s, "O1", "v2")
		history, err := s.History(ctx, "O1")
		must(t, err)
		if diff := gocmp.Diff([]*aerv1.Settings{someSettings("O1", "v1"), someSettings("O1", "v2")}, history, protocmp.Transform()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
	t.Run("one of several changes wins", func(t *testing.T) {
		s, _ := open(t)
		must(t, s.Put(ctx, someSettings("O1", "v1"), ""))
		var won atomic.Int32
		together(func(i int) {
			err := s.Put(ctx, someSettings("O1", fmt.Sprintf("w%d", i)), "v1")
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, store.ErrPrecondition) {
				t.Error(err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d changes of one version were accepted", won.Load())
		}
	})
	t.Run("organisations are apart", func(t *testing.T) {
		s, _ := open(t)
		for i, org := range HostileIDs {
			must(t, s.Put(ctx, someSettings(org, fmt.Sprint("v", i)), ""))
		}
		all, err := s.All(ctx)
		must(t, err)
		if len(all) != len(HostileIDs) || !slices.IsSortedFunc(all, func(a, b *aerv1.Settings) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) }) {
			t.Errorf("%d organisations, want %d in order", len(all), len(HostileIDs))
		}
		for i, org := range HostileIDs {
			wantSettings(t, s, org, fmt.Sprint("v", i))
			if history, err := s.History(ctx, org); err != nil || len(history) != 1 || history[0].GetOrgId() != org {
				t.Errorf("history of %q: %v, %v", org, history, err)
			}
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		s, _ := open(t)
		for _, bad := range []*aerv1.Settings{nil, someSettings("", "v1"), someSettings("O1", ""), someSettings("\xff", "v1")} {
			if err := s.Put(ctx, bad, ""); err == nil {
				t.Errorf("settings of %q version %q were accepted", bad.GetOrgId(), bad.GetVersion())
			}
		}
		wantIs(t, s.Put(cancelled(), someSettings("O1", "v1"), ""), context.Canceled)
		_, err := s.Get(ctx, "O1")
		wantIs(t, err, store.ErrNotFound)
	})
}

func wantSettings(t *testing.T, s store.Settings, org, version string) {
	t.Helper()
	got, err := s.Get(context.Background(), org)
	must(t, err)
	if diff := gocmp.Diff(someSettings(org, version), got, protocmp.Transform()); diff != "" {
		t.Errorf("settings of %q (-want +got):\n%s", org, diff)
	}
}

// Directory checks an implementation of store.Directory.
func Directory(t *testing.T, open Open[store.Directory]) {
	ctx := context.Background()
	d, reopen := open(t)
	_, err := d.Get(ctx, "O1")
	wantIs(t, err, store.ErrNotFound)
	for i, org := range HostileIDs {
		must(t, d.Put(ctx, &aerv1.Directory{OrgId: org, Name: "replaced"}))
		must(t, d.Put(ctx, &aerv1.Directory{OrgId: org, Name: fmt.Sprint("n", i), People: []*aerv1.Person{{UserId: "U1"}}}))
	}
	d = reopen()
	for i, org := range HostileIDs {
		got, err := d.Get(ctx, org)
		must(t, err)
		want := &aerv1.Directory{OrgId: org, Name: fmt.Sprint("n", i), People: []*aerv1.Person{{UserId: "U1"}}}
		if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("directory of %q (-want +got):\n%s", org, diff)
		}
	}
	all, err := d.All(ctx)
	must(t, err)
	if len(all) != len(HostileIDs) || len(all[0].GetPeople()) != 1 {
		t.Errorf("%d directories, want %d with their people", len(all), len(HostileIDs))
	}
	orgs, err := d.Orgs(ctx)
	must(t, err)
	if len(orgs) != len(HostileIDs) {
		t.Errorf("%d organisations, want %d", len(orgs), len(HostileIDs))
	}
	if d.Put(ctx, &aerv1.Directory{}) == nil {
		t.Error("a directory without organisation was accepted")
	}
	wantIs(t, d.Put(cancelled(), &aerv1.Directory{OrgId: "O9"}), context.Canceled)
}
