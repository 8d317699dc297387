package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type directoryTable struct{ kv engine }

func (t directoryTable) Get(ctx context.Context, orgID string) (*aerv1.Directory, error) {
	d := &aerv1.Directory{}
	if err := getProto(ctx, t.kv, bucketDirectory, key(orgID), d); err != nil {
		return nil, fmt.Errorf("reading directory of %q: %w", orgID, err)
	}
	return d, nil
}

func (t directoryTable) Put(ctx context.Context, d *aerv1.Directory) error {
	if err := checkID("org_id", d.GetOrgId()); err != nil {
		return fmt.Errorf("writing directory: %w", err)
	}
	err := t.kv.update(ctx, func(tr tx) error {
		_, err := changeDirectory(tr, d)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing directory of %q: %w", d.GetOrgId(), err)
	}
	return nil
}

func changeDirectory(tr tx, d *aerv1.Directory) (changed bool, err error) {
	line, err := aerv1.MarshalJSONLine(d)
	if err != nil || bytes.Equal(tr.get(bucketDirectory, key(d.GetOrgId())), line) {
		return false, err
	}
	return true, errors.Join(tr.put(bucketDirectory, key(d.GetOrgId()), line), noteChange(tr, ChangedDirectory, d.GetOrgId()))
}

func (t directoryTable) All(ctx context.Context) ([]*aerv1.Directory, error) {
	var all []*aerv1.Directory
	err := t.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		return tr.each(bucketDirectory, nil, func(_, v []byte) error {
			d := &aerv1.Directory{}
			all = append(all, d)
			return aerv1.UnmarshalJSONLine(v, d)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the directories of all organisations: %w", err)
	}
	slices.SortFunc(all, func(a, b *aerv1.Directory) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) })
	return all, nil
}

func (t directoryTable) Orgs(ctx context.Context) ([]string, error) {
	all, err := t.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing organisations: %w", err)
	}
	var orgs []string
	for _, d := range all {
		orgs = append(orgs, d.GetOrgId())
	}
	return orgs, nil
}

// Seed brings settings and directories from files into the store: those that differ are put, the rest is left alone.
func Seed(ctx context.Context, st Settings, dir Directory, settings []*aerv1.Settings, people []*aerv1.Directory) error {
	for _, s := range settings {
		now, err := st.Get(ctx, s.GetOrgId())
		if err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("seeding: %w", err)
		}
		if err := st.Put(ctx, s, now.GetVersion()); err != nil {
			return fmt.Errorf("seeding: %w", err)
		}
	}
	for _, d := range people {
		if err := dir.Put(ctx, d); err != nil {
			return fmt.Errorf("seeding: %w", err)
		}
	}
	return nil
}
