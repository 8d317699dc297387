// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestAddToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baselines")
	a := &aerv1.Baseline{Version: "a", ValidFrom: aerv1.Time(monday), ValidUntil: aerv1.Time(monday.AddDate(0, 0, 1))}
	other := &aerv1.Baseline{Version: "other", ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil}
	if m, err := AddToFile(path, []*aerv1.Baseline{a}, false); err != nil || len(m.Added) != 1 {
		t.Fatalf("%v, %v", m, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := AddToFile(path, []*aerv1.Baseline{a}, false); err != nil || len(m.Known) != 1 || len(m.Added) != 0 {
		t.Errorf("the same again: %v, %v", m, err)
	}
	if _, err := AddToFile(path, []*aerv1.Baseline{other}, false); err == nil || !strings.Contains(err.Error(), path) ||
		!strings.Contains(err.Error(), "immutable") {
		t.Errorf("another content: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	if m, err := AddToFile(path, []*aerv1.Baseline{other}, true); err != nil || len(m.Replaced) != 1 ||
		len(m.Versions) != 1 {
		t.Errorf("replacing: %v, %v", m, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := AddToFile(path, []*aerv1.Baseline{a}, true); err == nil {
		t.Error("a file that cannot be read was overwritten")
	}
}
