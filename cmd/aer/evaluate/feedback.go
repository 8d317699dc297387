// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const (
	// suggestAfter is how many verdicts a detector needs in an organisation before anything is suggested.
	suggestAfter = 3
	// suggestShare is the share of one verdict that makes a suggestion.
	suggestShare = 0.5
)

// FeedbackReport is what people said about the anomalies.
type FeedbackReport struct {
	// Verdicts counts anomalies with one; of several about the same anomaly the latest counts.
	Verdicts int `json:"verdicts"`
	// Unknown are verdicts about anomalies that are not among those evaluated.
	Unknown     int           `json:"unknown_anomalies"`
	Detectors   []FeedbackRow `json:"detectors"`
	Suggestions []Suggestion  `json:"suggestions"`
}

// FeedbackRow counts the verdicts about one type.
type FeedbackRow struct {
	Type      string  `json:"type"`
	True      int     `json:"true_positive"`
	False     int     `json:"false_positive"`
	Precision float64 `json:"precision"`
}

// Suggestion is advice for one detector in one organisation.
type Suggestion struct {
	OrgID string `json:"org_id"`
	Type  string `json:"type"`
	True  int    `json:"true_positive"`
	False int    `json:"false_positive"`
	Text  string `json:"text"`
}

// readFeedback takes one line. The verdict may be written with a hyphen, as on the command line.
func (e *Evaluator) readFeedback(line []byte) error {
	f := &aerv1.Feedback{}
	if err := aerv1.UnmarshalJSONLine(line, f); err != nil {
		return err
	}
	f.Verdict = strings.ReplaceAll(f.Verdict, "-", "_")
	switch {
	case f.AnomalyId == "":
		return errors.New("feedback needs anomaly_id, org_id, user_id and verdict")
	case f.Verdict != aerv1.VerdictTruePositive && f.Verdict != aerv1.VerdictFalsePositive:
		return fmt.Errorf("verdict is %q: want %s or %s", f.Verdict, aerv1.VerdictTruePositive, aerv1.VerdictFalsePositive)
	}
	e.Feedback(f)
	return nil
}

// judged is an alarm with its verdict.
type judged struct {
	*alarm
	wrong bool
}

// feedbackReport counts the verdicts and says what follows from them; nil without any.
func (e *Evaluator) feedbackReport() *FeedbackReport {
	if len(e.feedback) == 0 {
		return nil
	}
	r := &FeedbackReport{Suggestions: []Suggestion{}}
	rows := map[string]*FeedbackRow{}
	groups := map[[2]string][]judged{} // organisation, type
	for _, j := range e.judge(r) {
		row := rows[j.kind]
		if row == nil {
			row = &FeedbackRow{Type: j.kind}
			rows[j.kind] = row
		}
		if r.Verdicts++; j.wrong {
			row.False++
		} else {
			row.True++
		}
		key := [2]string{j.account.org, j.kind}
		groups[key] = append(groups[key], j)
	}
	for _, row := range rows {
		row.Precision = ratio(row.True, row.True+row.False)
		r.Detectors = append(r.Detectors, *row)
	}
	slices.SortFunc(r.Detectors, func(a, b FeedbackRow) int { return byType(a.Type, b.Type) })
	for key, all := range groups {
		if s := suggest(key[0], key[1], all); s != nil {
			r.Suggestions = append(r.Suggestions, *s)
		}
	}
	slices.SortFunc(r.Suggestions,
		func(a, b Suggestion) int { return cmp.Or(cmp.Compare(a.OrgID, b.OrgID), byType(a.Type, b.Type)) })
	return r
}

// judge joins the latest verdict of each anomaly with its alarm, in the order of the alarms.
func (e *Evaluator) judge(r *FeedbackReport) []judged {
	latest := map[string]*aerv1.Feedback{}
	for _, f := range e.feedback {
		if old := latest[f.AnomalyId]; old == nil || !f.GetTime().AsTime().Before(old.GetTime().AsTime()) {
			latest[f.AnomalyId] = f
		}
	}
	var all []judged
	for _, a := range e.alarms {
		// A verdict of another organisation about the same id is not about this anomaly.
		if f := latest[a.id]; f != nil && (f.OrgId == "" || f.OrgId == a.account.org) {
			all = append(all, judged{a, f.Verdict == aerv1.VerdictFalsePositive})
			delete(latest, a.id)
		}
	}
	r.Unknown = len(latest)
	return all
}

// suggest says what the verdicts about one detector in one organisation speak for, or nil.
func suggest(org, kind string, all []judged) *Suggestion {
	s := &Suggestion{OrgID: org, Type: kind}
	users, quiet, lost := map[string]int{}, 0, 0 // false ones by user; false and true ones below what low asks for
	for _, j := range all {
		near := j.magnitude > 0 && j.magnitude < j.low
		switch {
		case j.wrong:
			s.False++
			users[j.account.user]++
			quiet += count(near)
		default:
			s.True++
			lost += count(near)
		}
	}
	if len(all) < suggestAfter || ratio(s.False, len(all)) < suggestShare {
		return nil
	}
	s.Text = fmt.Sprintf("%s: %d of %d false-positive in %s: consider %s", kind, s.False, len(all), term.Clean(org),
		advice(users, s.False, quiet, lost))
	return s
}

// advice prefers what costs the least: an exclusion if it is one person, low if that silences most, else only logging.
func advice(users map[string]int, wrong, quiet, lost int) string {
	var parts []string
	for user, n := range users {
		if n == wrong && wrong > 1 {
			parts = append(parts, fmt.Sprintf("to exclude %s, whom all of them are about", term.Clean(user)))
		}
	}
	if 2*quiet >= wrong {
		parts = append(parts,
			fmt.Sprintf("sensitivity low, which would not have raised, or only logged, %d of them (and %d true ones)", quiet,
				lost))
	}
	if len(parts) == 0 {
		parts = append(parts, "mode log, or to exclude or trust their cause: a lower sensitivity would hardly help")
	}
	return strings.Join(parts, ", or ")
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (r *FeedbackReport) print(p *term.Printer) {
	if r == nil {
		return
	}
	p.Head("Feedback: %s judged by people", term.Count(r.Verdicts, "anomaly", "anomalies"))
	t := term.NewTable("type", ">true-positive", ">false-positive", ">precision")
	for _, d := range r.Detectors {
		t.Row(d.Type, d.True, d.False, percent(d.Precision))
	}
	t.Print(p)
	if r.Unknown > 0 {
		fmt.Fprintf(p, "%s not in the file\n",
			term.Count(r.Unknown, "verdict is about an anomaly that is", "verdicts are about anomalies that are"))
	}
	for _, s := range r.Suggestions {
		fmt.Fprintln(p, s.Text)
	}
}
