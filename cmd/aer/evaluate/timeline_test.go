// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// downloads writes a file in which user u downloads file i, of the given number of different ones, every minute from
// 10:00 on.
func downloads(t *testing.T, n, different int) string {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b,
			`{"id":"e%d","time":%q,"org_id":"o","user_id":"u","action":"file_downloaded","object":{"type":"file","id":"f%d"}}`+
				"\n",
			i, at(30, "10:00").Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i%different)
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTimelineOfAFalseAlarm(t *testing.T) {
	r := &Report{False: []FalseAlarm{
		{Type: "excessive_downloads", OrgID: "o", UserID: "u", Time: at(30, "11:30"),
			Signal: "new_downloads_1h", Threshold: 40},
		{Type: "tor", OrgID: "o", UserID: "u", Time: at(30, "11:30"), Signal: "tor_exit", Threshold: 1},
		{Type: "tor", OrgID: "p", UserID: "u", Time: at(30, "11:30")},
	}}
	_, alarms, err := Timelines(Files{Events: []string{downloads(t, 200, 1000)}}, r)
	if err != nil {
		t.Fatal(err)
	}
	a := alarms[0]
	// From 10:10, an hour and a margin before, to 11:50.
	if len(a.Points) != 101 || a.Threshold != 40 || !a.From.Equal(at(30, "10:10")) || a.More != 0 {
		t.Errorf("%d points from %v, threshold %v", len(a.Points), a.From, a.Threshold)
	}
	// Eleven by 10:10 and 61 in any full hour with both its ends.
	if first, last := a.Series[0].Value, a.Series[len(a.Series)-1].Value; first != 11 || last != 61 {
		t.Errorf("series from %d to %d", first, last)
	}
	if yesNo := alarms[1]; yesNo.Metric != "" || yesNo.Threshold != 0 || len(yesNo.Series) != 0 || len(yesNo.Points) == 0 {
		t.Errorf("%+v", yesNo)
	}
	if len(alarms[2].Points) != 0 {
		t.Error("another organisation's events are shown")
	}
}

func TestTimelineOfAMissedAttack(t *testing.T) {
	r := &Report{Missed: []Incident{{ID: "bulk-1", OrgID: "o", UserID: "u", Start: at(30, "13:00"), End: at(30, "13:10"),
		Expected: []string{"session_fingerprint", "excessive_downloads"}}}}
	missed, _, err := Timelines(Files{Events: []string{downloads(t, 200, 5)}}, r)
	if err != nil {
		t.Fatal(err)
	}
	m := missed[0]
	if m.Metric != "new_downloads_1h" || m.Threshold != 0 || len(m.Points) == 0 {
		t.Errorf("%+v", m)
	}
	if len(m.Series) != 0 { // all five files were touched for the first time before the span
		t.Errorf("%d samples of files that are not new", len(m.Series))
	}
}

func TestTimelinesAreBounded(t *testing.T) {
	r := &Report{Missed: make([]Incident, 100)}
	for i := range r.Missed {
		r.Missed[i] = Incident{OrgID: "o", UserID: "u", Start: at(30, "00:00"), End: at(39, "00:00")}
	}
	missed, _, err := Timelines(Files{Events: []string{downloads(t, PointsMax+100, 1000)}}, r)
	if err != nil {
		t.Fatal(err)
	}
	if len(missed) != TimelinesMax || len(missed[0].Points) != PointsMax || missed[0].More != 100 {
		t.Errorf("%d timelines, %d points, %d more", len(missed), len(missed[0].Points), missed[0].More)
	}
}
