// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/settings/follow"
)

// Files in the folder of results, unless a configuration names a database for both. They are two because they are
// shared differently: a run keeps its ledger open and to itself, so that nobody else carries out its responses and a
// step costs one write and not an opening of the file too; settings are opened for each look, so that people can change
// them meanwhile.
const (
	SettingsFile = "settings.db"
	ledgerFile   = config.LedgerFile
)

// storeName is the store of settings and people that a configuration means: the one it names, or the file in the folder
// of results.
func storeName(name, out string) string {
	if name == "" {
		return filepath.Join(out, SettingsFile)
	}
	return name
}

// OpenStore opens the store of settings and people: a file, which several programs may use at once, or a Firestore
// database (firestore:projects/P or firestore:projects/P/databases/D).
func OpenStore(name string, readOnly bool) (kv.Store, error) {
	o, err := kv.FirestoreName(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("store %q: %w", name, err)
	case o == nil:
		return kv.OpenShared(name, kv.Options{ReadOnly: readOnly})
	}
	return kv.OpenFirestore(context.Background(), *o)
}

// OpenLedger opens the ledger of a run that has ended, or that shares it: in the store of that name if it is a
// database, else in the folder of results.
func OpenLedger(name, out string, readOnly bool) (kv.Store, error) {
	if !IsFile(name) {
		return OpenStore(name, readOnly)
	}
	return kv.OpenShared(filepath.Join(out, ledgerFile), kv.Options{ReadOnly: readOnly})
}

// openLedgerFile opens the ledger of a run that begins.
func openLedgerFile(out string) (kv.Store, error) {
	return kv.Open(filepath.Join(out, ledgerFile), kv.Options{})
}

// IsFile says whether a store's name means a file.
func IsFile(name string) bool {
	o, err := kv.FirestoreName(name)
	return o == nil && err == nil
}

func (p *Parts) openStore(context.Context) (err error) {
	if p.store, err = OpenStore(storeName(p.c.Store, p.c.Out), false); err != nil {
		return err
	}
	p.closing(p.store.Close)
	return nil
}

// follow brings the files of settings and people into the store, and reads what it knows. Files that are not valid are
// an error now; later they change nothing.
func (p *Parts) follow(ctx context.Context) (err error) {
	p.files = &follow.Files{Settings: p.c.Settings, Directory: p.c.Directory, To: p.store,
		Log: slog.Default(), Now: time.Now}
	if err := p.files.Import(ctx); err != nil {
		return err
	}
	p.chosen, err = follow.Open(ctx, p.store, slog.Default(), time.Now)
	return err
}
