// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shownAsTheyAre are files that are shown to people byte by byte, without a line about their licence.
var shownAsTheyAre = []string{"cmd/aer/config/default.yaml", "cmd/aer/simulate/settings.yaml"}

// TestLicenceLines checks that every source that somebody wrote says its licence within its first three lines.
func TestLicenceLines(t *testing.T) {
	found := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, file)
		name := filepath.ToSlash(rel)
		if d.IsDir() {
			if name == ".git" || name == "bin" || name == "aer-out" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !licensed(name) {
			return nil
		}
		raw, err := os.ReadFile(file)
		if err != nil || bytes.Contains(raw, []byte("\n// Code generated ")) || bytes.HasPrefix(raw, []byte("// Code generated ")) {
			return err
		}
		found++
		head := bytes.Join(bytes.SplitN(raw, []byte("\n"), 4)[:min(3, bytes.Count(raw, []byte("\n")))], []byte("\n"))
		if !bytes.Contains(head, []byte("SPDX-License-Identifier: Apache-2.0")) {
			t.Errorf("%s does not begin with SPDX-License-Identifier: Apache-2.0", name)
		}
		return nil
	})
	if err != nil || found < 100 {
		t.Fatalf("%d files, %v", found, err)
	}
}

// licensed says whether a file of this name is a source.
func licensed(name string) bool {
	if slices.Contains(shownAsTheyAre, name) {
		return false
	}
	if base := filepath.Base(name); base == "Makefile" || name == ".ci/run" {
		return true
	}
	return slices.ContainsFunc([]string{".go", ".proto", ".sql.tmpl", ".sh", ".yaml", ".yml"}, func(end string) bool { return strings.HasSuffix(name, end) })
}
