// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/settings/changes"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestChanges checks the feed of changes, and that every change of settings leaves its audit entry.
func TestChanges(t *testing.T) { sinktest.Engines(t, changesSuite) }

func changesSuite(t *testing.T, open sinktest.Open[kv.Store]) {
	ctx := context.Background()
	t.Run("what changed is told once and in order", func(t *testing.T) {
		s, reopen := open(t)
		wantLast(t, s, 0)
		sinktest.Must(t, settings.New(s).Put(ctx, someSettings("O1", "v1"), ""))
		sinktest.Must(t, sinktest.PutPeople(ctx, s, &aerv1.Directory{OrgId: "O2", Name: "Acme"}))
		sinktest.Must(t, sinktest.PutPeople(ctx, s, &aerv1.Directory{OrgId: "O2", Name: "Acme"})) // nothing new
		sinktest.Must(t, settings.New(s).Put(ctx, someSettings("O1", "v1"), ""))                  // nothing new
		sinktest.WantIs(t, settings.New(s).Put(ctx, someSettings("O1", "v2"), "v0"), settings.ErrPrecondition)
		s = reopen()
		wantLast(t, s, 2)
		got, err := changes.New(s).Between(ctx, 0, 2)
		sinktest.Must(t, err)
		want := []changes.Change{{Seq: 1, Kind: changes.Settings, OrgID: "O1"},
			{Seq: 2, Kind: changes.Directory, OrgID: "O2"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := changes.New(s).Between(ctx, 2, 3); !errors.Is(err, changes.ErrGap) {
			t.Errorf("error is %v", err)
		}
		if _, err := changes.New(s).Between(ctx, 0, 1<<40); !errors.Is(err, changes.ErrGap) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("each reader of the audit log goes on where it was, also after a restart", func(t *testing.T) {
		s, reopen := open(t)
		wantNext(t, s, "a", 9)
		for i := range 5 {
			sinktest.Must(t, settings.New(s).Put(ctx, someSettings("O1", fmt.Sprint("v", i+1)), version(i)))
		}
		wantNext(t, s, "a", 2, 1, 2)
		wantNext(t, s, "a", 2, 1, 2) // not taken yet
		sinktest.Must(t, trail.NewReader(s, "a").Took(ctx, 2))
		s = reopen()
		wantNext(t, s, "a", 9, 3, 4, 5)
		sinktest.Must(t, trail.NewReader(s, "a").Took(ctx, 5))
		sinktest.Must(t, trail.NewReader(s, "a").Took(ctx, 3)) // another worker was slower
		wantNext(t, s, "a", 9)
		wantNext(t, s, "b", 9, 1, 2, 3, 4, 5)
		sinktest.Must(t, settings.New(s).Put(ctx, someSettings("O1", "v6"), "v5"))
		wantNext(t, s, "a", 9, 6)
	})
	t.Run("a change of settings leaves an audit entry in its own organisation", func(t *testing.T) {
		s, _ := open(t)
		for _, org := range sinktest.HostileIDs {
			sinktest.Must(t, settings.New(s).Put(ctx, someSettings(org, "v1"), ""))
			sinktest.Must(t, settings.New(s).Put(ctx, someSettings(org, "v2"), "v1"))
			// the same choice as before is another change
			sinktest.Must(t, settings.New(s).Put(ctx, someSettings(org, "v1"), "v2"))
		}
		ids := map[string]bool{}
		for _, org := range sinktest.HostileIDs {
			entries, err := trail.New(s).List(ctx, org)
			sinktest.Must(t, err)
			if len(entries) != 3 {
				t.Fatalf("%q has %d entries, want 3", org, len(entries))
			}
			for i, versions := range [][2]string{{"", "v1"}, {"v1", "v2"}, {"v2", "v1"}} {
				wantChange(t, entries[i], org, versions[0], versions[1])
				ids[entries[i].GetId()] = true
			}
		}
		if len(ids) != 3*len(sinktest.HostileIDs) {
			t.Errorf("%d different ids", len(ids))
		}
	})
	t.Run("who watches is called", func(t *testing.T) { watch(t, open) })
}

func wantLast(t *testing.T, s kv.Store, want uint64) {
	t.Helper()
	got, err := changes.New(s).Last(context.Background())
	sinktest.Must(t, err)
	if got != want {
		t.Errorf("last change is %d, want %d", got, want)
	}
}

func wantChange(t *testing.T, e *aerv1.AuditEntry, org, before, after string) {
	t.Helper()
	if e.GetAction() != aerv1.ActionSettingsChanged || e.GetActor().GetUser().GetId() != "U9" ||
		e.GetContext().GetLocation().GetId() != org {
		t.Errorf("entry is %v", e)
	}
	for value, version := range map[string]string{e.GetDetails().GetPreviousValue(): before,
		e.GetDetails().GetNewValue(): after} {
		s := &aerv1.Settings{}
		if value != "" {
			sinktest.Must(t, aerv1.UnmarshalJSONLine([]byte(value), s))
		}
		if s.GetVersion() != version || version != "" && s.GetOrgId() != org {
			t.Errorf("value of %q is %q, want version %q", org, value, version)
		}
	}
}

// watchPatience bounds a failing test; a call comes within milliseconds.
const watchPatience = 30 * time.Second

func watch(t *testing.T, open sinktest.Open[kv.Store]) {
	s, _ := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	called, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- changes.New(s).Watch(ctx, func() {
			select {
			case called <- struct{}{}:
			default:
			}
		})
	}()
	var last uint64
	for i := range 3 {
		sinktest.Must(t, settings.New(s).Put(ctx, someSettings(fmt.Sprint("O", i), "v1"), ""))
		for deadline := time.After(watchPatience); last <= uint64(i); {
			select {
			case err := <-ended:
				if errors.Is(err, changes.ErrNoWatch) {
					t.Skip("this store is polled")
				}
				t.Fatalf("watching ended: %v", err)
			case <-called:
				var err error
				last, err = changes.New(s).Last(ctx)
				sinktest.Must(t, err)
			case <-deadline:
				t.Fatalf("nobody told of change %d", i+1)
			}
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("watching ended with %v", err)
	}
}

// version is the name of the ith version, "" before the first.
func version(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint("v", i)
}

// wantNext checks what a reader of the audit log is given: entries with these numbers, of the versions of these
// numbers.
func wantNext(t *testing.T, s kv.Store, reader string, limit int, want ...uint64) {
	t.Helper()
	got, err := trail.NewReader(s, reader).Next(context.Background(), limit)
	sinktest.Must(t, err)
	if len(got) != len(want) {
		t.Fatalf("reader %s is given %d entries, want %d", reader, len(got), len(want))
	}
	for i, r := range got {
		if v := version(int(want[i])); r.Seq != want[i] || r.Entry.GetDetails().GetSettingsVersion() != v {
			t.Errorf("reader %s is given entry %d of %s, want %d of %s", reader, r.Seq,
				r.Entry.GetDetails().GetSettingsVersion(), want[i], v)
		}
	}
}
