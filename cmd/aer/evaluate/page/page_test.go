// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/evaluate"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func TestDrawing(t *testing.T) {
	d := draw(&evaluate.Timeline{
		From: noon, To: noon.Add(time.Hour), Start: noon.Add(30 * time.Minute), End: noon.Add(45 * time.Minute),
		Points: []evaluate.Point{{Time: noon, Class: "login"}, {Time: noon.Add(30 * time.Minute), Class: "download"},
			{Time: noon.Add(time.Hour), Class: "login"}},
		Threshold: 10, Metric: "new_downloads_1h", Series: []evaluate.Sample{{Time: noon.Add(15 * time.Minute), Value: 5},
			{Time: noon.Add(30 * time.Minute), Value: 20}},
	})
	if d.X1 != 450 || d.Width != 225 || d.Height != 32 || len(d.Lanes) != 2 {
		t.Errorf("%+v", d)
	}
	if diff := cmp.Diff([]point{{0, ""}, {900, ""}}, d.Lanes[0].Points); diff != "" {
		t.Error(diff)
	}
	// 20 is at the top, 5 a quarter up, the threshold half way.
	if d.Top != 20 || d.Line != 60 || d.Path != "M0 120 H225 V90 H450 V0 " {
		t.Errorf("top %v, line %v, path %q", d.Top, d.Line, d.Path)
	}
	empty := draw(&evaluate.Timeline{From: noon, To: noon})
	if empty.Top != 0 || empty.Line != -1 || empty.Path != "" || empty.Height != laneHeight {
		t.Errorf("%+v", empty)
	}
}

func TestLogAxis(t *testing.T) {
	for s, want := range map[float64]float64{0: 0, 0.1: 0, 1: 71.4, 1e6: 500, 1e9: 500} {
		if got := logX(s); got != want {
			t.Errorf("%v s is at %v, want %v", s, got, want)
		}
	}
}

// TestHostileIdsAreText: nothing that an event says becomes markup, and the page asks nobody for anything.
func TestHostileIdsAreText(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=y>'{{.}}</title></style>`
	r := &evaluate.Report{
		Attacks:   []evaluate.KindRow{{Kind: evil, Incidents: 2, Found: 1, Rate: 0.5, DetectS: []float64{1}}},
		Detectors: []evaluate.DetectorRow{{Type: evil}},
		Feedback: &evaluate.FeedbackReport{Detectors: []evaluate.FeedbackRow{{Type: evil}},
			Suggestions: []evaluate.Suggestion{{Text: evil}}},
		Missed: make([]evaluate.Incident, 3),
	}
	line := &evaluate.Timeline{
		Title: evil, OrgID: evil, UserID: evil, Text: evil, Metric: evil, From: noon, To: noon.Add(time.Hour), Start: noon,
		End: noon, Threshold: 1,
		Points: []evaluate.Point{{Time: noon, Class: evil, Text: evil}}, Series: []evaluate.Sample{{Time: noon, Value: 2}},
	}
	var out bytes.Buffer
	if err := Write(&out, r, []*evaluate.Timeline{line}, []*evaluate.Timeline{line}); err != nil {
		t.Fatal(err)
	}
	s := out.String()
	for _, no := range []string{"<script", "<img", "onerror=y>'", "http:", "https:", "url(", "@import", "src=",
		"href=", "ZgotmplZ"} {
		if strings.Contains(strings.ReplaceAll(s, "&lt;img src=x", ""), no) {
			t.Errorf("the page contains %s", no)
		}
	}
	for _, yes := range []string{"&lt;script&gt;", `width="250"`, "2 more are not drawn", `class="limit" x1="0" y1="60"`,
		"prefers-color-scheme: dark", "</html>"} {
		if !strings.Contains(s, yes) {
			t.Errorf("the page lacks %s", yes)
		}
	}
	for _, tag := range []string{"svg", "section", "table", "title", "h3"} {
		if open, shut := strings.Count(s, "<"+tag+">")+strings.Count(s, "<"+tag+" "),
			strings.Count(s, "</"+tag+">"); open != shut {
			t.Errorf("%d <%s> and %d </%s>", open, tag, shut, tag)
		}
	}
}
