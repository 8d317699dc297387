// SPDX-License-Identifier: Apache-2.0

// Package directory keeps the people of each organisation, on any store of package kv.
package directory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/settings/changes"
)

// Reader gives the people of an organisation: a Table, or what follows one.
type Reader interface {
	// Get returns the people of an organisation, or kv.ErrNotFound.
	Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Directory, error)
}

// bucket has a Directory by organisation.
const bucket = "directory"

// Table is the directories of a store.
type Table struct{ db kv.Store }

// New returns the directories of a store.
func New(db kv.Store) Table { return Table{db} }

// Get implements Reader.
func (t Table) Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Directory, error) {
	d := &aerv1.Directory{}
	err := t.db.View(ctx, func(tx kv.Tx) error { return kv.LoadProto(tx, bucket, kv.Key(string(org)), d) })
	if err != nil {
		return nil, fmt.Errorf("reading directory of %q: %w", org, err)
	}
	return d, nil
}

// Change replaces the people of an organisation, with its place in the feed of changes, unless they are the same.
func Change(tx kv.Tx, d *aerv1.Directory) (changed bool, err error) {
	if err := kv.CheckID("org_id", d.GetOrgId()); err != nil {
		return false, err
	}
	line, err := aerv1.MarshalJSONLine(d)
	if err != nil || bytes.Equal(tx.Get(bucket, kv.Key(d.GetOrgId())), line) {
		return false, err
	}
	if err := tx.Put(bucket, kv.Key(d.GetOrgId()), line); err != nil {
		return false, err
	}
	return true, changes.Note(tx, changes.Directory, aerv1.OrgID(d.GetOrgId()))
}

// All returns the directories of all organisations, by organisation.
func (t Table) All(ctx context.Context) ([]*aerv1.Directory, error) {
	all, err := kv.Read(ctx, t.db, func(tx kv.Tx) ([]*aerv1.Directory, error) {
		return kv.ListProto[aerv1.Directory](tx, bucket, kv.Range{})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the directories of all organisations: %w", err)
	}
	slices.SortFunc(all, func(a, b *aerv1.Directory) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) })
	return all, nil
}
