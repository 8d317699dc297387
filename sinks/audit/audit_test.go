// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/strict"
)

const auditTopic = "projects/p/topics/audit"

func parse(t *testing.T, text string) audit.Config {
	t.Helper()
	var c struct {
		Audit audit.Config `yaml:"audit"`
	}
	if err := strict.Decode("aer.yaml", []byte("audit: {"+text+"}"), &c); err != nil {
		t.Fatal(err)
	}
	return c.Audit
}

func open(t *testing.T, c audit.Config, dir string) *audit.Audit {
	t.Helper()
	a, err := audit.Open(context.Background(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func entry(org, id string) *aerv1.AuditEntry {
	return &aerv1.AuditEntry{Id: id, DateCreate: uint32(sinktest.T0.Unix()), Action: aerv1.ActionSessionsReset,
		Entity:  &aerv1.AuditEntity{Type: "user", User: &aerv1.AuditUser{Id: "U1"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: org}},
		Details: &aerv1.AuditDetails{SessionsReset: proto.Uint32(1)}}
}

// readable is a sink with the means to read what reached it, as a receiver that tells repeated entries by their id.
type readable struct {
	audit.Sink
	read func() [][]byte
}

func (r readable) List(_ context.Context, org string) (all []*aerv1.AuditEntry, err error) {
	for _, data := range r.read() {
		e := &aerv1.AuditEntry{}
		if err := aerv1.UnmarshalJSONLine(data, e); err != nil {
			return nil, err
		}
		if e.GetContext().GetLocation().GetId() == org {
			all = append(all, e)
		}
	}
	return all, nil
}

func linesOf(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		all = append(all, bytes.TrimSuffix(line, []byte("\n")))
	}
	return all
}

// TestConformance: file and topic pass the suite of the store's own audit log.
func TestConformance(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		sinktest.Audit(t, func(t *testing.T) (sinktest.AuditLog, func() sinktest.AuditLog) {
			dir := t.TempDir()
			var a *audit.Audit
			reopen := func() sinktest.AuditLog {
				if a != nil {
					_ = a.Close()
				}
				a = open(t, parse(t, "sinks: [{kind: file, path: sub/audit.ndjson}]"), dir)
				return readable{a, func() [][]byte { return linesOf(t, filepath.Join(dir, "sub", "audit.ndjson")) }}
			}
			return reopen(), reopen
		})
	})
	t.Run("pubsub", func(t *testing.T) {
		sinktest.Audit(t, func(t *testing.T) (sinktest.AuditLog, func() sinktest.AuditLog) {
			bus := sinktest.NewBus(t, auditTopic)
			reopen := func() sinktest.AuditLog {
				a := open(t, parse(t, "sinks: [{kind: pubsub, pubsub: {topic: "+auditTopic+", endpoint: '"+bus.Addr+"'}}]"), "")
				return readable{a, func() (all [][]byte) {
					seen := map[string]bool{}
					for _, m := range bus.Messages() {
						if id := m.Attributes["id"]; !seen[id] {
							seen[id] = true
							all = append(all, m.Data)
						}
					}
					return all
				}}
			}
			return reopen(), reopen
		})
	})
}

// TestAllPlacesAtOnce: one configuration with both formats and findings.
func TestAllPlacesAtOnce(t *testing.T) {
	ctx, dir, bus := context.Background(), t.TempDir(), sinktest.NewBus(t, auditTopic)
	a := open(t, parse(t, `sinks:
- {kind: file, path: slack.ndjson}
- {kind: file, format: ocsf, path: ocsf.ndjson, findings: true}
- {kind: pubsub, format: ocsf, findings: true, pubsub: {topic: `+auditTopic+`, endpoint: "`+bus.Addr+`"}}
`), dir)
	for range 2 { // as after a retry
		if err := a.Append(ctx, entry("O1", "A1")); err != nil {
			t.Fatal(err)
		}
		for table, row := range map[warehouse.Table]proto.Message{
			warehouse.Anomalies: &aerv1.Anomaly{Id: "X1", OrgId: "O1", Type: aerv1.TypeTor},
			warehouse.Decisions: &aerv1.Decision{Id: "D1"},
		} {
			if err := a.Findings().Append(ctx, table, row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := len(linesOf(t, filepath.Join(dir, "slack.ndjson"))); got != 1 {
		t.Errorf("%d lines in Slack's format, want 1", got)
	}
	events := linesOf(t, filepath.Join(dir, "ocsf.ndjson"))
	if len(events) != 2 || !bytes.Contains(events[0], []byte(`"type_uid":300202`)) ||
		!bytes.Contains(events[1], []byte(`"type_uid":200401`)) {
		t.Errorf("events are %s", events)
	}
	kinds := map[string]bool{}
	for _, m := range bus.Messages() {
		if m.Attributes["org_id"] != "O1" {
			t.Errorf("attributes are %v", m.Attributes)
		}
		kinds[m.Attributes["kind"]+" "+m.Attributes["id"]] = true
	}
	if len(kinds) != 2 {
		t.Errorf("kinds and ids are %v", kinds)
	}
}

// TestTornLine: what a crash cut short is cut off, and written again when it is asked for again.
func TestTornLine(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.ndjson")
	c := parse(t, "sinks: [{kind: file, path: audit.ndjson}]")
	a := open(t, c, dir)
	if err := a.Append(context.Background(), entry("O1", "A1")); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`not ours` + "\n" + `{"id":"A2","conte`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, c, dir)
	for _, id := range []string{"A1", "A2"} {
		if err := a.Append(context.Background(), entry("O1", id)); err != nil {
			t.Fatal(err)
		}
	}
	if got := linesOf(t, path); len(got) != 3 || string(got[1]) != "not ours" || !bytes.Contains(got[2], []byte(`"A2"`)) {
		t.Errorf("lines are %s", got)
	}
}

// TestTee: each sink gets the entry, whatever the others do, and the error says whether asking again helps.
func TestTee(t *testing.T) {
	final, passing := audit.Failing{Err: retry.Permanent(errors.New("no such topic"))},
		audit.Failing{Err: errors.New("busy")}
	for _, c := range []struct {
		sinks       audit.Tee
		fails       bool
		recoverable bool
	}{{audit.Tee{final, passing}, true, true}, {audit.Tee{passing, final}, true, true}, {audit.Tee{final}, true, false},
		{nil, false, false}} {
		world := sinktest.NewWorld()
		err := append(c.sinks, world).Append(context.Background(), entry("O1", "A1"))
		if (err != nil) != c.fails || err != nil && retry.Recoverable(err) != c.recoverable || len(world.Audit()) != 1 {
			t.Errorf("%v: error is %v, %d entries", c.sinks, err, len(world.Audit()))
		}
	}
}

func TestWarehouse(t *testing.T) {
	dir := t.TempDir()
	w, err := warehouse.OpenNDJSON(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := audit.Warehouse{Writer: w}
	if err := s.Append(context.Background(), entry("O1", "A1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(context.Background(), entry("", "A1")); err == nil || retry.Recoverable(err) {
		t.Errorf("an entry of nobody: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := linesOf(t, filepath.Join(dir, "audit_log.ndjson")); len(got) != 1 {
		t.Errorf("rows are %s", got)
	}
}

// TestHostileIDsInOCSF: entries of organisations that look alike stay apart in the file that tells them by their uid.
func TestHostileIDsInOCSF(t *testing.T) {
	dir := t.TempDir()
	a := open(t, parse(t, "sinks: [{kind: file, format: ocsf, path: o.ndjson}]"), dir)
	for range 2 {
		for _, id := range sinktest.HostileIDs {
			if err := a.Append(context.Background(), entry(id, id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := len(linesOf(t, filepath.Join(dir, "o.ndjson"))); got != len(sinktest.HostileIDs) {
		t.Errorf("%d lines, want %d", got, len(sinktest.HostileIDs))
	}
}

func TestConfig(t *testing.T) {
	for text, want := range map[string]string{
		"sinks: [{kind: stone}]":                                             `sinks[0].kind: "stone" is not possible; use file, pubsub`,
		"sinks: [{kind: file}]":                                              "sinks[0].path: must not be empty",
		"sinks: [{kind: file, path: a}, {kind: file, path: ./a}]":            `sinks[1].path: "./a" is written by sinks[0] already`,
		"sinks: [{kind: file, path: a, format: xml}]":                        `sinks[0].format: "xml" is not possible; use slack, ocsf`,
		"sinks: [{kind: file, path: a, findings: true}]":                     "sinks[0].findings: true contradicts format",
		"sinks: [{kind: pubsub, pubsub: {topic: t}}]":                        `sinks[0].pubsub.topic: "t" is not possible`,
		"sinks: [{kind: file, path: a}, {kind: pubsub, pubsub: {topic: t}}]": "sinks[1].pubsub.topic: ",
		"sinks: [{kind: file, path: a, format: slack, findings: true}]":      "use format: ocsf",
	} {
		if err := parse(t, text).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", text, err, want)
		}
	}
	if a := open(t, audit.Config{}, ""); a.Findings() != nil || a.Append(context.Background(), entry("O1", "A1")) != nil {
		t.Error("nothing configured is not nothing done")
	}
}
