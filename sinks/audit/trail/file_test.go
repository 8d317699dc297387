// SPDX-License-Identifier: Apache-2.0

package trail_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestTable(t *testing.T) { sinktest.Engines(t, suite) }

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, suite) }

func suite(t *testing.T, open sinktest.Open[kv.Store]) {
	sinktest.Audit(t, sinktest.On(open, func(s kv.Store) sinktest.AuditLog { return trail.New(s) }))
}

func TestFile(t *testing.T) {
	sinktest.Audit(t, func(t *testing.T) (sinktest.AuditLog, func() sinktest.AuditLog) {
		s, path := sinktest.NewMemory(), filepath.Join(t.TempDir(), "audit.ndjson")
		var f *trail.File
		open := func() sinktest.AuditLog {
			if f != nil {
				_ = f.Close()
			}
			var err error
			f, err = trail.OpenFile(context.Background(), s, path)
			sinktest.Must(t, err)
			return f
		}
		t.Cleanup(func() { _ = f.Close() })
		return open(), open
	})
}

func entry(id string) *aerv1.AuditEntry {
	return &aerv1.AuditEntry{Id: id, Action: aerv1.ActionSessionsReset,
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Id: "O1"}}}
}

// TestAuditFileCatchesUp: whatever a crash left of the file, the next opening makes it whole, and keeps what is not
// ours.
func TestAuditFileCatchesUp(t *testing.T) {
	ctx := context.Background()
	s := sinktest.NewMemory()
	for _, id := range []string{"A1", "A2", "A3"} {
		if err := trail.New(s).Append(ctx, entry(id)); err != nil {
			t.Fatal(err)
		}
	}
	line := func(id string) string {
		b, err := aerv1.MarshalJSONLine(entry(id))
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	all := line("A1") + line("A2") + line("A3")
	for name, c := range map[string]struct{ before, after string }{
		"no file":         {"", all},
		"one missing":     {line("A1") + line("A2"), all},
		"last cut short":  {line("A1") + line("A2") + line("A3")[:20], all},
		"complete":        {all, all},
		"foreign line":    {"# kept\n" + line("A1"), "# kept\n" + all},
		"of another file": {line("A0"), line("A0") + all},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "audit.ndjson")
			if c.before != "" {
				if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, err := trail.OpenFile(ctx, s, path)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Append(ctx, entry("A3")); err != nil { // has it already
				t.Fatal(err)
			}
			_ = f.Close()
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.after {
				t.Errorf("file is\n%s\nwant\n%s", got, c.after)
			}
			if strings.Count(string(got), "A2") != 1 {
				t.Error("an entry is there twice or not at all")
			}
		})
	}
}
