// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/explain"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/transforms/decision"
)

// run runs a command line in this process and returns its standard output.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := execute(args, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
		t.Fatalf("aer %s: exit code %d\n%s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

// decisions reads a file of decisions as outcome by anomaly.
func decisions(t *testing.T, dir string) map[string]string {
	t.Helper()
	outcomes := map[string]string{}
	if err := ndjson.EachMessage(filepath.Join(dir, explain.DecisionsFile),
		func(d *aerv1.Decision) { outcomes[d.GetAnomalyId()] = d.GetOutcome().String() }); err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// TestDemo runs the demo as a user does and then looks at everything it left behind.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	dir := filepath.Join(t.TempDir(), "out")
	var res struct {
		Anomalies  int `json:"anomalies"`
		Evaluation struct {
			All   struct{ Incidents, Found int } `json:"all_attacks"`
			Alike struct {
				Responds int `json:"would_respond"`
			} `json:"all_look_alikes"`
		} `json:"evaluation"`
	}
	if err := json.Unmarshal([]byte(run(t, "demo", "--out", dir, "-o", "json")), &res); err != nil {
		t.Fatal(err)
	}
	if all := res.Evaluation.All; all.Found != all.Incidents || all.Incidents == 0 {
		t.Errorf("%d of %d attacks were found", all.Found, all.Incidents)
	}
	if n := res.Evaluation.Alike.Responds; n > 0 {
		t.Errorf("%d look-alikes were signed out", n)
	}
	t.Run("every kind of ending", func(t *testing.T) {
		seen := map[string]bool{}
		for _, outcome := range decisions(t, dir) {
			seen[outcome] = true
		}
		for _, outcome := range []string{"RESPOND", "PERSISTING", "COOLDOWN", "BUDGET_EXHAUSTED", "TRUSTED_NETWORK",
			"EXCLUDED", "EXTERNAL_USER", "LOG_ONLY"} {
			if !seen[outcome] {
				t.Errorf("no decision is %s", outcome)
			}
		}
	})
	t.Run("responses", func(t *testing.T) { checkResponses(t, dir) })
	t.Run("a replay of the same events decides the same", func(t *testing.T) {
		sim, again := filepath.Join(dir, "simulation"), t.TempDir()
		run(t, "replay", "--events", filepath.Join(sim, "events.ndjson.gz"), "--tor", filepath.Join(sim, "tor.tsv"),
			"--settings", filepath.Join(sim, "settings.yaml"), "--directory",
			filepath.Join(sim, "directory.yaml"), "--out", again)
		if diff := cmp.Diff(decisions(t, dir), decisions(t, again)); diff != "" {
			t.Errorf("pipeline (-) and replay (+): %s", diff)
		}
	})
	t.Run("explain", func(t *testing.T) {
		for id, outcome := range decisions(t, dir) {
			if story := run(t, "explain", "--dir", dir, id); !strings.Contains(story, "DECISION: "+outcome) {
				t.Errorf("the story of %s does not say %s:\n%s", id, outcome, story)
			}
		}
	})
	t.Run("the picture in README.md", func(t *testing.T) { checkPicture(t, decisions(t, dir)) })
	t.Run("again in the same folder", func(t *testing.T) {
		other := t.TempDir()
		if err := os.WriteFile(filepath.Join(other, "precious"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := execute([]string{"demo", "--out", other},
			streams{strings.NewReader(""), &out, &errs}); code != exitFailed || !strings.Contains(errs.String(), "--out") {
			t.Errorf("a folder with something else in it: exit code %d, %s", code, errs.String())
		}
	})
}

var pictured = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  ([0-9a-f]{8})  .*  ([A-Z_]+)  `)

// checkPicture checks that what README.md shows of the demo is what the demo decides.
func checkPicture(t *testing.T, outcomes map[string]string) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := pictured.FindAllStringSubmatch(string(raw), -1)
	if len(rows) < 5 {
		t.Errorf("README.md shows %d anomalies", len(rows))
	}
	short := map[string]string{}
	for id, outcome := range outcomes {
		short[id[:8]] = outcome
	}
	for _, row := range rows {
		if short[row[1]] != row[2] {
			t.Errorf("README.md has %s with %s, the demo with %q", row[1], row[2], short[row[1]])
		}
	}
}

// checkResponses compares what was decided with what was done: each response once, and every message delivered.
func checkResponses(t *testing.T, dir string) {
	wanted := map[string]bool{}
	err := ndjson.EachMessage(filepath.Join(dir, explain.DecisionsFile), func(d *aerv1.Decision) {
		if decision.WantsReset(d) {
			wanted[d.GetId()] = true
		}
	})
	if err != nil || len(wanted) == 0 {
		t.Fatalf("%d decisions to act, %v", len(wanted), err)
	}
	responses := map[string]int{}
	err = ndjson.EachMessage(filepath.Join(dir, explain.ResponsesFile), func(r *aerv1.Response) {
		responses[r.GetDecisionId()]++
		for _, s := range r.GetSteps() {
			if s.GetState() != "done" {
				t.Errorf("%s of response %s is %s: %s", s.GetKind(), r.GetId(), s.GetState(), s.GetDetail())
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range wanted {
		if responses[id] != 1 {
			t.Errorf("decision %s has %d responses", id, responses[id])
		}
	}
	messages := 0
	if err := ndjson.EachMessage(filepath.Join(dir, explain.NotificationsFile),
		func(*aerv1.Notification) { messages++ }); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "outbox", "*"))
	if err != nil || len(files) != messages {
		t.Errorf("%d messages are recorded and %d are in the outbox, %v", messages, len(files), err)
	}
}
