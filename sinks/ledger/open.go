// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Kinds of step that decide whether a response is open. The target is the round: "" the first, "1" that after the first
// retry. A response is open from KindOpen on until KindClose of its last round is done.
const (
	KindOpen  = "open"
	KindRetry = "retry"
	KindClose = "close"
)

// Ref names a response.
type Ref struct {
	OrgID      aerv1.OrgID      `json:"org_id"`
	ResponseID aerv1.DecisionID `json:"response_id"`
}

// bucketOpen has an opened by organisation and response: those that are open, and no others. It is written in the same
// transaction as the step that opens or closes.
const bucketOpen = "ledger_open"

// opened is a response that is open, and since when.
type opened struct {
	Ref
	At time.Time `json:"at"`
}

func (k Key) ref() Ref { return Ref{k.OrgID, k.ResponseID} }

func (r Ref) key() []byte { return kv.Key(string(r.OrgID), string(r.ResponseID)) }

func (r Ref) step(kind, round string) Key {
	return Key{OrgID: r.OrgID, ResponseID: r.ResponseID, Kind: kind, Target: round}
}

// index brings the index of open responses up to date with the steps of one.
func index(t kv.Tx, r Ref) error {
	first, err := load(t, r.step(KindOpen, ""))
	open := err == nil && first.State == StateDone
	round := ""
	for n := 1; open && isDone(t, r.step(KindRetry, strconv.Itoa(n))); n++ {
		round = strconv.Itoa(n)
	}
	open = open && !isDone(t, r.step(KindClose, round))
	k := r.key()
	switch in := t.Get(bucketOpen, k) != nil; {
	case open && !in:
		return kv.Save(t, bucketOpen, k, opened{r, first.FirstAt})
	case !open && in:
		return t.Delete(bucketOpen, k)
	}
	return nil
}

func isDone(t kv.Tx, k Key) bool {
	e, err := load(t, k)
	return err == nil && e.State == StateDone
}

// Open implements Ledger.
func (l table) Open(ctx context.Context) ([]Ref, error) {
	all, err := kv.Read(ctx, l.db, openOnes)
	if errors.Is(err, errNoIndex) {
		if err = l.makeIndex(ctx); err == nil {
			all, err = kv.Read(ctx, l.db, openOnes)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("listing open responses: %w", err)
	}
	slices.SortFunc(all, func(a, b opened) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.OrgID, b.OrgID), cmp.Compare(a.ResponseID, b.ResponseID))
	})
	var refs []Ref
	for _, o := range all {
		refs = append(refs, o.Ref)
	}
	return refs, nil
}

// errNoIndex says that a store was written before there was an index.
var errNoIndex = errors.New("no index of open responses yet")

// indexMade is the key in kv.Meta that says that all responses before the index are in it.
var indexMade = kv.Key("ledger", "open_index")

func openOnes(t kv.Tx) (all []opened, err error) {
	if t.Get(kv.Meta, indexMade) == nil {
		return nil, errNoIndex
	}
	err = t.Scan(bucketOpen, kv.Range{}, func(_, v []byte) error {
		var o opened
		err := json.Unmarshal(v, &o)
		all = append(all, o)
		return err
	})
	return all, err
}

// makeIndex goes through all history once, some steps in each transaction. Steps that are written meanwhile keep the
// index themselves, and whoever dies over it begins anew.
func (l table) makeIndex(ctx context.Context) error {
	var after []byte
	for more := true; more; {
		err := l.db.Update(ctx, func(t kv.Tx) error {
			page, err := kv.Page(t, bucket, kv.Range{After: after, Limit: kv.PageRecords})
			for i := 0; err == nil && i < len(page); i++ {
				var e Entry
				if json.Unmarshal(page[i].Value, &e) == nil && e.Key.Kind == KindOpen { // what cannot be read is nobody's
					err = index(t, e.Key.ref())
				}
			}
			if more = len(page) == kv.PageRecords; more {
				after = slices.Clone(page[len(page)-1].Key)
			} else if err == nil {
				err = t.Put(kv.Meta, indexMade, []byte{1})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
