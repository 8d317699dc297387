package sinktest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aer-project/aer/sinks/store"
)

// Journal checks an implementation of store.Journal.
func Journal(t *testing.T, open Open[store.Journal]) {
	ctx := context.Background()
	t.Run("what was put last is kept", func(t *testing.T) {
		j, reopen := open(t)
		_, err := j.Get(ctx, "O1", "k")
		wantIs(t, err, store.ErrNotFound)
		must(t, j.Put(ctx, "O1", "k", json.RawMessage(`1`)))
		must(t, j.Put(ctx, "O1", "k", json.RawMessage(`2`)))
		v, err := reopen().Get(ctx, "O1", "k")
		must(t, err)
		if string(v) != "2" {
			t.Errorf("got %s", v)
		}
	})
	t.Run("hostile organisations and keys are apart", func(t *testing.T) {
		j, _ := open(t)
		for _, id := range HostileIDs {
			quoted, err := json.Marshal(id)
			must(t, err)
			must(t, j.Put(ctx, "O1", id, quoted))
			must(t, j.Put(ctx, id, "k", quoted))
		}
		for _, id := range HostileIDs {
			for _, k := range [][2]string{{"O1", id}, {id, "k"}} {
				v, err := j.Get(ctx, k[0], k[1])
				must(t, err)
				var got string
				must(t, json.Unmarshal(v, &got))
				if got != id {
					t.Errorf("%q has %q", k, got)
				}
			}
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		j, _ := open(t)
		if j.Put(ctx, "", "k", json.RawMessage(`1`)) == nil || j.Put(ctx, "O1", "", json.RawMessage(`1`)) == nil {
			t.Error("an empty id was taken")
		}
		wantIs(t, j.Put(cancelled(), "O1", "k", json.RawMessage(`1`)), context.Canceled)
	})
}
