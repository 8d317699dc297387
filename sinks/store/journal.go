package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Journal remembers what was done under a key, for adapters of platforms that take no idempotency key themselves.
type Journal interface {
	// Get returns what was put under the key of an organisation, or ErrNotFound.
	Get(ctx context.Context, orgID, key string) (json.RawMessage, error)
	// Put replaces it.
	Put(ctx context.Context, orgID, key string, value json.RawMessage) error
}

// Journal returns the store's journal.
func (s *Store) Journal() Journal { return journal{s.kv} }

type journal struct{ kv engine }

func (j journal) Get(ctx context.Context, orgID, k string) (value json.RawMessage, err error) {
	err = j.kv.view(ctx, func(t tx) error {
		v := t.get(bucketJournal, key(orgID, k))
		if v == nil {
			return ErrNotFound
		}
		value = append(json.RawMessage(nil), v...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the journal of %q: %w", orgID, err)
	}
	return value, nil
}

func (j journal) Put(ctx context.Context, orgID, k string, value json.RawMessage) error {
	err := errors.Join(checkID("org_id", orgID), checkID("key", k))
	if err == nil {
		err = j.kv.update(ctx, func(t tx) error { return t.put(bucketJournal, key(orgID, k), value) })
	}
	if err != nil {
		return fmt.Errorf("writing to the journal of %q: %w", orgID, err)
	}
	return nil
}
