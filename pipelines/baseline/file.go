// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
)

// ReadFile reads a file of versions.
func ReadFile(path string) ([]*aerv1.Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // the error names the operation and the path
	}
	defer f.Close()
	list, err := core.Read(f)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", path, err)
	}
	return list, nil
}

// AddToFile adds versions to a file, which need not exist: readers see the file as it was or as it is, never a part. A
// file that would not change is not written.
func AddToFile(path string, add []*aerv1.Baseline, replace bool) (core.Merged, error) {
	have, err := ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return core.Merged{}, err
	}
	m, err := core.Merge(have, add, replace)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	if len(m.Added) == 0 && len(have) > 0 {
		return m, nil
	}
	return m, WriteFile(path, m.Versions)
}

// WriteFile writes a file of versions beside its place and moves it there when it is whole and on disk.
func WriteFile(path string, versions []*aerv1.Baseline) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = core.Write(f, versions...)
	if err == nil {
		err = f.Chmod(0o644) // as os.Create would have made it: temporary files are for their owner only
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the baseline %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
