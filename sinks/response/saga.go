// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/warehouse"
)

// countUnknown is the result of a revocation on a platform that does not say how many sessions it ended.
const countUnknown = "unknown"

// saga is one run through one response.
type saga struct {
	*Responder
	org      aerv1.OrgID
	id       aerv1.DecisionID
	anomaly  *aerv1.Anomaly
	decision *aerv1.Decision
	began    time.Time
	// What became of each step, in order.
	steps []*aerv1.Step
	ended uint32
	// What is not done yet, and why.
	pending []string
	// The rows that are to be written.
	rows map[warehouse.Table][]proto.Message
	// The operator's word to try again, if there is any, and how many there were.
	again  *aerv1.ResponseRetry
	rounds int
	// Whether this round is closed, and the keys of the steps whose rows were written when an earlier one was.
	closed  bool
	written map[string]bool
}

func (s *saga) key(kind, target, channel string) ledger.Key {
	return ledger.Key{OrgID: s.org, ResponseID: s.id, Kind: kind, Target: target, Channel: channel}
}

// start has nobody else work on the response until unlock, and finds where it stands.
func (s *saga) start(ctx context.Context, rec *aerv1.ResponseRecord) (unlock func(), err error) {
	if unlock, err = s.locks.Lock(ctx, s.key("", "", "").ID()); err != nil {
		return nil, err
	}
	if err = s.begin(ctx, rec); err == nil {
		s.rows = map[warehouse.Table][]proto.Message{}
		err = s.loadRounds(ctx)
	}
	if err != nil {
		unlock()
	}
	return unlock, err
}

// end ends the sessions.
func (s *saga) end(ctx context.Context, rec *aerv1.ResponseRecord) error {
	unlock, err := s.start(ctx, rec)
	if err != nil {
		return err
	}
	defer unlock()
	if s.closed {
		return nil
	}
	if _, err := s.revoke(ctx); err != nil {
		return err
	}
	return s.stillPending()
}

func (s *saga) stillPending() error {
	if len(s.pending) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrPending, strings.Join(s.pending, "; "))
}

func (s *saga) run(ctx context.Context, rec *aerv1.ResponseRecord) error {
	unlock, err := s.start(ctx, rec)
	if err != nil {
		return err
	}
	defer unlock()
	if s.closed {
		return nil
	}
	var revoked ledger.Entry // stays empty for advice
	if !IsAdvice(s.decision) {
		if revoked, err = s.revoke(ctx); err != nil {
			return err
		}
	}
	if len(s.pending) == 0 {
		if err := s.follow(ctx, revoked); err != nil {
			return err
		}
	}
	if err := s.stillPending(); err != nil {
		return err
	}
	return s.close(ctx)
}

// begin writes down what the response is about, or reads what an earlier run wrote down: that one counts.
func (s *saga) begin(ctx context.Context, rec *aerv1.ResponseRecord) error {
	e, err := s.once(ctx, step{key: s.key(KindOpen, "", ""), do: func(context.Context) (string, error) {
		line, err := encode(rec)
		return line, retry.Permanent(err)
	}})
	switch {
	case err != nil:
		return err
	case e.State == ledger.StateFailed:
		return refuse("it cannot be written down: %s", e.Detail)
	case e.State != ledger.StateDone:
		since := e.ClaimedAt.Format(time.RFC3339)
		return fmt.Errorf("%w: somebody has been writing it down since %s", ErrNotTaken, since)
	}
	first := &aerv1.ResponseRecord{}
	if err := decode(e.Result, first); err != nil {
		return err
	}
	s.anomaly, s.decision = first.GetAnomaly(), first.GetDecision()
	was, is := s.decision, rec.GetDecision()
	if was.GetUserId() != is.GetUserId() || was.GetAppId() != is.GetAppId() || was.GetAnomalyId() != is.GetAnomalyId() ||
		was.GetOutcome() != is.GetOutcome() {
		return refuse("its id belongs to a decision with another user, anomaly or outcome")
	}
	s.began = e.FirstAt
	return nil
}

// decidedAt is when the clock of usefulness starts: when the decision was taken, or where that is not known, when the
// response was first asked for.
func (s *saga) decidedAt() time.Time {
	if t := s.decision.GetDecidedAt(); t != nil && t.AsTime().Before(s.began) {
		return t.AsTime()
	}
	return s.began
}

func (s *saga) revoke(ctx context.Context) (ledger.Entry, error) {
	user := s.decision.GetUserId()
	st := step{key: s.key(KindRevoke, user, ""), until: s.decidedAt().Add(s.c.UsefulFor)}
	st.do = func(ctx context.Context) (string, error) {
		scope, err := s.scope(ctx)
		if err != nil {
			return "", err
		}
		req := sessions.Request{Key: st.key.ID(), OrgID: s.org, UserID: aerv1.UserID(user),
			SessionIDs: s.sessionIDs(), Scope: scope}
		if scope == sessions.ScopeApp {
			req.AppID = s.decision.GetAppId()
		}
		res, err := s.c.Sessions.Revoke(ctx, req)
		if res.CountUnknown {
			return countUnknown, err
		}
		return strconv.Itoa(res.Ended), err
	}
	return s.perform(ctx, st)
}

// scope is which sessions are ended: what the organisation chose (response.scope), or else what the responder was built
// with. Evidence that names no session is answered by ending all, whatever was chosen: the setting says so. Of an app
// it is always the app's access.
func (s *saga) scope(ctx context.Context) (sessions.Scope, error) {
	if ofApp(s.decision) {
		return sessions.ScopeApp, nil
	}
	chosen, err := s.settings(ctx)
	if err != nil {
		return "", fmt.Errorf("looking up which sessions to end: %w", err)
	}
	scope := s.c.Scope
	switch chosen.GetResponse().GetScope() {
	case aerv1.ScopeAll:
		scope = sessions.ScopeAll
	case aerv1.ScopeSession:
		scope = sessions.ScopeListed
	}
	if scope == sessions.ScopeListed && len(s.sessionIDs()) == 0 {
		return sessions.ScopeAll, nil
	}
	return scope, nil
}

func (s *saga) sessionIDs() []string {
	if ids := s.decision.GetSessionIds(); len(ids) > 0 {
		return ids
	}
	return s.anomaly.GetSessionIds()
}

// follow does everything after the sessions were ended, or could not be.
func (s *saga) follow(ctx context.Context, revoked ledger.Entry) error {
	p, err := s.fix(ctx, s.key(KindPlan, "", ""), func(ctx context.Context) (*aerv1.ResponsePlan, error) {
		return s.plan(ctx, revoked)
	})
	if err != nil {
		return err
	}
	until := s.deliverUntil()
	if p.Audit == nil && revoked.State == ledger.StateDone { // it was planned after a failure, which a retry has cured
		if p.Audit, err = s.planAudit(ctx, revoked); err != nil {
			return err
		}
	}
	if p.Audit != nil {
		st := step{key: s.key(KindAudit, auditTarget, ""), until: until, payload: p.Audit, table: warehouse.AuditLog}
		st.do = func(ctx context.Context) (string, error) { return p.Audit.GetId(), s.c.Audit.Append(ctx, p.Audit) }
		if _, err := s.perform(ctx, st); err != nil {
			return err
		}
	}
	if err := s.readdress(ctx, p); err != nil {
		return err
	}
	for _, n := range p.Notifications {
		k := s.key(KindNotify, n.GetUserId(), n.GetChannel())
		st := step{key: k, until: until, payload: n, table: warehouse.Notifications, address: n.GetAddress()}
		st.do = func(ctx context.Context) (string, error) { return n.GetId(), s.notify(ctx, n) }
		if _, err := s.perform(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

func (s *saga) notify(ctx context.Context, n *aerv1.Notification) error {
	if err := notify.Validate(n); err != nil {
		return err // names what is missing, whatever the notifier would make of it
	}
	return s.c.Notifier.Notify(ctx, n)
}

// perform runs a step that is part of the response.
func (s *saga) perform(ctx context.Context, st step) (ledger.Entry, error) {
	e, err := s.once(ctx, st)
	if err != nil {
		return e, err
	}
	switch {
	case e.State == ledger.StateFailed:
		if err := s.bury(ctx, st, e); err != nil {
			return e, err
		}
	case !final(e):
		s.wait(strings.TrimSuffix(st.key.Kind+" "+st.key.Channel, " "), e)
	case st.table != "" && !s.written[st.key.ID()]:
		s.rows[st.table] = append(s.rows[st.table], st.payload)
	}
	s.steps = append(s.steps, protoStep(st.key, e))
	if st.key.Kind == KindRevoke && e.State == ledger.StateDone && e.Result != countUnknown {
		n, err := strconv.ParseUint(e.Result, 10, 32)
		if err != nil {
			return e, fmt.Errorf("reading the count of ended sessions: %w", err)
		}
		s.ended = uint32(n)
	}
	return e, nil
}

// close writes the rows of the response, which stays open for as long as the warehouse does not take them, and then
// stores it.
func (s *saga) close(ctx context.Context) error {
	resp := s.response()
	s.rows[warehouse.Responses] = []proto.Message{resp}
	for _, st := range []step{
		{key: s.key(KindRows, roundName(s.rounds), ""), unhurried: true, do: s.writeRows},
		{key: s.key(KindClose, roundName(s.rounds), ""), do: func(context.Context) (string, error) {
			return encode(&aerv1.ResponseClose{Version: aerv1.StateVersion, Response: resp})
		}},
	} {
		e, err := s.once(ctx, st)
		if err != nil {
			return err
		}
		if !final(e) {
			return fmt.Errorf("%w: %s: %s", ErrPending, st.key.Kind, e.Detail)
		}
	}
	return nil
}

// writeRows writes the row of the response last: who finds it finds the others.
func (s *saga) writeRows(ctx context.Context) (string, error) {
	for _, table := range []warehouse.Table{warehouse.AuditLog, warehouse.Notifications, warehouse.Responses} {
		if rows := s.rows[table]; len(rows) > 0 {
			if err := s.c.Warehouse.Append(ctx, table, rows...); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// response is what was done. It follows from the ledger alone: it was done when the last of its steps was.
func (s *saga) response() *aerv1.Response {
	resp := &aerv1.Response{
		Id: string(s.id), DecisionId: string(s.id), AnomalyId: s.decision.GetAnomalyId(),
		OrgId: string(s.org), UserId: s.decision.GetUserId(), Steps: s.steps, SessionsReset: s.ended,
		ActorKind: s.decision.GetActorKind(), AppId: s.decision.GetAppId(),
	}
	if ofApp(s.decision) {
		resp.SessionsReset = 0 // what was ended was no session
	}
	done := s.began
	for _, st := range s.steps {
		if at := st.GetDoneAt().AsTime(); at.After(done) {
			done = at
		}
	}
	resp.DoneAt = aerv1.Time(done)
	return resp
}

// ifFound returns nil for a record that does not exist and the error otherwise.
func ifFound(err error) error {
	if errors.Is(err, kv.ErrNotFound) {
		return nil
	}
	return err
}
