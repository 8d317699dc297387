// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
)

// Summary is a response as the ledger has it, complete or not.
type Summary struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
	// As it was closed; or, while Open, with the steps that exist so far.
	Response *aerv1.Response
	Open     bool
	// What was planned once the sessions were ended; nil and empty before.
	Audit         *aerv1.AuditEntry
	Notifications []*aerv1.Notification
	// Who had failed steps tried again, oldest first.
	Retries []*aerv1.ResponseRetry

	steps  []*aerv1.Step
	closed map[string]*aerv1.Response // by round
	// Something in it could not be read.
	unreadable bool
}

// unreadableNamed is how many responses that cannot be read an error names: a store of a newer version has nothing
// else.
const unreadableNamed = 5

// List returns the responses of an organisation ("" = of all), oldest first. What cannot be read, because it was
// written by another version or is damaged, is left out; the error names the first few, and the others are returned
// with it.
func List(ctx context.Context, l ledger.Ledger, org aerv1.OrgID) ([]*Summary, error) {
	return summaries(ctx, l, org, "")
}

// Show returns one response, or kv.ErrNotFound.
func Show(ctx context.Context, l ledger.Ledger, org aerv1.OrgID, id aerv1.DecisionID) (*Summary, error) {
	if org == "" || id == "" {
		return nil, fmt.Errorf("showing response: organisation and id are needed: %w", kv.ErrNotFound)
	}
	all, err := summaries(ctx, l, org, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("showing response %q of %q: %w", id, org, kv.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// open returns the records of responses that were begun and not closed, oldest first, and errors as List does.
func (r *Responder) open(ctx context.Context) ([]*aerv1.ResponseRecord, error) {
	refs, err := r.c.Ledger.Open(ctx)
	errs := []error{err}
	var open []*aerv1.ResponseRecord
	for _, ref := range refs {
		all, err := summaries(ctx, r.c.Ledger, ref.OrgID, ref.ResponseID)
		errs = append(errs, err)
		for _, s := range all {
			if s.Open {
				open = append(open, &aerv1.ResponseRecord{Anomaly: s.Anomaly, Decision: s.Decision})
			}
		}
	}
	return open, errors.Join(errs...)
}

func summaries(ctx context.Context, l ledger.Ledger, org aerv1.OrgID, id aerv1.DecisionID) ([]*Summary, error) {
	entries, err := l.List(ctx, org, id)
	if err != nil {
		return nil, fmt.Errorf("listing responses: %w", err)
	}
	var order []ledger.Ref
	groups := map[ledger.Ref]*Summary{}
	var errs []error
	for _, e := range entries {
		n := ledger.Ref{OrgID: e.Key.OrgID, ResponseID: e.Key.ResponseID}
		if groups[n] == nil {
			groups[n] = &Summary{Response: &aerv1.Response{}, Open: true, closed: map[string]*aerv1.Response{}}
			order = append(order, n)
		}
		if err := groups[n].add(e); err != nil && !groups[n].unreadable {
			groups[n].unreadable = true
			errs = append(errs, fmt.Errorf("reading %s: %w", e.Key, err))
		}
	}
	if more := len(errs) - unreadableNamed; more > 0 {
		errs = append(errs[:unreadableNamed], fmt.Errorf("and of %d more responses", more))
	}
	all := make([]*Summary, 0, len(order))
	for _, n := range order {
		// Without a decision it died before it was written down, and nothing was done.
		if s := groups[n]; s.Decision != nil && !s.unreadable {
			s.finish()
			all = append(all, s)
		}
	}
	return all, errors.Join(errs...)
}

// add takes over what one ledger entry says.
func (s *Summary) add(e ledger.Entry) error {
	switch e.Key.Kind {
	case KindRevoke, KindAudit, KindNotify:
		s.steps = append(s.steps, protoStep(e.Key, e))
		return nil
	case KindAlert, KindPage, KindRows:
		return nil
	}
	if e.State != ledger.StateDone {
		return nil
	}
	switch e.Key.Kind {
	case KindOpen:
		rec := &aerv1.ResponseRecord{}
		err := decode(e.Result, rec)
		s.Anomaly, s.Decision = rec.GetAnomaly(), rec.GetDecision()
		return err
	case KindPlan:
		p := &aerv1.ResponsePlan{}
		err := decode(e.Result, p)
		if p.GetAudit() != nil {
			s.Audit = p.GetAudit()
		}
		if e.Key.Target != auditTarget {
			s.Notifications = p.GetNotifications()
		}
		return err
	case KindRetry:
		r := &aerv1.ResponseRetry{}
		s.Retries = append(s.Retries, r)
		return decode(e.Result, r)
	case KindClose:
		resp, err := decodeClose(e.Result)
		s.closed[e.Key.Target] = resp
		return err
	}
	return errors.New("unknown kind of step: written by a newer version?")
}

// finish settles whether the response is closed: with the close of its last round.
func (s *Summary) finish() {
	if resp := s.closed[roundName(len(s.Retries))]; resp != nil {
		s.Open, s.Response = false, resp
		return
	}
	d := s.Decision
	s.Response.Steps = s.steps
	s.Response.Id, s.Response.DecisionId, s.Response.AnomalyId = d.GetId(), d.GetId(), d.GetAnomalyId()
	s.Response.OrgId, s.Response.UserId = d.GetOrgId(), d.GetUserId()
}
