// SPDX-License-Identifier: Apache-2.0

package summary

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const anomalies = `{"id":"aaaaaaaa-1","type":"tor","org_id":"o","user_id":"u","time":"2026-11-20T10:00:00Z","summary":"Activity through the Tor exit 203.0.113.5","evidence":{"observed":1,"threshold":1,"unit":"listed"}}
{"id":"cccccccc-3","type":"excessive_downloads","org_id":"o","user_id":"v","time":"2026-11-20T11:00:00Z","evidence":{"observed":60,"threshold":42.5,"unit":"files"}}
{"id":"bbbbbbbb-2","type":"excessive_downloads","org_id":"o","user_id":"v","time":"2026-11-20T10:30:00Z","evidence":{"observed":43,"threshold":42.5,"unit":"files"}}
{"id":"aaaaaaaa-1","type":"tor","org_id":"o","user_id":"u","time":"2026-11-20T10:00:00Z"}
`

const decisions = `{"org_id":"o","anomaly_id":"aaaaaaaa-1","id":"d1","outcome":"RESPOND","reason":"Nobody objected.","mode":"enforce"}
{"org_id":"o","anomaly_id":"bbbbbbbb-2","id":"d2","outcome":"LOG_ONLY","reason":"Only logs.","mode":"enforce"}
{"org_id":"o","anomaly_id":"cccccccc-3","id":"d3","outcome":"LOG_ONLY","mode":"enforce"}
`

const responses = `{"id":"d1","decision_id":"d1","sessions_reset":1,"steps":[{"kind":"revoke","state":"done"},{"kind":"notify","state":"done"},{"kind":"notify","state":"failed"}]}
`

// The second finding of v is counted beneath the first; the line of aaaaaaaa that was delivered twice appears once.
const want = `time      id        who         organisation  anomaly              observed  threshold  decision  done
10:00:00  aaaaaaaa  Uma Haddad  Acme          tor                  1 listed          1  RESPOND   1 session ended, 1 message sent, 1 step failed
      Activity through the Tor exit 203.0.113.5
      → Nobody objected.
10:30:00  bbbbbbbb  v           Acme          excessive_downloads  43 files       42.5  LOG_ONLY  nothing
      → Only logs.
      and 1 more with the same decision until 11:00:00

decision  anomalies  what it means
RESPOND           1  all sessions of the person are ended (of an app: its access), and the people concerned are told
LOG_ONLY          2  recorded only: this organisation lets the detector log, or the evidence is weak
`

func load(t *testing.T, files map[string]string) *Summary {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(dir,
		[]*aerv1.Directory{{OrgId: "o", Name: "Acme", People: []*aerv1.Person{{UserId: "u", Name: "Uma Haddad"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPrint(t *testing.T) {
	s := load(t, map[string]string{"anomalies.ndjson": anomalies, "decisions.ndjson": decisions,
		"responses.ndjson": responses})
	var out bytes.Buffer
	s.Print(term.New(&out), 10)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	s.Print(term.New(&out), 1)
	if !strings.HasPrefix(out.String(), "the last 1 of 2:\n") || strings.Contains(out.String(), "Tor exit") {
		t.Errorf("one row at most:\n%s", out.String())
	}
	if s.Example() != "aaaaaaaa-1" {
		t.Errorf("example is %s", s.Example())
	}
	if later := s.Since(time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC)); len(later.Rows) != 2 {
		t.Errorf("%d rows since 10:30", len(later.Rows))
	}
}

func TestRunWithoutAnomalies(t *testing.T) {
	s := load(t, nil)
	var out bytes.Buffer
	s.Print(term.New(&out), 10)
	if len(s.Rows) != 0 || s.Example() != "" {
		t.Errorf("%+v", s.Rows)
	}
}
