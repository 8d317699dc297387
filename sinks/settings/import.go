package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Import brings what files say about organisations into the store, and says how many records changed. A file speaks when it
// changes: what it says is put once, and what people choose afterwards stays until the file says something else. What a
// file leaves out stays too. settings need a version, an author and a time of change.
func (s *Store) Import(ctx context.Context, settings []*aerv1.Settings, people []*aerv1.Directory) (changed int, err error) {
	for _, one := range settings {
		did, err := s.importSettings(ctx, one)
		if err != nil {
			return changed, fmt.Errorf("importing settings of %q: %w", one.GetOrgId(), err)
		}
		changed += btoi(did)
	}
	for _, one := range people {
		did, err := s.importDirectory(ctx, one)
		if err != nil {
			return changed, fmt.Errorf("importing the directory of %q: %w", one.GetOrgId(), err)
		}
		changed += btoi(did)
	}
	return changed, nil
}

func (s *Store) importSettings(ctx context.Context, one *aerv1.Settings) (did bool, err error) {
	if err := errors.Join(checkID("org_id", one.GetOrgId()), checkID("version", one.GetVersion())); err != nil {
		return false, err
	}
	return s.importOnce(ctx, key("imported", "settings", one.GetOrgId()), one.GetVersion(), func(tr tx) (bool, error) {
		return changeSettings(tr, one, func(string) error { return nil })
	})
}

func (s *Store) importDirectory(ctx context.Context, one *aerv1.Directory) (did bool, err error) {
	line, err := aerv1.MarshalJSONLine(one)
	if err := errors.Join(err, checkID("org_id", one.GetOrgId())); err != nil {
		return false, err
	}
	said := fmt.Sprintf("%x", sha256.Sum256(line))
	return s.importOnce(ctx, key("imported", "directory", one.GetOrgId()), said, func(tr tx) (bool, error) {
		return changeDirectory(tr, one)
	})
}

// importOnce does the change and notes under k what was said, unless that was said last time.
func (s *Store) importOnce(ctx context.Context, k []byte, said string, change func(tx) (bool, error)) (did bool, err error) {
	same := false
	err = s.kv.view(ctx, func(tr tx) error { // a look first, so that nothing is written where nothing is new
		same = string(tr.get(bucketMeta, k)) == said
		return nil
	})
	if err != nil || same {
		return false, err
	}
	err = s.kv.update(ctx, func(tr tx) error {
		if did, err = change(tr); err != nil {
			return err
		}
		return tr.put(bucketMeta, k, []byte(said))
	})
	return did && err == nil, err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
