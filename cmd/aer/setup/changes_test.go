// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
)

// choose makes a version current, as aer settings does beside a run.
func choose(t *testing.T, file, before, version string) {
	t.Helper()
	s, err := kv.OpenShared(file, kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := stored.New(s).Put(t.Context(), &aerv1.Settings{OrgId: "O1", Version: version, ChangedBy: "kim"},
		before); err != nil {
		t.Fatal(err)
	}
}

// told is the versions that a file tells of, in its order.
func told(t *testing.T, path string) (versions []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var e struct {
			Class    int `json:"class_uid"`
			Unmapped struct {
				Version string `json:"settings_version"`
			}
			Details struct {
				Version string `json:"settings_version"`
			}
			Action string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Class != 3004 && e.Action != aerv1.ActionSettingsChanged {
			t.Errorf("%s: %v in %s", path, err, line)
		}
		versions = append(versions, e.Unmapped.Version+e.Details.Version)
	}
	return versions
}

// Every change of settings reaches every sink once: one from before the first run, one while it runs, one between runs;
// in either mode.
func TestChangedSettingsReachTheAuditSinksOnce(t *testing.T) {
	for _, mode := range []string{aerv1.ModeObserve, aerv1.ModeEnforce} {
		t.Run(mode, func(t *testing.T) {
			c := config.Default()
			c.Mode, c.Out, c.Warehouse.Kind = mode, t.TempDir(), config.WarehouseNone
			c.Audit.Sinks = []audit.SinkConfig{{Kind: audit.KindFile, Format: audit.FormatOCSF, Path: "ocsf.ndjson"},
				{Kind: audit.KindFile, Path: "slack.ndjson"}}
			file := storeName("", c.Out)
			choose(t, file, "", "v1")
			run := func(meanwhile func()) {
				t.Helper()
				r, err := Build(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				meanwhile()
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
			run(func() { choose(t, file, "v1", "v2") })
			choose(t, file, "v2", "v3")
			run(func() {})
			run(func() {})
			for _, name := range []string{"ocsf.ndjson", "slack.ndjson", "audit_log.ndjson"} {
				if got := told(t, filepath.Join(c.Out, name)); strings.Join(got, " ") != "v1 v2 v3" {
					t.Errorf("%s tells of %q", name, got)
				}
			}
		})
	}
}
