// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

func (l table) List(ctx context.Context, org aerv1.OrgID, response aerv1.DecisionID) ([]Entry, error) {
	all, err := kv.Read(ctx, l.db, func(t kv.Tx) ([]Entry, error) { return list(t, Ref{org, response}) })
	if err != nil {
		return nil, fmt.Errorf("listing the ledger of %q: %w", org, err)
	}
	slices.SortFunc(all, compareEntries)
	return all, nil
}

// list reads the steps of a response, or of all of an organisation, or of all if r does not name one.
func list(t kv.Tx, r Ref) (all []Entry, err error) {
	err = t.Scan(bucket, r.steps(), func(_, v []byte) error {
		var e Entry
		if err := json.Unmarshal(v, &e); err != nil {
			return err
		}
		if r.ResponseID == "" || e.Key.ResponseID == r.ResponseID {
			all = append(all, e)
		}
		return nil
	})
	return all, err
}

// steps is where the steps of r are kept.
func (r Ref) steps() kv.Range {
	switch {
	case r.OrgID == "":
		return kv.Range{}
	case r.ResponseID == "":
		return kv.Of(string(r.OrgID))
	}
	return kv.Range{Prefix: r.key()}
}

// compareEntries orders by first claim; equal times are common where the clock stands still, so the key decides then.
func compareEntries(a, b Entry) int {
	return cmp.Or(
		a.FirstAt.Compare(b.FirstAt),
		cmp.Compare(a.Key.OrgID, b.Key.OrgID),
		cmp.Compare(a.Key.ResponseID, b.Key.ResponseID),
		cmp.Compare(a.Key.Kind, b.Key.Kind),
		cmp.Compare(a.Key.Target, b.Key.Target),
		cmp.Compare(a.Key.Channel, b.Key.Channel),
	)
}
