// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Filter says which anomalies to list; what is empty lets everything pass.
type Filter struct {
	Org, User, Type string
	// Outcome is the name of a decision's outcome, in capitals.
	Outcome string
	// Limit is how many to list at most, the newest; 0 is all.
	Limit int
}

// List is the anomalies that a filter lets pass, oldest first.
type List struct {
	Rows []Found
	// Matching is how many passed before the limit, and Total how many there are.
	Matching, Total int
}

// LoadList lists the anomalies in the files of dir. A folder of results without any is no error: a run that finds none
// writes no file of them.
func LoadList(dir string, f Filter) (*List, error) {
	if err := hasAnomalies(dir); errors.Is(err, errNone) {
		return &List{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("listing anomalies: %w", err)
	}
	all, err := Results(dir)
	if err != nil {
		return nil, fmt.Errorf("listing anomalies: %w", err)
	}
	l := &List{Total: len(all)}
	for _, o := range all {
		if f.passes(o) {
			l.Rows = append(l.Rows, o)
		}
	}
	l.Matching = len(l.Rows)
	if f.Limit > 0 {
		l.Rows = l.Rows[max(0, len(l.Rows)-f.Limit):]
	}
	return l, nil
}

func (f Filter) passes(o Found) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(f.Org, o.Anomaly.GetOrgId()) && is(f.User, o.Anomaly.GetUserId()) && is(f.Type, o.Anomaly.GetType()) &&
		is(f.Outcome, outcomeOf(o.Decision))
}

func outcomeOf(d *aerv1.Decision) string {
	if d == nil {
		return ""
	}
	return d.GetOutcome().String()
}

// Print writes a line for each anomaly.
func (l *List) Print(p *term.Printer) {
	t := term.NewTable("time", "anomaly", "user", "org", "type", "decision")
	for _, o := range l.Rows {
		a, outcome := o.Anomaly, cmp.Or(outcomeOf(o.Decision), "-")
		if Acts(o.Decision.GetOutcome()) && o.Decision.GetMode() != aerv1.ModeEnforce {
			outcome += " (" + term.Clean(o.Decision.GetMode()) + ")" // nothing was carried out
		}
		t.Row(a.GetTime().AsTime().Format("2006-01-02 15:04:05"), term.ID(a.GetId()), term.Cut(a.GetUserId()+Mark(a), 28),
			term.Cut(a.GetOrgId(), 20),
			a.GetType(), outcome)
		if Acts(o.Decision.GetOutcome()) {
			t.StyleCell(5, term.Yellow)
		}
	}
	t.Print(p)
}

// WriteJSON writes a line of JSON for each anomaly, with its decision if there is one.
func (l *List) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, o := range l.Rows {
		line := struct {
			Anomaly  *object `json:"anomaly"`
			Decision *object `json:"decision,omitempty"`
		}{objectOf(o.Anomaly), objectOf(o.Decision)}
		if err := e.Encode(line); err != nil {
			return fmt.Errorf("writing an anomaly: %w", err)
		}
	}
	return nil
}
