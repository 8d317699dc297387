package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/store"
)

// sharedPathEnv makes TestOtherProcess write, as another process, into the store it names.
const sharedPathEnv = "AER_TEST_SHARED_STORE"

// writes is how many settings each writer of TestSharedByProcesses puts.
const writes = 10

// TestOtherProcess is no test by itself: TestSharedByProcesses runs it in a process of its own.
func TestOtherProcess(t *testing.T) {
	path := os.Getenv(sharedPathEnv)
	if path == "" {
		t.Skip("run by TestSharedByProcesses")
	}
	putMany(t, path, "other")
}

func putMany(t *testing.T, path, who string) {
	s, err := store.OpenShared(path, store.Options{LockTimeout: time.Minute})
	if err != nil {
		t.Error(err)
		return
	}
	before := ""
	for i := range writes {
		version := fmt.Sprint("v", i)
		if err := s.Settings().Put(context.Background(), &aerv1.Settings{OrgId: who, Version: version}, before); err != nil {
			t.Error(err)
		}
		before = version
	}
}

// TestSharedByProcesses: two processes and several handles of one write at once, and nothing is lost.
func TestSharedByProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.db")
	var wg sync.WaitGroup
	wg.Go(func() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOtherProcess$")
		cmd.Env = append(os.Environ(), sharedPathEnv+"="+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("the other process: %v\n%s", err, out)
		}
	})
	for _, who := range []string{"first", "second"} {
		wg.Go(func() { putMany(t, path, who) })
	}
	wg.Wait()
	s, err := store.OpenShared(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"first", "second", "other"} {
		if h, err := s.Settings().History(context.Background(), who); err != nil || len(h) != writes {
			t.Errorf("%s: %d versions, %v", who, len(h), err)
		}
	}
	if last, err := s.Changes().Last(context.Background()); err != nil || last != 3*writes {
		t.Errorf("last change is %d, %v", last, err)
	}
	if err := s.Directory().Put(context.Background(), &aerv1.Directory{OrgId: "O1"}); err == nil || !strings.Contains(err.Error(), "opened for reading") {
		t.Errorf("error is %v", err)
	}
}

func TestSharedErrors(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "settings.db")
	if _, err := store.OpenShared(path, store.Options{ReadOnly: true}); err == nil {
		t.Error("a file that is not there was opened for reading")
	}
	s, err := store.OpenShared(path, store.Options{LockTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Settings().Get(ctx, "O1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	held, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Directory().Put(ctx, &aerv1.Directory{OrgId: "O1"}); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), path+" is locked") {
		t.Errorf("error is %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Directory().Put(ctx, &aerv1.Directory{OrgId: "O1"}); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 1<<16)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenShared(path, store.Options{}); err == nil {
		t.Error("garbage was opened")
	}
}

// TestImport: a file speaks when it changes, and not over what people chose since.
func TestImport(t *testing.T) {
	ctx := context.Background()
	s := store.NewMemory()
	file := func(version string, want int) {
		t.Helper()
		n, err := s.Import(ctx, []*aerv1.Settings{{OrgId: "O1", Version: version, ChangedBy: "file"}}, []*aerv1.Directory{{OrgId: "O1", Name: version}})
		if err != nil || n != want {
			t.Errorf("%d records changed, want %d; %v", n, want, err)
		}
	}
	current := func(want string) {
		t.Helper()
		if got, err := s.Settings().Get(ctx, "O1"); err != nil || got.GetVersion() != want {
			t.Errorf("version is %q, want %q; %v", got.GetVersion(), want, err)
		}
	}
	file("v1", 2)
	if err := s.Settings().Put(ctx, &aerv1.Settings{OrgId: "O1", Version: "mine"}, "v1"); err != nil {
		t.Fatal(err)
	}
	file("v1", 0) // as after a restart
	current("mine")
	file("v2", 2)
	current("v2")
	if _, err := s.Import(ctx, []*aerv1.Settings{{OrgId: "O1"}}, nil); err == nil {
		t.Error("settings without a version were imported")
	}
}

// TestBigSettings are refused before they are too big for an audit entry.
func TestBigSettings(t *testing.T) {
	big := &aerv1.Settings{OrgId: "O1", Version: "v1", ChangedBy: strings.Repeat("x", store.MaxSettingsBytes)}
	if err := store.NewMemory().Settings().Put(context.Background(), big, ""); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("error is %v", err)
	}
}

var _ sinktest.Chosen = (*store.Store)(nil)
