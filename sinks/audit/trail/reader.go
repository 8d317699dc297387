package store

import (
	"context"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AuditReader reads the audit log in the order of appending. How far it is, is kept in the store under its name, so that a
// reader of the same name goes on there after a restart.
type AuditReader interface {
	// Next returns at most limit entries after those that were taken, oldest first, and how far that is; none if there is
	// nothing new. The same again until Took.
	Next(ctx context.Context, limit int) ([]AuditRecord, error)
	// Took says that the entries up to this number are dealt with. A smaller number than before changes nothing.
	Took(ctx context.Context, seq uint64) error
}

// AuditRecord is an entry with its place in the log, counted from 1.
type AuditRecord struct {
	Seq   uint64
	Entry *aerv1.AuditEntry
}

// AuditReader returns the reader of this name.
func (s *Store) AuditReader(name string) AuditReader {
	return auditReader{s.kv, key("audit_read", name)}
}

type auditReader struct {
	kv  engine
	key []byte // in bucketMeta
}

func (r auditReader) Next(ctx context.Context, limit int) ([]AuditRecord, error) {
	var all []AuditRecord
	err := r.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		last := decodeSeq(tr.get(bucketMeta, key("seq", "audit")))
		for seq := decodeSeq(tr.get(bucketMeta, r.key)) + 1; seq <= last && len(all) < limit; seq++ {
			e := &aerv1.AuditEntry{}
			if err := aerv1.UnmarshalJSONLine(tr.get(bucketAudit, seqKey(nil, seq)), e); err != nil {
				return fmt.Errorf("entry %d: %w", seq, err)
			}
			all = append(all, AuditRecord{seq, e})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading on in the audit log: %w", err)
	}
	return all, nil
}

func (r auditReader) Took(ctx context.Context, seq uint64) error {
	err := r.kv.update(ctx, func(tr tx) error {
		if decodeSeq(tr.get(bucketMeta, r.key)) >= seq {
			return nil
		}
		return tr.put(bucketMeta, r.key, seqKey(nil, seq))
	})
	if err != nil {
		return fmt.Errorf("noting how far the audit log was read: %w", err)
	}
	return nil
}
