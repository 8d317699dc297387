// SPDX-License-Identifier: Apache-2.0

package retention_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

var update = flag.Bool("update", false, "write sinks/kv/firestore.indexes.json")

// override is how one field of a collection is indexed, in the words of the file that the Firebase CLI deploys.
type override struct {
	Collection string     `json:"collectionGroup"`
	Field      string     `json:"fieldPath"`
	TTL        bool       `json:"ttl,omitempty"`
	Indexes    []struct{} `json:"indexes"`
}

// TestFirestoreIndexes: firestore.indexes.json says what follows from what some days leave in a store. Every query is
// by document id, which the server of package firestoretest sees to, so that no field needs an index, and each that has
// one would cost its bytes twice and its writes more; the collections in which records expire have a TTL policy.
func TestFirestoreIndexes(t *testing.T) {
	t.Setenv(sinktest.FirestoreEmulatorEnv, sinktest.StartFirestore(t).Addr)
	o := kv.FirestoreOptions{Project: "p"}
	db, err := kv.OpenFirestore(ctx, o)
	sinktest.Must(t, err)
	defer func() { _ = db.Close() }()
	w := newWorld(t, db)
	for n := range 3 {
		w.now = sinktest.T0.Add(time.Duration(n) * day)
		w.passDay(n)
	}
	var file struct {
		Indexes   []struct{} `json:"indexes"`
		Overrides []override `json:"fieldOverrides"`
	}
	file.Indexes = []struct{}{}
	for _, bucket := range slices.Sorted(maps.Keys(w.db.buckets)) {
		c := kv.DefaultFirestorePrefix + bucket
		for _, field := range []string{"expires", "value", "zstd"} {
			file.Overrides = append(file.Overrides, override{Collection: c, Field: field, Indexes: []struct{}{},
				TTL: field == "expires" && expiring(t, o, c)})
		}
	}
	want, err := json.MarshalIndent(file, "", "  ")
	sinktest.Must(t, err)
	path := filepath.Join("..", "kv", "firestore.indexes.json")
	if *update {
		sinktest.Must(t, os.WriteFile(path, append(want, '\n'), 0o644))
	}
	got, err := os.ReadFile(path)
	sinktest.Must(t, err)
	if diff := cmp.Diff(string(want), string(bytes.TrimSpace(got))); diff != "" {
		t.Errorf("%s is not what follows; write it with: go test ./sinks/retention -run Indexes -update\n%s", path, diff)
	}
}

// expiring says whether documents of a collection expire.
func expiring(t *testing.T, o kv.FirestoreOptions, collection string) (yes bool) {
	t.Helper()
	c, err := firestore.NewClient(ctx, o.Project)
	sinktest.Must(t, err)
	defer func() { _ = c.Close() }()
	sinktest.Must(t, c.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		docs, err := tx.Documents(c.Collection(collection).OrderBy(firestore.DocumentID, firestore.Asc)).GetAll()
		for _, d := range docs {
			_, has := d.Data()["expires"]
			yes = yes || has
		}
		return err
	}, firestore.ReadOnly))
	return yes
}
