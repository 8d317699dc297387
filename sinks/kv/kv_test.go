package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/store"
)

// openStore opens a store with the function that reopens it.
type openStore func(t *testing.T) (*store.Store, func() *store.Store)

func openBolt(t *testing.T) (*store.Store, func() *store.Store) {
	path := filepath.Join(t.TempDir(), "aer.db")
	var s *store.Store
	open := func() *store.Store {
		if s != nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if s, err = store.Open(path, store.Options{}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Cleanup(func() { _ = s.Close() })
	return open(), open
}

func openMemory(t *testing.T) (*store.Store, func() *store.Store) {
	s := store.NewMemory()
	return s, func() *store.Store {
		again, err := s.Reopen()
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
}

// openShared reopens as another process would: the first handle stays.
func openShared(t *testing.T) (*store.Store, func() *store.Store) {
	path := filepath.Join(t.TempDir(), "sub", "settings.db")
	open := func() *store.Store {
		s, err := store.OpenShared(path, store.Options{LockTimeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return open(), open
}

func chosen(s *store.Store) sinktest.Chosen { return s }

var stores = map[string]openStore{"bolt": openBolt, "memory": openMemory}

// part gives a suite one concern of a store.
func part[T any](open openStore, of func(*store.Store) T) sinktest.Open[T] {
	return func(t *testing.T) (T, func() T) {
		s, reopen := open(t)
		return of(s), func() T { return of(reopen()) }
	}
}

func TestConformance(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Run("settings", func(t *testing.T) { sinktest.Settings(t, part(open, (*store.Store).Settings)) })
			t.Run("directory", func(t *testing.T) { sinktest.Directory(t, part(open, (*store.Store).Directory)) })
			t.Run("ledger", func(t *testing.T) { sinktest.Ledger(t, part(open, (*store.Store).Ledger)) })
			t.Run("sessions", func(t *testing.T) { sinktest.SessionTable(t, part(open, (*store.Store).Sessions)) })
			t.Run("audit", func(t *testing.T) { sinktest.Audit(t, part(open, (*store.Store).Audit)) })
			t.Run("digests", func(t *testing.T) { sinktest.Digests(t, part(open, (*store.Store).Digests)) })
			t.Run("changes", func(t *testing.T) { sinktest.Changes(t, part(open, chosen)) })
		})
	}
	t.Run("shared", func(t *testing.T) { // what people choose; it is no place for sessions and responses
		t.Run("settings", func(t *testing.T) { sinktest.Settings(t, part(openShared, (*store.Store).Settings)) })
		t.Run("directory", func(t *testing.T) { sinktest.Directory(t, part(openShared, (*store.Store).Directory)) })
		t.Run("audit", func(t *testing.T) { sinktest.Audit(t, part(openShared, (*store.Store).Audit)) })
		t.Run("changes", func(t *testing.T) { sinktest.Changes(t, part(openShared, chosen)) })
	})
	t.Run("audit file", func(t *testing.T) { sinktest.Audit(t, openAuditFile) })
}

func TestFailingFails(t *testing.T) {
	boom := errors.New("boom")
	s := store.NewFailing(boom)
	ctx := context.Background()
	_, err1 := s.Settings().Get(ctx, "O1")
	_, err2 := s.Ledger().Begin(ctx, store.Key{OrgID: "O1", ResponseID: "R1", Kind: "revoke"}, sinktest.T0)
	_, err3 := s.Sessions().List(ctx, "O1", "U1")
	for _, err := range []error{err1, err2, err3, s.Directory().Put(ctx, &aerv1.Directory{OrgId: "O1"})} {
		if !errors.Is(err, boom) {
			t.Errorf("error is %v", err)
		}
	}
}

func TestLockedFileIsReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "aer.db")
	s, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(path, store.Options{LockTimeout: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "is another aer running on it?") || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ro, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ro.Close() }()
	if _, err := ro.Settings().Get(context.Background(), "O1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	if err := ro.Directory().Put(context.Background(), &aerv1.Directory{OrgId: "O1"}); err == nil {
		t.Error("a store opened for reading took a write")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("x"), 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*store.Store, error){
		"not a store": func() (*store.Store, error) { return store.Open(garbage, store.Options{}) },
		"nothing to read": func() (*store.Store, error) {
			return store.Open(filepath.Join(dir, "none.db"), store.Options{ReadOnly: true})
		},
		"a folder instead": func() (*store.Store, error) { return store.Open(dir, store.Options{}) },
	} {
		if s, err := open(); err == nil {
			t.Errorf("%s: opened", name)
			_ = s.Close()
		}
	}
}

func TestSeedPutsOnlyWhatDiffers(t *testing.T) {
	ctx := context.Background()
	s := store.NewMemory()
	seed := func(version string) {
		t.Helper()
		err := store.Seed(ctx, s.Settings(), s.Directory(),
			[]*aerv1.Settings{{OrgId: "O1", Version: version}}, []*aerv1.Directory{{OrgId: "O1", Name: version}})
		if err != nil {
			t.Fatal(err)
		}
	}
	seed("v1")
	seed("v1")
	seed("v2")
	if h, err := s.Settings().History(ctx, "O1"); err != nil || len(h) != 2 {
		t.Errorf("history: %v, %v", h, err)
	}
	if d, err := s.Directory().Get(ctx, "O1"); err != nil || d.GetName() != "v2" {
		t.Errorf("directory: %v, %v", d, err)
	}
}
