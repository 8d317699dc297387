// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestFirestoreExpiry(t *testing.T) {
	t.Setenv(sinktest.FirestoreEmulatorEnv, sinktest.StartFirestore(t).Addr)
	expirySuite(t, sinktest.FreshFirestore())
}

// expirySuite: a pass says in the documents when their records expire, as long after their time as they are kept; what
// is written again does not expire until the next pass, and another retention is another time.
func expirySuite(t *testing.T, o kv.FirestoreOptions) {
	s, err := kv.OpenFirestore(ctx, o)
	sinktest.Must(t, err)
	defer func() { _ = s.Close() }()
	type dated struct{ At time.Time }
	save := func(k string, at time.Time) {
		sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error { return kv.Save(tx, "b", []byte(k), dated{at}) }))
	}
	aging := kv.AgingOf("b", func(d dated) time.Time { return d.At })
	now := sinktest.T0
	pass := func(keep time.Duration) {
		now = now.Add(day)
		done, err := kv.Forget(ctx, s, aging, now, keep)
		sinktest.Must(t, err)
		if !done {
			t.Fatal("the pass is not done")
		}
	}
	want := func(when string, want map[string]time.Time) {
		t.Helper()
		if diff := cmp.Diff(want, expiries(t, o, "b")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	save("a", now)
	save("b", now.Add(time.Hour))
	save("undated", time.Time{})
	want("before a pass", map[string]time.Time{"a": {}, "b": {}, "undated": {}})
	pass(7 * day)
	first := map[string]time.Time{"a": sinktest.T0.Add(7 * day), "b": sinktest.T0.Add(7*day + time.Hour), "undated": {}}
	want("after a pass", first)
	pass(7 * day)
	want("after a second", first)
	save("a", now)
	want("written again", map[string]time.Time{"a": {}, "b": first["b"], "undated": {}})
	pass(9 * day)
	want("kept for longer", map[string]time.Time{"a": sinktest.T0.Add(11 * day),
		"b": sinktest.T0.Add(9*day + time.Hour), "undated": {}})
	sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error {
		if !kv.Expire(tx, "b", []byte("b"), time.Time{}) || kv.Expire(tx, "b", []byte("undated"), time.Time{}) {
			t.Error("what is news is not told from what is none")
		}
		return nil
	}))
	want("never", map[string]time.Time{"a": sinktest.T0.Add(11 * day), "b": {}, "undated": {}})
	now = now.Add(20 * day)
	pass(9 * day)
	want("when it is old", map[string]time.Time{"undated": {}})
}

// expiries reads the documents of a bucket without package kv: when they expire, by key.
func expiries(t *testing.T, o kv.FirestoreOptions, bucket string) map[string]time.Time {
	t.Helper()
	c, err := firestore.NewClient(ctx, o.Project)
	sinktest.Must(t, err)
	defer func() { _ = c.Close() }()
	all := map[string]time.Time{}
	sinktest.Must(t, c.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		docs, err := tx.Documents(c.Collection(o.Prefix+bucket).OrderBy(firestore.DocumentID, firestore.Asc)).GetAll()
		for _, d := range docs {
			at, _ := d.Data()["expires"].(time.Time)
			if v, ok := d.Data()["value"].([]byte); !ok || len(v) == 0 {
				t.Errorf("document %s has no value", d.Ref.ID)
			}
			all[keys[d.Ref.ID]] = at
		}
		return err
	}, firestore.ReadOnly))
	return all
}

// keys are the documents of the keys here.
var keys = map[string]string{kv.DocumentID([]byte("a")): "a", kv.DocumentID([]byte("b")): "b",
	kv.DocumentID([]byte("undated")): "undated"}
