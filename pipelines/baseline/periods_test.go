// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPeriods(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.ndjson")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"id":"a1","type":"tor","org_id":"O","user_id":"U","severity":"high","time":"2026-03-05T10:00:00Z","known_at":"2026-03-05T10:00:10Z","window":{"start":"2026-03-01T00:00:00Z","end":"2026-03-05T10:00:10Z"}}
{"id":"d1","anomaly_id":"a1","org_id":"O","user_id":"U","outcome":"RESPOND","time":"2026-03-05T10:00:10Z"}
{"id":"d2","anomaly_id":"a2","org_id":"O","user_id":"V","outcome":"LOG_ONLY","time":"2026-03-05T10:00:10Z"}
{"id":"d3","anomaly_id":"a3","org_id":"O","user_id":"W","outcome":"PERSISTING","time":"2026-03-06T10:00:00Z"}

{"id":"f1","anomaly_id":"a4","org_id":"O","user_id":"X","verdict":"true_positive","anomaly_time":"2026-03-07T10:00:00Z"}
{"id":"f2","anomaly_id":"a5","org_id":"O","user_id":"Y","verdict":"false_positive","anomaly_time":"2026-03-07T10:00:00Z"}
{"org_id":"O","user_id":"Z","from":"2026-03-01","until":"2026-03-03"}
{"id":"d4","anomaly_id":"a1","org_id":"P","user_id":"U","outcome":"RESPOND","time":"2026-03-05T10:00:10Z"}
`)
	got, err := ReadPeriods([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, p := range got {
		text = append(text, fmt.Sprintf("%s/%s %s %s", p.OrgID, p.UserID, p.From.Format("01-02"), p.Until.Format("01-02")))
	}
	want := []string{"O/U 03-01 03-05", "O/W 03-06 03-06", "O/X 03-07 03-07", "O/Z 03-01 03-03", "P/U 03-05 03-05"}
	if !slices.Equal(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	for bad, says := range map[string]string{
		`{"org_id":"O"}`: ":1: want a decision", `{"org_id":"O","user_id":"U","from":"yesterday"}`: "neither a day",
		`{"org_id":"O","user_id":"U","from":"2026-03-05","until":"2026-03-01"}`: "is before", `{`: ":1:",
		`{"id":"f","verdict":"true_positive"}`: "no anomaly_time",
	} {
		write(bad + "\n")
		if _, err := ReadPeriods([]string{path}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", bad, err, says)
		}
	}
}
