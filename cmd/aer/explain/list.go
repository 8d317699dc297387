package explain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
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
	Rows []Other
	// Matching is how many passed before the limit, and Total how many there are.
	Matching, Total int
}

// LoadList lists the anomalies in the files of dir. A folder of results without any is no error: a run that finds none
// writes no file of them.
func LoadList(dir string, f Filter) (*List, error) {
	path := filepath.Join(dir, AnomaliesFile)
	if err := hasAnomalies(dir); errors.Is(err, errNone) {
		return &List{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("listing anomalies: %w", err)
	}
	decisions := map[string]*aerv1.Decision{}
	if err := optional(dir, DecisionsFile, func(d *aerv1.Decision) { decisions[d.GetAnomalyId()] = d }); err != nil {
		return nil, err
	}
	all := map[string]Other{} // a retried write may repeat a line
	if err := ndjson.EachMessage(path, func(a *aerv1.Anomaly) { all[a.GetId()] = Other{a, decisions[a.GetId()]} }); err != nil {
		return nil, fmt.Errorf("listing anomalies: %w", err)
	}
	l := &List{Total: len(all)}
	for _, o := range all {
		if f.passes(o) {
			l.Rows = append(l.Rows, o)
		}
	}
	slices.SortFunc(l.Rows, func(a, b Other) int {
		return cmp.Or(a.Anomaly.GetTime().AsTime().Compare(b.Anomaly.GetTime().AsTime()), strings.Compare(a.Anomaly.GetId(), b.Anomaly.GetId()))
	})
	l.Matching = len(l.Rows)
	if f.Limit > 0 {
		l.Rows = l.Rows[max(0, len(l.Rows)-f.Limit):]
	}
	return l, nil
}

func (f Filter) passes(o Other) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(f.Org, o.Anomaly.GetOrgId()) && is(f.User, o.Anomaly.GetUserId()) && is(f.Type, o.Anomaly.GetType()) && is(f.Outcome, outcomeOf(o.Decision))
}

func outcomeOf(d *aerv1.Decision) string {
	if d == nil {
		return ""
	}
	return d.GetOutcome().String()
}

// errNone is that a folder of results has no file of anomalies.
var errNone = errors.New("no anomaly has been written there")

// hasAnomalies says what is wrong with a folder that is to hold anomalies.
func hasAnomalies(dir string) error {
	_, err := os.Stat(filepath.Join(dir, AnomaliesFile))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%w; --dir names the folder that a run, a replay or the demo wrote to", err)
	}
	return fmt.Errorf("%s has no %s: %w", dir, AnomaliesFile, errNone)
}

// Print writes a line for each anomaly.
func (l *List) Print(p *term.Printer) {
	t := term.NewTable("time", "anomaly", "user", "org", "type", "decision")
	for _, o := range l.Rows {
		a, outcome := o.Anomaly, cmp.Or(outcomeOf(o.Decision), "-")
		if Acts(o.Decision.GetOutcome()) && o.Decision.GetMode() != aerv1.ModeEnforce {
			outcome += " (" + term.Clean(o.Decision.GetMode()) + ")" // nothing was carried out
		}
		t.Row(a.GetTime().AsTime().Format("2006-01-02 15:04:05"), term.ID(a.GetId()), term.Cut(a.GetUserId()+Mark(a), 28), term.Cut(a.GetOrgId(), 20),
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
		var line struct {
			Anomaly  json.RawMessage `json:"anomaly"`
			Decision json.RawMessage `json:"decision,omitempty"`
		}
		var err error
		if line.Anomaly, err = aerv1.MarshalJSONLine(o.Anomaly); err != nil {
			return err
		}
		if o.Decision != nil {
			if line.Decision, err = aerv1.MarshalJSONLine(o.Decision); err != nil {
				return err
			}
		}
		if err := e.Encode(line); err != nil {
			return fmt.Errorf("writing an anomaly: %w", err)
		}
	}
	return nil
}
