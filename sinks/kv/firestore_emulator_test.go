// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestIntegrationFirestore runs everything that a store promises on Google's emulator.
func TestIntegrationFirestore(t *testing.T) {
	sinktest.OnFirestoreEmulator(t, func(t *testing.T, open sinktest.Open[kv.Store]) {
		suite(t, open)
		t.Run("like a map", func(t *testing.T) { likeAMap(t, open) })
		t.Run("limits", func(t *testing.T) { firestoreLimits(t, open) })
		t.Run("expiry", func(t *testing.T) { expirySuite(t, sinktest.FreshFirestore()) })
		t.Run("processes", func(t *testing.T) { contended(t, sinktest.FreshFirestore()) })
	})
}

// TestFirestoreProcesses: the same with the server inside this process.
func TestFirestoreProcesses(t *testing.T) {
	t.Setenv(sinktest.FirestoreEmulatorEnv, sinktest.StartFirestore(t).Addr)
	contended(t, sinktest.FreshFirestore())
}

// Each of several processes creates the same records and counts.
const (
	contenders = 3
	records    = 8
	// contenderEnv makes TestContender one of them: it is the prefix of the collections.
	contenderEnv = "AER_TEST_CONTENDER"
)

// won is what a contender says of itself.
type won struct {
	Created []string
	Counted []uint64
}

// TestContender is no test by itself: contended runs it in processes of their own.
func TestContender(t *testing.T) {
	prefix := os.Getenv(contenderEnv)
	if prefix == "" {
		t.Skip("run by TestFirestoreProcesses")
	}
	o := sinktest.FreshFirestore()
	o.Prefix = prefix
	s, err := kv.OpenFirestore(ctx, o)
	sinktest.Must(t, err)
	var w won
	for i := range records {
		k := fmt.Sprint("r", i)
		first, err := kv.Write(ctx, s, func(tx kv.Tx) (bool, error) {
			if tx.Get("b", []byte(k)) != nil {
				return false, nil
			}
			return true, tx.Put("b", []byte(k), fmt.Append(nil, os.Getpid()))
		})
		sinktest.Must(t, err)
		if first {
			w.Created = append(w.Created, k)
		}
		n, err := kv.Write(ctx, s, func(tx kv.Tx) (uint64, error) { return kv.NextSeq(tx, "c") })
		sinktest.Must(t, err)
		w.Counted = append(w.Counted, n)
	}
	sinktest.Must(t, s.Close())
	raw, err := json.Marshal(w)
	sinktest.Must(t, err)
	fmt.Fprintf(os.Stdout, "won: %s\n", raw)
}

// contended has several processes create the same records and count: each record is created by one of them, and no
// number is given twice or left out, because what the service aborts is tried again.
func contended(t *testing.T, o kv.FirestoreOptions) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	creators, counted := map[string]int{}, map[uint64]int{}
	for range contenders {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestContender$")
			cmd.Env = append(os.Environ(), contenderEnv+"="+o.Prefix)
			out, err := cmd.CombinedOutput()
			_, said, found := strings.Cut(string(out), "won: ")
			said, _, _ = strings.Cut(said, "\n")
			var w won
			if err != nil || !found || json.Unmarshal([]byte(said), &w) != nil {
				t.Errorf("a contender: %v\n%s", err, out)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, k := range w.Created {
				creators[k]++
			}
			for _, n := range w.Counted {
				counted[n]++
			}
		})
	}
	wg.Wait()
	for i := range records {
		if k := fmt.Sprint("r", i); creators[k] != 1 {
			t.Errorf("%s was created by %d processes", k, creators[k])
		}
	}
	for n := uint64(1); n <= contenders*records; n++ {
		if counted[n] != 1 {
			t.Errorf("number %d was given %d times", n, counted[n])
		}
	}
}
