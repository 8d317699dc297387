// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// judgedAlarms has one alarm a verdict letter, t or f, of the given magnitude, each about a user of its own or all
// about one.
func judgedAlarms(kind, verdicts string, magnitude float64, oneUser bool) *Evaluator {
	e := New(nil, nil)
	for i, v := range verdicts {
		user := "u"
		if !oneUser {
			user = fmt.Sprint("u", i)
		}
		a := anomaly(fmt.Sprint("a", i), kind, user, at(30, "10:00"), 0)
		a.Magnitude = magnitude
		if magnitude == 0 {
			a.Evidence.Observed, a.Evidence.Threshold = 1, 1
		}
		e.Anomaly(a)
		e.Feedback(&aerv1.Feedback{
			AnomalyId: a.Id, OrgId: "o", Verdict: map[rune]string{'t': aerv1.VerdictTruePositive,
				'f': aerv1.VerdictFalsePositive}[v], Time: aerv1.Time(at(31, "10:00")),
		})
	}
	return e
}

func TestSuggestions(t *testing.T) {
	cases := []struct {
		name, kind, verdicts string
		magnitude            float64
		oneUser              bool
		want                 string
	}{
		{"mostly true", "tor", "ttttf", 0, false, ""},
		{"too few", "tor", "ff", 0, false, ""},
		{"yes or no", "tor", "ffffft", 0, false, "tor: 5 of 6 false-positive in o: consider mode log, or to exclude or " +
			"trust their cause: a lower sensitivity would hardly help"},
		{"one person", "tor", "fff", 0, true,
			"tor: 3 of 3 false-positive in o: consider to exclude u, whom all of them are about"},
		{"near the threshold", "excessive_downloads", "ffft", 1.2, false, "excessive_downloads: 3 of 4 false-positive in " +
			"o: consider sensitivity low, which would not have raised, or only logged, 3 of them (and 1 true ones)"},
		{"far above it", "excessive_downloads", "fff", 1.5, false, "excessive_downloads: 3 of 3 false-positive in o: " +
			"consider mode log, or to exclude or trust their cause: a lower sensitivity would hardly help"},
		{"both", "excessive_downloads", "fff", 1.1, true, "excessive_downloads: 3 of 3 false-positive in o: consider to " +
			"exclude u, whom all of them are about, or sensitivity low, which would not have raised, or only logged, 3 of " +
			"them (and 0 true ones)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := judgedAlarms(c.kind, c.verdicts, c.magnitude, c.oneUser).Report().Feedback
			got := ""
			for _, s := range r.Suggestions {
				got += s.Text
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			row := r.Detectors[0]
			if n := strings.Count(c.verdicts, "t"); r.Verdicts != len(c.verdicts) || row.True != n ||
				row.False != len(c.verdicts)-n ||
				row.Precision != float64(n)/float64(len(c.verdicts)) {
				t.Errorf("%+v of %s", row, c.verdicts)
			}
		})
	}
}

// TestSuggestionsForConfidences: low asks for 1.08 times a confidence, not for 1.5 times, which none could reach.
func TestSuggestionsForConfidences(t *testing.T) {
	for confidence, want := range map[float64]string{0.95: "sensitivity low",
		0.99: "a lower sensitivity would hardly help"} {
		e := New(nil, nil)
		for i := range suggestAfter {
			a := anomaly(fmt.Sprint("a", i), aerv1.TypeSessionFingerprint, fmt.Sprint("u", i), at(30, "10:00"), 0)
			a.Magnitude, a.Evidence.Unit = confidence/0.9, "confidence"
			e.Anomaly(a)
			e.Feedback(&aerv1.Feedback{AnomalyId: a.Id, OrgId: "o", Verdict: aerv1.VerdictFalsePositive})
		}
		if s := e.Report().Feedback.Suggestions; len(s) != 1 || !strings.Contains(s[0].Text, want) {
			t.Errorf("confidence %v: %+v, want %q", confidence, s, want)
		}
	}
}

func TestLatestVerdictCountsAndOtherOrganisationsDoNot(t *testing.T) {
	e := judgedAlarms("tor", "t", 0, false)
	verdict := func(id, org, verdict, when string) {
		e.Feedback(&aerv1.Feedback{AnomalyId: id, OrgId: org, Verdict: verdict, Time: aerv1.Time(at(32, when))})
	}
	verdict("a0", "o", aerv1.VerdictFalsePositive, "11:00")
	verdict("a0", "o", aerv1.VerdictTruePositive, "10:00") // given first, read last
	verdict("nowhere", "o", aerv1.VerdictTruePositive, "10:00")
	r := e.Report().Feedback
	if r.Verdicts != 1 || r.Unknown != 1 || r.Detectors[0].False != 1 {
		t.Errorf("%+v", r)
	}
	e = judgedAlarms("tor", "t", 0, false)
	verdict("a0", "p", aerv1.VerdictFalsePositive, "10:00")
	if r := e.Report().Feedback; r.Verdicts != 0 || r.Unknown != 1 {
		t.Errorf("another organisation's verdict counts: %+v", r)
	}
}

func TestReadFeedback(t *testing.T) {
	e := New(nil, nil)
	for line, want := range map[string]string{
		`{"anomaly_id":"a","org_id":"o","user_id":"u","verdict":"false-positive","author":"x","reason":"y","time":"2026-11-02T10:00:00Z"}`: "",
		`{"anomaly_id":"a","verdict":"true_positive","more":1}`:                                                                            "",
		`{"anomaly_id":"a","verdict":"maybe"}`:                                                                                             "want true_positive or false_positive",
		`{"verdict":"true_positive"}`:                                                                                                      "needs anomaly_id",
		`{`:                                                                                                                                "reading Feedback",
	} {
		err := e.readFeedback([]byte(line))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

func TestPrintedFeedbackIsClean(t *testing.T) {
	e := New(nil, nil)
	for i := range 3 {
		a := anomaly(fmt.Sprint("a", i), "tor", "u\x1b[31m", at(30, "10:00"), 0)
		a.OrgId = "o\n"
		e.Anomaly(a)
		e.Feedback(&aerv1.Feedback{AnomalyId: a.Id, OrgId: a.OrgId, Verdict: aerv1.VerdictFalsePositive})
	}
	var out bytes.Buffer
	e.Report().Feedback.print(term.New(&out))
	if s := out.String(); strings.Contains(s, "\x1b") || !strings.Contains(s, "in o.: consider to exclude u.") {
		t.Errorf("%q", s)
	}
}
