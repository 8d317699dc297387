package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

func (l ledger) List(ctx context.Context, orgID, responseID string) ([]Entry, error) {
	var all []Entry
	err := l.kv.view(ctx, func(t tx) error {
		all = nil // a transaction may be tried again
		return t.each(bucketLedger, listPrefix(orgID, responseID), func(_, v []byte) error {
			var e Entry
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			if responseID == "" || e.Key.ResponseID == responseID {
				all = append(all, e)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing the ledger of %q: %w", orgID, err)
	}
	slices.SortFunc(all, compareEntries)
	return all, nil
}

func listPrefix(orgID, responseID string) []byte {
	switch {
	case orgID == "":
		return nil
	case responseID == "":
		return key(orgID)
	}
	return key(orgID, responseID)
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
