// SPDX-License-Identifier: Apache-2.0

package settings_test

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
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

func someSettings(org, version string) *aerv1.Settings {
	return &aerv1.Settings{
		OrgId: org, Version: version, ChangedBy: "U9", ChangedAt: aerv1.Time(sinktest.T0),
		Detectors: map[string]*aerv1.DetectorSettings{aerv1.TypeTor: {Mode: aerv1.DetectorRespond,
			ExcludedUsers: []string{"U1"}}},
		Trusted: []*aerv1.TrustedNetwork{{Cidr: "203.0.113.0/24", Reason: "office"}},
	}
}

func TestSettings(t *testing.T) {
	sinktest.Engines(t, func(t *testing.T, open sinktest.Open[kv.Store]) { suite(t, sinktest.On(open, settings.New)) })
}

func TestIntegrationFirestore(t *testing.T) {
	sinktest.OnFirestoreEmulator(t, func(t *testing.T, open sinktest.Open[kv.Store]) {
		suite(t, sinktest.On(open, settings.New))
		changesSuite(t, open)
	})
}

func suite(t *testing.T, open sinktest.Open[settings.Table]) {
	ctx := context.Background()
	t.Run("versions", func(t *testing.T) {
		s, reopen := open(t)
		_, err := s.Get(ctx, "O1")
		sinktest.WantIs(t, err, kv.ErrNotFound)
		sinktest.Must(t, s.Put(ctx, someSettings("O1", "v1"), ""))
		sinktest.WantIs(t, s.Put(ctx, someSettings("O1", "v2"), ""), settings.ErrPrecondition)
		sinktest.Must(t, s.Put(ctx, someSettings("O1", "v2"), "v1"))
		sinktest.Must(t, s.Put(ctx, someSettings("O1", "v2"), "v1")) // a repeated call
		sinktest.WantIs(t, s.Put(ctx, someSettings("O1", "v3"), "v1"), settings.ErrPrecondition)
		s = reopen()
		wantSettings(t, s, "O1", "v2")
		history, err := s.History(ctx, "O1")
		sinktest.Must(t, err)
		if diff := gocmp.Diff([]*aerv1.Settings{someSettings("O1", "v1"), someSettings("O1", "v2")}, history,
			protocmp.Transform()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
	t.Run("one of several changes wins", func(t *testing.T) {
		s, _ := open(t)
		sinktest.Must(t, s.Put(ctx, someSettings("O1", "v1"), ""))
		var won atomic.Int32
		sinktest.Together(func(i int) {
			err := s.Put(ctx, someSettings("O1", fmt.Sprintf("w%d", i)), "v1")
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, settings.ErrPrecondition) {
				t.Error(err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d changes of one version were accepted", won.Load())
		}
	})
	t.Run("organisations are apart", func(t *testing.T) {
		s, _ := open(t)
		for i, org := range sinktest.HostileIDs {
			sinktest.Must(t, s.Put(ctx, someSettings(org, fmt.Sprint("v", i)), ""))
		}
		all, err := s.All(ctx)
		sinktest.Must(t, err)
		if len(all) != len(sinktest.HostileIDs) ||
			!slices.IsSortedFunc(all, func(a, b *aerv1.Settings) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) }) {
			t.Errorf("%d organisations, want %d in order", len(all), len(sinktest.HostileIDs))
		}
		for i, org := range sinktest.HostileIDs {
			wantSettings(t, s, org, fmt.Sprint("v", i))
			if history, err := s.History(ctx, aerv1.OrgID(org)); err != nil || len(history) != 1 ||
				history[0].GetOrgId() != org {
				t.Errorf("history of %q: %v, %v", org, history, err)
			}
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		s, _ := open(t)
		for _, bad := range []*aerv1.Settings{nil, someSettings("", "v1"), someSettings("O1", ""),
			someSettings("\xff", "v1")} {
			if err := s.Put(ctx, bad, ""); err == nil {
				t.Errorf("settings of %q version %q were accepted", bad.GetOrgId(), bad.GetVersion())
			}
		}
		sinktest.WantIs(t, s.Put(sinktest.Cancelled(), someSettings("O1", "v1"), ""), context.Canceled)
		_, err := s.Get(ctx, "O1")
		sinktest.WantIs(t, err, kv.ErrNotFound)
	})
}

func wantSettings(t *testing.T, s settings.Table, org, version string) {
	t.Helper()
	got, err := s.Get(context.Background(), aerv1.OrgID(org))
	sinktest.Must(t, err)
	if diff := gocmp.Diff(someSettings(org, version), got, protocmp.Transform()); diff != "" {
		t.Errorf("settings of %q (-want +got):\n%s", org, diff)
	}
}
