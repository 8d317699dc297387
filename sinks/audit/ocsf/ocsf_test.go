// SPDX-License-Identifier: Apache-2.0

package ocsf_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/ocsf"
	"github.com/aer-project/aer/sinks/audit/ocsf/ocsftest"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
)

var update = flag.Bool("update", false, "rewrite the golden events")

func anomaly() *aerv1.Anomaly {
	return &aerv1.Anomaly{
		Id: "9b2ec6b6-1f0c-5d0e-9c3c-0d8a8a1e2f11", Type: aerv1.TypeExcessiveDownloads, OrgId: "O1", UserId: "U1",
		UserType:   aerv1.UserMember,
		SessionIds: []string{"S1"}, Severity: "high", Confidence: 0.934, Reasons: []string{"excessive_downloads", "asn"},
		EventIds: []string{"e-1", "e-9"},
		Time:     aerv1.Time(sinktest.T0), KnownAt: aerv1.Time(sinktest.T0.Add(10 * time.Second)),
		SessionStartedAt: aerv1.Time(sinktest.T0.Add(-time.Hour)),
		Window:           &aerv1.Window{Start: aerv1.Time(sinktest.T0.Add(-time.Hour)), End: aerv1.Time(sinktest.T0)},
		Count:            3,
		Summary:          "417 files downloaded in an hour where 86 are usual",
		Evidence: &aerv1.Evidence{Signal: "distinct_downloads_1h", Observed: 417, Threshold: 86.5, Unit: "files",
			FormulaFilled:   "max(50, 2 * 43.25)",
			BaselineVersion: "b1", BaselineRows: []string{"org O1 p90 43.25"}, BaselineN: 120,
			Client: &aerv1.Client{Ip: "203.0.113.7", UserAgent: "python-requests/2.31", Country: "de", Asn: 64500,
				Ja4: "t13d1516h2_8daaf6152771_b186095e22b6"}},
	}
}

func reset() *aerv1.AuditEntry {
	return &aerv1.AuditEntry{
		Id: "a1", DateCreate: uint32(sinktest.T0.Unix()), Action: aerv1.ActionSessionsReset,
		Actor: &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: "AER", Name: "Anomaly Event Response"}},
		Entity: &aerv1.AuditEntity{Type: "user", User: &aerv1.AuditUser{Id: "U1", Name: "Ada Example",
			Email: "ada@acme.example"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1", Name: "Acme",
			Domain: "acme.example"},
			Ua: "python-requests/2.31", IpAddress: "203.0.113.7", SessionId: "S1"},
		Details: &aerv1.AuditDetails{Reason: []string{"excessive_downloads"}, AnomalyId: "9b2ec6b6", DecisionId: "d6a1",
			SessionId: "S1", SessionsReset: proto.Uint32(3), SettingsVersion: "v1"},
	}
}

// uncounted is the entry of a platform that does not say how many sessions it ended.
func uncounted() *aerv1.AuditEntry {
	e := reset()
	e.Details.SessionsReset = nil
	return e
}

func change() *aerv1.AuditEntry {
	return &aerv1.AuditEntry{
		Id: "a2", DateCreate: uint32(sinktest.T0.Unix()), Action: aerv1.ActionSettingsChanged,
		Actor:   &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: "U9", Name: "Sam Admin"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1"}},
		Details: &aerv1.AuditDetails{SettingsVersion: "v2", PreviousValue: `{"version":"v1"}`, NewValue: `{"version":"v2"}`},
	}
}

// TestGolden shows what every kind of event looks like.
func TestGolden(t *testing.T) {
	bare := &aerv1.Anomaly{Id: "A1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1", Time: aerv1.Time(sinktest.T0),
		Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: "1.23.45.678"}}}
	for name, render := range map[string]func() ([]byte, error){
		"finding":        func() ([]byte, error) { return ocsf.Finding(anomaly()) },
		"bare":           func() ([]byte, error) { return ocsf.Finding(bare) },
		"logoff":         func() ([]byte, error) { return ocsf.Entry(reset()) },
		"logoff_unknown": func() ([]byte, error) { return ocsf.Entry(uncounted()) },
		"settings":       func() ([]byte, error) { return ocsf.Entry(change()) },
	} {
		t.Run(name, func(t *testing.T) {
			line, err := render()
			if err != nil {
				t.Fatal(err)
			}
			checkValid(t, published(t), line)
			var out bytes.Buffer
			if err := json.Indent(&out, line, "", "  "); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, append(out.Bytes(), '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()+"\n"); diff != "" {
				t.Errorf("%s differs; if it is right, run go test -update (-want +got):\n%s", path, diff)
			}
		})
	}
}

func published(t *testing.T) *ocsftest.Schema {
	t.Helper()
	s, err := ocsftest.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkValid holds an event against the published schema.
func checkValid(t interface {
	Helper()
	Errorf(string, ...any)
}, schema *ocsftest.Schema, line []byte) {
	t.Helper()
	for _, complaint := range schema.Complaints(line) {
		t.Errorf("%s\nin %.2000s", complaint, line)
	}
}

// TestEveryTypeAndSeverity: what AER can find has a title and a severity of its own.
func TestEveryTypeAndSeverity(t *testing.T) {
	seen := map[string]bool{}
	for i, typ := range aerv1.AnomalyTypes {
		a := anomaly()
		a.Type, a.Severity = typ, []string{"low", "medium", "high", "critical"}[i%4]
		line, err := ocsf.Finding(a)
		if err != nil {
			t.Fatal(err)
		}
		checkValid(t, published(t), line)
		var f struct {
			SeverityID  int                    `json:"severity_id"`
			FindingInfo struct{ Title string } `json:"finding_info"`
		}
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		if f.SeverityID != i%4+2 || seen[f.FindingInfo.Title] || f.FindingInfo.Title == "Unusual activity" {
			t.Errorf("%s: severity %d, title %q", typ, f.SeverityID, f.FindingInfo.Title)
		}
		seen[f.FindingInfo.Title] = true
	}
}

func TestUIDs(t *testing.T) {
	a, b := anomaly(), anomaly()
	b.OrgId = "O2"
	one, _ := ocsf.Finding(a)
	again, _ := ocsf.Finding(a)
	two, _ := ocsf.Finding(b)
	if !bytes.Equal(one, again) || ocsf.UID(one) == ocsf.UID(two) || ocsf.UID(one) == "" || ocsf.UID([]byte("x")) != "" {
		t.Errorf("uids %q, %q", ocsf.UID(one), ocsf.UID(two))
	}
	if _, err := ocsf.Entry(&aerv1.AuditEntry{Action: "user_login"}); err == nil || retry.Recoverable(err) {
		t.Errorf("an action of somebody else gives %v, want a permanent error", err)
	}
}

// TestHostileValues: ids and agents of any content give one line of valid JSON with what the schema demands, bounded in
// size.
func TestHostileValues(t *testing.T) {
	for _, v := range append(sinktest.HostileIDs, "\xff\xfe", "<script>", strings.Repeat("\u202e", 5000)) {
		a, e, c := anomaly(), reset(), change()
		a.OrgId, a.UserId, a.Summary, a.Severity, a.Type, a.SessionIds, a.EventIds = "x"+v, "x"+v, v, v, v,
			[]string{v}, []string{v}
		a.Evidence.Client = &aerv1.Client{Ip: v, UserAgent: v, Country: v, Ja4: v}
		a.Evidence.Signal, a.Evidence.BaselineRows, a.Reasons, a.EpisodeKey = "x"+v, []string{"x" + v}, []string{v}, v
		e.Id, e.Entity.User.Id, e.Entity.User.Name, e.Context.Ua, e.Context.IpAddress, e.Context.Location.Id = v,
			"x"+v, v, v, v, "x"+v
		c.Actor.User.Id, c.Context.Location.Id = "x"+v, "x"+v
		a.Id = v
		for _, render := range []func() ([]byte, error){
			func() ([]byte, error) { return ocsf.Finding(a) }, func() ([]byte, error) { return ocsf.Entry(e) },
			func() ([]byte, error) { return ocsf.Entry(c) },
		} {
			line, err := render()
			if err != nil {
				t.Fatal(err)
			}
			checkLine(t, v, line)
		}
	}
}

func checkLine(t *testing.T, v string, line []byte) {
	t.Helper()
	checkValid(t, published(t), line)
	if bytes.ContainsAny(line, "\n\r") || bytes.Contains(line, []byte("\u202e")) ||
		bytes.Contains(line, []byte("<script>")) || len(line) > 40_000 {
		t.Errorf("value %.40q gives %d bytes: %.300s", v, len(line), line)
	}
}
