// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// Files names what an evaluation reads. Decisions, Excluded and Feedback may be empty.
type Files struct {
	Events []string
	// Decode is how the events were decoded when they were replayed.
	Decode                                          event.Options
	Truth, Anomalies, Decisions, Excluded, Feedback string
	// Progress, if set, is called now and then with the bytes read and in all; total is -1 if it is unknown.
	Progress func(read, total int64)
}

// Run evaluates files.
func Run(f Files) (*Report, error) {
	incidents, err := readAll(f.Truth, checkIncident)
	if err != nil {
		return nil, fmt.Errorf("reading the truth: %w", err)
	}
	var excluded []Span
	if f.Excluded != "" {
		if excluded, err = readAll(f.Excluded, checkSpan); err != nil {
			return nil, fmt.Errorf("reading the excluded spans: %w", err)
		}
	}
	e := New(incidents, excluded)
	if err := e.readVerdicts(f); err != nil {
		return nil, err
	}
	if err := ndjson.EachMessage(f.Anomalies, func(a *aerv1.Anomaly) { e.Anomaly(a) }); err != nil {
		return nil, fmt.Errorf("reading anomalies: %w", err)
	}
	if err := e.readEvents(f.Events, f.Decode, f.Progress); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return e.Report(), nil
}

// readVerdicts reads what was decided, or decides as default settings would, and what people said.
func (e *Evaluator) readVerdicts(f Files) error {
	if f.Decisions != "" {
		if err := ndjson.EachMessage(f.Decisions, e.Decision); err != nil {
			return fmt.Errorf("reading decisions: %w", err)
		}
	} else if err := e.assume(f.Anomalies); err != nil {
		return fmt.Errorf("reading anomalies: %w", err)
	}
	if f.Feedback != "" {
		if err := ndjson.Each(f.Feedback, e.readFeedback); err != nil {
			return fmt.Errorf("reading feedback: %w", err)
		}
	}
	return nil
}

// assume decides about all anomalies under default settings: modes, loop protection and budgets.
func (e *Evaluator) assume(path string) error {
	var all []*aerv1.Anomaly
	if err := ndjson.EachMessage(path, func(a *aerv1.Anomaly) { all = append(all, a) }); err != nil {
		return err
	}
	_, decisions := decision.Replay(all, decision.Config{Mode: aerv1.ModeReplay, EndsApps: true})
	for _, d := range decisions {
		e.Assume(d)
	}
	return nil
}

func readAll[T any](path string, check func(*T) error) ([]T, error) {
	var all []T
	err := ndjson.Each(path, func(line []byte) error {
		var row T
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		if err := check(&row); err != nil {
			return err
		}
		all = append(all, row)
		return nil
	})
	return all, err
}

func checkIncident(i *Incident) error {
	if i.ID == "" || i.Kind == "" || i.OrgID == "" || i.UserID == "" || i.Start.IsZero() || i.End.IsZero() {
		return fmt.Errorf("an incident needs incident, kind, org_id, user_id, start and end")
	}
	if i.Anomalous && len(i.Expected) == 0 {
		return fmt.Errorf("incident %s is anomalous and so needs at least one type in expected", i.ID)
	}
	return nil
}

func checkSpan(s *Span) error {
	if s.OrgID == "" || s.UserID == "" || s.Start.IsZero() || s.End.IsZero() {
		return fmt.Errorf("an excluded span needs org_id, user_id, start and end")
	}
	return nil
}

// progressEvery is how many events lie between two calls of Progress.
const progressEvery = 10_000

// readEvents reads who was active when. Dead letters are an account of the run, not of the evaluation: they are
// skipped.
func (e *Evaluator) readEvents(paths []string, opt event.Options, progress func(read, total int64)) error {
	files, err := event.OpenFiles(paths, opt)
	if err != nil {
		return err
	}
	for ev, dead := range files.All() {
		if dead != nil {
			continue
		}
		e.Event(ev.GetOrgId(), ev.GetUserId(), ev.GetTime().AsTime())
		if progress != nil && e.events%progressEvery == 0 {
			progress(files.Progress())
		}
	}
	return errors.Join(files.Err(), files.Close())
}
