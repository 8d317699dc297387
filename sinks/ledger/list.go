package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aer-project/aer/sinks/kv"
)

func (l table) List(ctx context.Context, orgID, responseID string) ([]Entry, error) {
	all, err := kv.Read(ctx, l.db, func(t kv.Tx) ([]Entry, error) { return list(t, listRange(orgID, responseID), responseID) })
	if err != nil {
		return nil, fmt.Errorf("listing the ledger of %q: %w", orgID, err)
	}
	slices.SortFunc(all, compareEntries)
	return all, nil
}

func list(t kv.Tx, r kv.Range, responseID string) (all []Entry, err error) {
	err = t.Scan(bucket, r, func(_, v []byte) error {
		var e Entry
		if err := json.Unmarshal(v, &e); err != nil {
			return err
		}
		if responseID == "" || e.Key.ResponseID == responseID {
			all = append(all, e)
		}
		return nil
	})
	return all, err
}

func listRange(orgID, responseID string) kv.Range {
	switch {
	case orgID == "":
		return kv.Range{}
	case responseID == "":
		return kv.Of(orgID)
	}
	return kv.Of(orgID, responseID)
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
