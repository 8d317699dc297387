// SPDX-License-Identifier: Apache-2.0

package trail

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// File is the audit log of a store with a file of its entries. The store is the truth and the file follows: what a
// crash left out is added on the next opening.
type File struct {
	Table
	*Lines
}

// OpenFile opens the file at path, creates it if needed and brings it up to date with the store.
func OpenFile(ctx context.Context, db kv.Store, path string) (*File, error) {
	lines, err := OpenLines(path, keyOf)
	if err != nil {
		return nil, err
	}
	f := &File{New(db), lines}
	all, err := f.all(ctx)
	for i := 0; err == nil && i < len(all); i++ {
		err = f.write(all[i])
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bringing audit file %s up to date: %w", path, err), f.Close())
	}
	return f, nil
}

// Append adds the entry to the store and then to the file.
func (f *File) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := f.Table.Append(ctx, e); err != nil {
		return err
	}
	stored := &aerv1.AuditEntry{} // the first that was appended with its id
	err := f.db.View(ctx, func(tx kv.Tx) error { return kv.LoadProto(tx, bucket, tx.Get(bucketIDs, idKey(e)), stored) })
	if err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	return f.write(stored)
}

func (f *File) write(e *aerv1.AuditEntry) error {
	line, err := aerv1.MarshalJSONLine(e)
	if err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	return f.Put(string(idKey(e)), line)
}

func keyOf(line []byte) string {
	e := &aerv1.AuditEntry{}
	if aerv1.UnmarshalJSONLine(line, e) != nil {
		return ""
	}
	return string(idKey(e))
}
