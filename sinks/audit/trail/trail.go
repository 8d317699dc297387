package store

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type auditTable struct{ kv engine }

func (t auditTable) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	org := auditOrg(e)
	if err := errors.Join(checkID("id", e.GetId()), checkID("context.location.id", org)); err != nil {
		return fmt.Errorf("appending audit entry: %w", err)
	}
	line, err := aerv1.MarshalJSONLine(e)
	if err == nil {
		err = t.kv.update(ctx, func(tr tx) error { return appendAudit(tr, org, e.GetId(), line) })
	}
	if err != nil {
		return fmt.Errorf("appending audit entry %q of %q: %w", e.GetId(), org, err)
	}
	return nil
}

func appendAudit(tr tx, org, id string, line []byte) error {
	if tr.get(bucketAuditIDs, key(org, id)) != nil {
		return nil
	}
	seq, err := nextSeq(tr, "audit")
	if err != nil {
		return err
	}
	if err := tr.put(bucketAuditIDs, key(org, id), seqKey(nil, seq)); err != nil {
		return err
	}
	return tr.put(bucketAudit, seqKey(nil, seq), line)
}

func (t auditTable) List(ctx context.Context, orgID string) ([]*aerv1.AuditEntry, error) {
	var all []*aerv1.AuditEntry
	seen := map[string]bool{} // a transaction may be tried again
	err := t.each(ctx, func(e *aerv1.AuditEntry, _ []byte) error {
		if auditOrg(e) == orgID && !seen[e.GetId()] {
			seen[e.GetId()] = true
			all = append(all, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing audit entries of %q: %w", orgID, err)
	}
	return all, nil
}

// each calls f for every entry in the order of appending, with the line it is stored as. An entry may come twice.
func (t auditTable) each(ctx context.Context, f func(e *aerv1.AuditEntry, line []byte) error) error {
	return t.kv.view(ctx, func(tr tx) error {
		return tr.each(bucketAudit, nil, func(_, v []byte) error {
			e := &aerv1.AuditEntry{}
			if err := aerv1.UnmarshalJSONLine(v, e); err != nil {
				return err
			}
			return f(e, v)
		})
	})
}

func auditOrg(e *aerv1.AuditEntry) string { return e.GetContext().GetLocation().GetId() }
