// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

// sharedPathEnv makes TestOtherProcess write, as another process, into the store it names.
const sharedPathEnv = "AER_TEST_SHARED_STORE"

// writes is how often each writer of TestSharedByProcesses counts.
const writes = 10

// TestOtherProcess is no test by itself: TestSharedByProcesses runs it in a process of its own.
func TestOtherProcess(t *testing.T) {
	path := os.Getenv(sharedPathEnv)
	if path == "" {
		t.Skip("run by TestSharedByProcesses")
	}
	countMany(t, path)
}

func countMany(t *testing.T, path string) {
	s, err := kv.OpenShared(path, kv.Options{LockTimeout: time.Minute})
	if err != nil {
		t.Error(err)
		return
	}
	for range writes {
		if _, err := kv.Write(ctx, s, func(tx kv.Tx) (uint64, error) { return kv.NextSeq(tx, "c") }); err != nil {
			t.Error(err)
		}
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
	for range 2 {
		wg.Go(func() { countMany(t, path) })
	}
	wg.Wait()
	s, err := kv.OpenShared(path, kv.Options{ReadOnly: true})
	sinktest.Must(t, err)
	n, err := kv.Read(ctx, s, func(tx kv.Tx) (uint64, error) { return kv.Seq(tx.Get(kv.Meta, kv.CounterKey("c"))), nil })
	if err != nil || n != 3*writes {
		t.Errorf("counted %d, %v", n, err)
	}
	err = s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), nil) })
	if err == nil || !strings.Contains(err.Error(), "opened for reading") {
		t.Errorf("error is %v", err)
	}
}

func TestSharedErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.db")
	if _, err := kv.OpenShared(path, kv.Options{ReadOnly: true}); err == nil {
		t.Error("a file that is not there was opened for reading")
	}
	s, err := kv.OpenShared(path, kv.Options{LockTimeout: time.Millisecond})
	sinktest.Must(t, err)
	wantAll(t, s, kv.Range{})
	held, err := kv.Open(path, kv.Options{})
	sinktest.Must(t, err)
	write := func() error { return s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), nil) }) }
	err = write()
	sinktest.WantIs(t, err, kv.ErrLocked)
	if !strings.Contains(err.Error(), path+" is locked") {
		t.Errorf("error is %v", err)
	}
	sinktest.Must(t, held.Close())
	sinktest.Must(t, write())
}
