// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Files brings YAML files of settings and people into a store, at once and whenever they change. A file whose content
// is not valid changes nothing; a few mistakes about single people cost only themselves, with a warning.
type Files struct {
	// Settings and Directory are paths; either may be empty.
	Settings, Directory string
	To                  kv.Store
	Log                 *slog.Logger
	Now                 func() time.Time

	said [sha256.Size]byte
	bad  string
}

// Import reads the files and, if they differ from last time, brings what they say into the store.
func (f *Files) Import(ctx context.Context) error {
	text, err := readFile(f.Settings)
	if err != nil {
		return fmt.Errorf("reading settings: %w", err)
	}
	people, err := readFile(f.Directory)
	if err != nil {
		return fmt.Errorf("reading the directory: %w", err)
	}
	said := sha256.Sum256(bytes.Join([][]byte{text, people}, []byte{0}))
	if said == f.said {
		return nil
	}
	all, err := settings.Parse(f.Settings, text)
	if err != nil {
		return fmt.Errorf("reading settings: %w", err)
	}
	dirs, warnings, err := settings.ReadDirectory(f.Directory, people)
	if err != nil {
		return fmt.Errorf("reading the directory: %w", err)
	}
	for _, w := range warnings {
		f.Log.Warn("the directory has mistakes", "person", w)
	}
	for _, s := range all {
		s.ChangedBy, s.ChangedAt = "file "+filepath.Base(f.Settings), aerv1.Time(f.Now())
	}
	n, err := stored.Import(ctx, f.To, all, dirs)
	if err != nil {
		return err
	}
	if n > 0 {
		f.Log.Info("files of settings and people were taken over", "records_changed", n)
	}
	f.said = said
	return nil
}

// Run imports again and again until ctx ends. A mistake is logged once.
func (f *Files) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.again(ctx)
		}
	}
}

func (f *Files) again(ctx context.Context) {
	now := ""
	if err := f.Import(ctx); err != nil && ctx.Err() == nil {
		now = err.Error()
	}
	switch {
	case now == f.bad:
	case now == "":
		f.Log.Info("files of settings and people are good again")
	default:
		f.Log.Error("files of settings and people changed nothing: what was good stays", "error", now)
	}
	f.bad = now
}

func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return os.ReadFile(path) // the error names the operation and the path
}
