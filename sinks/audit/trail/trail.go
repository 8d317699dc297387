// SPDX-License-Identifier: Apache-2.0

// Package trail is the append-only audit log of what AER did, on any store of package kv; a File keeps it also as lines
// for people and log shippers.
//
// The organisation of an entry is its context.location.id.
package trail

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// The buckets: entries by number, and the number by organisation and id.
const (
	bucket    = "audit"
	bucketIDs = "audit_ids"
)

// counter numbers the entries.
const counter = "audit"

// Table is the audit log of a store.
type Table struct{ db kv.Store }

// New returns the audit log of a store.
func New(db kv.Store) Table { return Table{db} }

// Append adds the entry unless one of its organisation has its id already.
func (t Table) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := t.db.Update(ctx, func(tx kv.Tx) error { return Append(tx, e) }); err != nil {
		return fmt.Errorf("appending audit entry %q of %q: %w", e.GetId(), orgOf(e), err)
	}
	return nil
}

// Append adds the entry unless one of its organisation has its id already.
func Append(tx kv.Tx, e *aerv1.AuditEntry) error {
	if err := errors.Join(kv.CheckID("id", e.GetId()), kv.CheckID("context.location.id", orgOf(e))); err != nil {
		return err
	}
	if tx.Get(bucketIDs, idKey(e)) != nil {
		return nil
	}
	line, err := aerv1.MarshalJSONLine(e)
	if err != nil {
		return err
	}
	seq, err := kv.NextSeq(tx, counter)
	if err != nil {
		return err
	}
	if err := tx.Put(bucketIDs, idKey(e), kv.SeqKey(nil, seq)); err != nil {
		return err
	}
	return tx.Put(bucket, kv.SeqKey(nil, seq), line)
}

// List returns the entries of an organisation in the order they were appended.
func (t Table) List(ctx context.Context, orgID string) (own []*aerv1.AuditEntry, err error) {
	all, err := t.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing audit entries of %q: %w", orgID, err)
	}
	for _, e := range all {
		if orgOf(e) == orgID {
			own = append(own, e)
		}
	}
	return own, nil
}

func (t Table) all(ctx context.Context) ([]*aerv1.AuditEntry, error) {
	return kv.Read(ctx, t.db, func(tx kv.Tx) ([]*aerv1.AuditEntry, error) {
		return kv.ListProto[aerv1.AuditEntry](tx, bucket, kv.Range{})
	})
}

func idKey(e *aerv1.AuditEntry) []byte { return kv.Key(orgOf(e), e.GetId()) }

func orgOf(e *aerv1.AuditEntry) string { return e.GetContext().GetLocation().GetId() }
