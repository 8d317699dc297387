// SPDX-License-Identifier: Apache-2.0

package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the errors that the fault configurations give")

// TestFaults: each configuration is named after its fault, and ends with the error that it gives.
func TestFaults(t *testing.T) {
	const mark = "# error: "
	files, err := filepath.Glob("../../../testdata/config/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fault configurations, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yml"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, want, _ := strings.Cut(string(raw), mark)
			_, err = Parse(filepath.Base(path), []byte(text))
			if err == nil {
				t.Fatal("it is taken")
			}
			got := strings.ReplaceAll(err.Error(), "\n", "\n"+mark) + "\n"
			if *update {
				if err := os.WriteFile(path, []byte(text+mark+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
