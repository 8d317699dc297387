// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"context"
	"crypto/sha256"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
)

// Import brings what files say about organisations into the store, and says how many records changed. A file speaks
// when it changes: what it says is put once, and what people choose afterwards stays until the file says something
// else. What a file leaves out stays too. settings need a version, an author and a time of change.
func Import(ctx context.Context, db kv.Store, settings []*aerv1.Settings,
	people []*aerv1.Directory) (changed int, err error) {
	for _, one := range settings {
		k := kv.Key("imported", "settings", one.GetOrgId())
		did, err := importOnce(ctx, db, k, one.GetVersion(), func(tx kv.Tx) (bool, error) {
			return change(tx, one, func(string) error { return nil })
		})
		if err != nil {
			return changed, fmt.Errorf("importing settings of %q: %w", one.GetOrgId(), err)
		}
		changed += did
	}
	for _, one := range people {
		line, err := aerv1.MarshalJSONLine(one)
		if err != nil {
			return changed, fmt.Errorf("importing the directory of %q: %w", one.GetOrgId(), err)
		}
		k, said := kv.Key("imported", "directory", one.GetOrgId()), fmt.Sprintf("%x", sha256.Sum256(line))
		did, err := importOnce(ctx, db, k, said, func(tx kv.Tx) (bool, error) { return directory.Change(tx, one) })
		if err != nil {
			return changed, fmt.Errorf("importing the directory of %q: %w", one.GetOrgId(), err)
		}
		changed += did
	}
	return changed, nil
}

// importOnce does the change and notes under k what was said, unless that was said last time. It says how many records
// changed.
func importOnce(ctx context.Context, db kv.Store, k []byte, said string,
	change func(kv.Tx) (bool, error)) (int, error) {
	// A look first, so that nothing is written where nothing is new.
	same, err := kv.Read(ctx, db,
		func(tx kv.Tx) (bool, error) { v := tx.Get(kv.Meta, k); return v != nil && string(v) == said, nil })
	if err != nil || same {
		return 0, err
	}
	did, err := kv.Write(ctx, db, func(tx kv.Tx) (bool, error) {
		did, err := change(tx)
		if err != nil {
			return false, err
		}
		return did, tx.Put(kv.Meta, k, []byte(said))
	})
	if err != nil || !did {
		return 0, err
	}
	return 1, nil
}
