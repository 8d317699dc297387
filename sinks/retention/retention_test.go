// SPDX-License-Identifier: Apache-2.0

package retention_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/retention"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

var ctx = context.Background()

const day = 24 * time.Hour

// short is a retention that a year goes through several times.
var short = retention.Config{Responses: 60, Audit: 60, Settings: 60, Sessions: 20, Journal: 20, Digests: 20}

// messages is how many reach a person one by one.
const messages = 5

// world is a store in which a year passes.
type world struct {
	t  *testing.T
	db *noting
	// The wall clock.
	now     time.Time
	message *digest.Notifier
	version string
}

func newWorld(t *testing.T, db kv.Store) *world {
	w := &world{t: t, db: &noting{Store: db, buckets: map[string]bool{}}, now: sinktest.T0}
	var err error
	w.message, err = digest.New(sinktest.NewWorld(), w.db,
		digest.Config{AfterMessages: messages, Window: 10 * time.Minute},
		digest.Options{Now: func() time.Time { return w.now }})
	sinktest.Must(t, err)
	return w
}

// passDay is what a day leaves in the store, and then what is forgotten of it.
func (w *world) passDay(n int) {
	w.t.Helper()
	must := func(err error) { w.t.Helper(); sinktest.Must(w.t, err) }
	id := fmt.Sprintf("D%03d", n)
	w.respond(id, true)
	must(trail.New(w.db).Append(ctx, &aerv1.AuditEntry{Id: "A-" + id, DateCreate: uint32(w.now.Unix()),
		Action:  aerv1.ActionSessionsReset,
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1"}}}))
	table := sessions.NewTable(w.db)
	must(table.Start(ctx, sessions.Session{OrgID: "O1", UserID: "U1", SessionID: aerv1.SessionID("S-" + id),
		StartedAt: w.now}))
	_, err := table.End(ctx, sessions.EndRequest{Key: id, OrgID: "O1", UserID: "U1", At: w.now})
	must(err)
	must(w.db.Update(ctx, func(t kv.Tx) error { // as the Slack adapter does
		return kv.Save(t, "journal", kv.Key("O1", id), map[string]any{"state": "done", "at": w.now})
	}))
	for i := range messages + 2 {
		must(w.message.Notify(ctx, message(fmt.Sprint(id, "-", i), "U-"+id)))
	}
	sent, err := w.message.FlushAll(ctx)
	if err != nil || sent != 1 {
		w.t.Fatalf("%d digests sent, %v", sent, err)
	}
	before := w.version
	w.version = "v-" + id
	must(settings.New(w.db).Put(ctx, &aerv1.Settings{OrgId: "O1", Version: w.version, ChangedBy: "kim",
		ChangedAt: aerv1.Time(w.now)}, before))
	must(sinktest.PutPeople(ctx, w.db, &aerv1.Directory{OrgId: "O1", Name: id}))
	done := false
	for range 10 {
		if done, err = retention.Forget(ctx, w.db.Store, short, w.now); done || err != nil {
			break
		}
	}
	if !done || err != nil {
		w.t.Fatalf("forgetting on day %d: %v, %v", n, done, err)
	}
}

// respond leaves the steps of a response.
func (w *world) respond(id string, closed bool) {
	w.t.Helper()
	l := ledger.New(w.db)
	for _, k := range []ledger.Key{{Kind: ledger.KindOpen}, {Kind: "revoke", Target: "U1"},
		{Kind: "notify", Target: "U1", Channel: "email"}, {Kind: ledger.KindClose}} {
		if k.OrgID, k.ResponseID = "O1", aerv1.DecisionID(id); k.Kind == ledger.KindClose && !closed {
			continue
		}
		_, err := l.Begin(ctx, k, w.now)
		sinktest.Must(w.t, err)
		_, err = l.Done(ctx, k, w.now, strings.Repeat("result ", 50))
		sinktest.Must(w.t, err)
	}
}

// size counts all keys of the store, and their bytes.
func (w *world) size() (keys, bytes int) {
	w.t.Helper()
	sinktest.Must(w.t, w.db.View(ctx, func(t kv.Tx) error {
		keys, bytes = 0, 0
		for b := range w.db.buckets {
			if b == "changes" { // a ring that is not full yet
				continue
			}
			err := t.Scan(b, kv.Range{}, func(k, v []byte) error { keys++; bytes += len(k) + len(v); return nil })
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return keys, bytes
}

// noting knows which buckets were written to.
type noting struct {
	kv.Store
	mu      sync.Mutex
	buckets map[string]bool
}

func (n *noting) Update(ctx context.Context, f func(kv.Tx) error) error {
	return n.Store.Update(ctx, func(t kv.Tx) error { return f(notingTx{t, n}) })
}

type notingTx struct {
	kv.Tx
	n *noting
}

func (t notingTx) Put(bucket string, key, value []byte) error {
	t.n.mu.Lock()
	t.n.buckets[bucket] = true
	t.n.mu.Unlock()
	return t.Tx.Put(bucket, key, value)
}

// step is how many days pass at once: every day of a year would wait ten thousand times for the disk.
const step = 6

// settled is the day by which all kinds of record have been kept long enough.
const settled = 17 * step

// year lets a year pass. check is called each time, with whether the store should have stopped growing.
func (w *world) year(check func(n int, flat bool)) {
	w.respond("open", false)
	for n := 0; n < 365; n += step {
		w.now = sinktest.T0.Add(time.Duration(n) * day)
		w.passDay(n)
		check(n, n > settled)
	}
	open, err := ledger.New(w.db).Open(ctx)
	if err != nil || len(open) != 1 || open[0].ResponseID != "open" {
		w.t.Errorf("open are %v, %v", open, err)
	}
}

// TestYear: after the retention a store does not grow any more, by keys nor by bytes, and what is open is still there.
func TestYear(t *testing.T) {
	sinktest.Engines(t, func(t *testing.T, open sinktest.Open[kv.Store]) {
		t.Parallel() // most of the time goes into waiting for the disk
		yearSuite(t, open)
	})
}

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, yearSuite) }

func yearSuite(t *testing.T, open sinktest.Open[kv.Store]) {
	db, _ := open(t)
	w := newWorld(t, db)
	var flatKeys, flatBytes int
	w.year(func(n int, flat bool) {
		keys, bytes := w.size()
		if !flat {
			flatKeys, flatBytes = keys, bytes
		} else if keys > flatKeys || bytes > flatBytes+flatBytes/100 { // counters get longer
			t.Fatalf("day %d: %d keys of %d bytes, on day %d it were %d of %d", n, keys, bytes, settled, flatKeys, flatBytes)
		}
	})
}

// TestYearOfAFile: the file stays as large as it was after the retention.
func TestYearOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "aer.db")
	db, err := kv.Open(path, kv.Options{})
	sinktest.Must(t, err)
	defer func() { _ = db.Close() }()
	var largest int64
	newWorld(t, db).year(func(n int, flat bool) {
		info, err := os.Stat(path)
		sinktest.Must(t, err)
		if flat && info.Size() > largest {
			t.Fatalf("day %d: the file has %d bytes, on day %d it had %d", n, info.Size(), settled, largest)
		}
		largest = info.Size()
	})
}

func TestValidate(t *testing.T) {
	c := short
	sinktest.Must(t, c.Validate())
	c.Audit, c.Digests = 1, 1_000_000
	err := c.Validate()
	for _, want := range []string{"audit_days: 1 is not possible; use 2 to 36500", "digests_days: 1000000"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q in it", err, want)
		}
	}
}
