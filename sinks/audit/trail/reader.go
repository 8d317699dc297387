// SPDX-License-Identifier: Apache-2.0

package trail

import (
	"context"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Reader reads the audit log in the order of appending. How far it is, is kept in the store under its name, so that a
// reader of the same name goes on there after a restart.
type Reader struct {
	db  kv.Store
	key []byte // in kv.Meta
}

// Numbered is an entry with its place in the log, counted from 1.
type Numbered struct {
	Seq   uint64
	Entry *aerv1.AuditEntry
}

// NewReader returns the reader of this name.
func NewReader(db kv.Store, name string) Reader { return Reader{db, kv.Key("audit_read", name)} }

// Next returns at most limit entries after those that were taken, oldest first, and how far that is; none if there is
// nothing new. The same again until Took.
func (r Reader) Next(ctx context.Context, limit int) ([]Numbered, error) {
	all, err := kv.Read(ctx, r.db, func(tx kv.Tx) (all []Numbered, err error) {
		after := kv.SeqKey(nil, kv.Seq(tx.Get(kv.Meta, r.key)))
		err = tx.Scan(bucket, kv.Range{After: after, Limit: limit}, func(k, v []byte) error {
			e := &aerv1.AuditEntry{}
			all = append(all, Numbered{kv.Seq(k), e})
			return aerv1.UnmarshalJSONLine(v, e)
		})
		return all, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading on in the audit log: %w", err)
	}
	return all, nil
}

// Took says that the entries up to this number are dealt with. A smaller number than before changes nothing.
func (r Reader) Took(ctx context.Context, seq uint64) error {
	err := r.db.Update(ctx, func(tx kv.Tx) error {
		if kv.Seq(tx.Get(kv.Meta, r.key)) >= seq {
			return nil
		}
		return tx.Put(kv.Meta, r.key, kv.SeqKey(nil, seq))
	})
	if err != nil {
		return fmt.Errorf("noting how far the audit log was read: %w", err)
	}
	return nil
}
