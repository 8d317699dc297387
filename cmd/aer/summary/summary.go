// SPDX-License-Identifier: Apache-2.0

// Package summary shows the outcome of a run to people: who, which anomaly, evidence against threshold, decision and
// why, what was done.
package summary

import (
	"time"

	"github.com/aer-project/aer/cmd/aer/explain"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Summary is what a run wrote, in the order of decisions.
type Summary struct {
	Rows []Row
	// People and organisations by id, for names; both may be empty.
	names map[person]string
	orgs  map[string]string
}

type person struct{ org, user string }

// Row is one anomaly and what followed.
type Row struct {
	explain.Found
	Response *aerv1.Response // nil if nothing was carried out
}

// Load reads the files of an output directory. Directories give names to people.
func Load(dir string, directories []*aerv1.Directory) (*Summary, error) {
	s := &Summary{names: map[person]string{}, orgs: map[string]string{}}
	for _, d := range directories {
		s.orgs[d.GetOrgId()] = d.GetName()
		for _, p := range d.GetPeople() {
			s.names[person{d.GetOrgId(), p.GetUserId()}] = p.GetName()
		}
	}
	responses := map[string]*aerv1.Response{}
	if err := explain.Read(dir, explain.ResponsesFile,
		func(r *aerv1.Response) { responses[r.GetDecisionId()] = r }); err != nil {
		return nil, err
	}
	found, err := explain.Results(dir)
	for _, f := range found {
		s.Rows = append(s.Rows, Row{f, responses[f.Decision.GetId()]})
	}
	return s, err
}

// Since returns the rows from t on, in event time.
func (s *Summary) Since(t time.Time) *Summary {
	later := &Summary{names: s.names, orgs: s.orgs}
	for _, r := range s.Rows {
		if !r.Anomaly.GetTime().AsTime().Before(t) {
			later.Rows = append(later.Rows, r)
		}
	}
	return later
}

// Example is the id of an anomaly whose story is worth reading: one that was responded to, else the first, else none.
func (s *Summary) Example() string {
	for _, r := range s.Rows {
		if r.Response != nil {
			return r.Anomaly.GetId()
		}
	}
	if len(s.Rows) > 0 {
		return s.Rows[0].Anomaly.GetId()
	}
	return ""
}

// JSON is the rows for machines.
func (s *Summary) JSON() []map[string]any {
	rows := []map[string]any{}
	for _, r := range s.Rows {
		rows = append(rows, map[string]any{
			"anomaly_id": r.Anomaly.GetId(), "type": r.Anomaly.GetType(), "org_id": r.Anomaly.GetOrgId(),
			"user_id": r.Anomaly.GetUserId(),
			"time":    r.Anomaly.GetTime().AsTime(), "outcome": outcome(r.Decision), "done": r.done(),
		})
	}
	return rows
}

// who is the person of a row, by name if known, and who acted under it where it was somebody else.
func (s *Summary) who(a *aerv1.Anomaly) string {
	if n := s.names[person{a.GetOrgId(), a.GetUserId()}]; n != "" {
		return n + explain.Mark(a)
	}
	return a.GetUserId() + explain.Mark(a)
}

// org is the organisation of a row, by name if known.
func (s *Summary) org(a *aerv1.Anomaly) string {
	if n := s.orgs[a.GetOrgId()]; n != "" {
		return n
	}
	return a.GetOrgId()
}
