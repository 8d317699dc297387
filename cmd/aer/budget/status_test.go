// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
)

var day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// finding is an anomaly of the nth user of an organisation, minutes after midnight.
func finding(org string, n int, minute float64) *aerv1.Anomaly {
	at := aerv1.Time(day.Add(time.Duration(minute * float64(time.Minute))))
	return &aerv1.Anomaly{Id: aerv1.NewID("anomaly", org, strconv.Itoa(n)), Type: aerv1.TypeTor, OrgId: org,
		UserId: "U" + strconv.Itoa(n), Time: at, KnownAt: at}
}

// write stores what is decided about the findings, each decision twice, as at-least-once delivery may.
func write(t *testing.T, findings ...*aerv1.Anomaly) (dir string) {
	t.Helper()
	s := settings.Default("O1")
	s.Limits.BudgetMin, s.Limits.BudgetFraction = 2, 0
	_, decisions := decision.Replay(findings, decision.Config{Settings: func(string) *aerv1.Settings { return s }})
	var b bytes.Buffer
	for _, d := range append(decisions, decisions...) {
		line, err := aerv1.MarshalJSONLine(d)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, DecisionsFile), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStatusIsThatOfTheLastDecisionInEventTime(t *testing.T) {
	storm := []*aerv1.Anomaly{finding("O1", 1, 0), finding("O1", 2, 1), finding("O1", 3, 2), finding("O1", 4, 3)}
	for name, c := range map[string]struct {
		more []*aerv1.Anomaly
		want Status
	}{
		"in the storm":             {nil, Status{State: Open, Wanted: 4, Granted: 2, Refused: 2, Opened: 1}},
		"another org's time moves": {[]*aerv1.Anomaly{finding("O2", 1, 60)}, Status{State: Closed, Opened: 1}},
		"granted again": {[]*aerv1.Anomaly{finding("O1", 9, 30)},
			Status{State: Closed, Wanted: 1, Granted: 1, Opened: 1}},
	} {
		all, err := Read(write(t, append(c.more, storm...)...), "O1", 10*time.Minute)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %v, %v", name, all, err)
		}
		got := all[0]
		got.At, got.AskedAt, got.Answer, got.OrgID = time.Time{}, time.Time{}, "", ""
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestOrganisationsAreApart(t *testing.T) {
	dir := write(t, finding("O1", 1, 0), finding("O2", 1, 0))
	if all, err := Read(dir, "", time.Hour); err != nil || len(all) != 2 || all[0].Wanted != 1 || all[1].Wanted != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	all, err := Read(dir, "O3", time.Hour)
	if err != nil || len(all) != 1 || all[0].State != Closed || all[0].Answer != "never asked" {
		t.Errorf("%+v, %v", all, err)
	}
	var b bytes.Buffer
	Print(term.New(&b), all)
	if !strings.Contains(b.String(), "O3") || !strings.Contains(b.String(), "never asked") {
		t.Errorf("printed %q", b.String())
	}
	if _, err := Read(t.TempDir(), "", time.Hour); err == nil {
		t.Error("a folder without decisions says nothing about budgets")
	}
}
