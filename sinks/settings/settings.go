// SPDX-License-Identifier: Apache-2.0

// Package settings keeps what each organisation has chosen, every version of it, on any store of package kv.
//
// Every change leaves its audit entry and its place in the feed of changes with it, or none of them is there.
package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/settings/changes"
)

// ErrPrecondition says that settings changed since the caller read them: read them again and decide anew.
var ErrPrecondition = errors.New("changed in the meantime")

// Reader gives the settings of an organisation: a Table, or what follows one.
type Reader interface {
	// Get returns the current settings, or kv.ErrNotFound for an organisation that has chosen nothing: defaults are the
	// caller's.
	Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Settings, error)
}

// The buckets: the current Settings by organisation, and every version by organisation and number of the change.
const (
	bucket        = "settings"
	bucketHistory = "settings_history"
)

// Table is the settings of a store.
type Table struct{ db kv.Store }

// New returns the settings of a store.
func New(db kv.Store) Table { return Table{db} }

// Get implements Reader.
func (t Table) Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Settings, error) {
	s := &aerv1.Settings{}
	err := t.db.View(ctx, func(tx kv.Tx) error { return kv.LoadProto(tx, bucket, kv.Key(string(org)), s) })
	if err != nil {
		return nil, fmt.Errorf("reading settings of %q: %w", org, err)
	}
	return s, nil
}

// Put makes s current if the version current now is ifVersion ("" = none yet), else returns ErrPrecondition. Putting
// the version that is current already does nothing.
func (t Table) Put(ctx context.Context, s *aerv1.Settings, ifVersion string) error {
	err := t.db.Update(ctx, func(tx kv.Tx) error {
		_, err := change(tx, s, func(now string) error {
			if now != ifVersion {
				return fmt.Errorf("%w: version is %q, not %q", ErrPrecondition, now, ifVersion)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("writing settings of %q: %w", s.GetOrgId(), err)
	}
	return nil
}

// All returns the current settings of every organisation that has chosen something, by organisation.
func (t Table) All(ctx context.Context) ([]*aerv1.Settings, error) {
	all, err := t.list(ctx, bucket, kv.Range{})
	if err != nil {
		return nil, fmt.Errorf("reading the settings of all organisations: %w", err)
	}
	slices.SortFunc(all, func(a, b *aerv1.Settings) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) })
	return all, nil
}

// History returns every version put, oldest first.
func (t Table) History(ctx context.Context, org aerv1.OrgID) ([]*aerv1.Settings, error) {
	all, err := t.list(ctx, bucketHistory, kv.Of(string(org)))
	if err != nil {
		return nil, fmt.Errorf("reading settings history of %q: %w", org, err)
	}
	return all, nil
}

func (t Table) list(ctx context.Context, bucket string, r kv.Range) ([]*aerv1.Settings, error) {
	return kv.Read(ctx, t.db,
		func(tx kv.Tx) ([]*aerv1.Settings, error) { return kv.ListProto[aerv1.Settings](tx, bucket, r) })
}

// change makes s current with its history, its audit entry and its place in the feed, unless it is current already or
// the condition on the version current now ("" = none yet) refuses.
func change(tx kv.Tx, s *aerv1.Settings, condition func(now string) error) (changed bool, err error) {
	orgID := s.GetOrgId()
	if err := errors.Join(kv.CheckID("org_id", orgID), kv.CheckID("version", s.GetVersion())); err != nil {
		return false, err
	}
	before := &aerv1.Settings{}
	switch err := kv.LoadProto(tx, bucket, kv.Key(orgID), before); {
	case errors.Is(err, kv.ErrNotFound):
		before = nil
	case err != nil:
		return false, err
	}
	if before.GetVersion() == s.GetVersion() {
		return false, nil
	}
	line, err := lineOf(s)
	if err := errors.Join(err, condition(before.GetVersion())); err != nil {
		return false, err
	}
	seq, err := kv.NextSeq(tx, "settings")
	if err != nil {
		return false, err
	}
	return true, errors.Join(
		tx.Put(bucketHistory, kv.SeqKey(kv.Key(orgID), seq), line),
		tx.Put(bucket, kv.Key(orgID), line),
		trail.Append(tx, auditEntry(before, s, seq)),
		changes.Note(tx, changes.Settings, aerv1.OrgID(orgID)),
	)
}

// MaxBytes bounds one organisation's settings as JSON: an audit entry holds two of them and must fit a document of
// 1 MiB, and every decision looks at them.
const MaxBytes = 256 << 10

func lineOf(s *aerv1.Settings) ([]byte, error) {
	line, err := aerv1.MarshalJSONLine(s)
	if err == nil && len(line) > MaxBytes {
		err = fmt.Errorf("they have %d bytes, at most %d are possible: exclude groups instead of many people",
			len(line), MaxBytes)
	}
	return line, err
}
