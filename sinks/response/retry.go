// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
)

// ErrNothingToRetry says that a response has no step that failed for good, or none that may be tried again.
var ErrNothingToRetry = errors.New("no step may be tried again")

// Retry arms the steps of a response that failed for good once more, with a new deadline for audit entry and messages:
// DeliverFor from r.at. The next Resume, of whatever process, carries them out. Steps that were done are never done
// again.
//
// What has become useless is left failed: sessions are ended up to useful (0 = UsefulFor) after the decision and never
// later, because that would hit the person themselves; audit entry and messages up to deliver (0 = DeliverFor) after it
// unless r.force. If nothing is left the error is ErrNothingToRetry with the reason.
func Retry(
	ctx context.Context, l ledger.Ledger, org aerv1.OrgID, id aerv1.DecisionID, r *aerv1.ResponseRetry, useful,
	deliver time.Duration,
) error {
	if r.Author == "" || r.Reason == "" {
		return errors.New("retrying response: author and reason are needed")
	}
	setDefault(&useful, UsefulFor)
	setDefault(&deliver, DeliverFor)
	s, err := Show(ctx, l, org, id)
	if err != nil {
		return fmt.Errorf("retrying response: %w", err)
	}
	entries, err := l.List(ctx, org, id)
	if err != nil {
		return fmt.Errorf("retrying response %q: %w", id, err)
	}
	arm, left := retriable(entries, s.Decision, r, useful, deliver)
	if len(arm) == 0 {
		return fmt.Errorf("retrying response %q: %w%s", id, ErrNothingToRetry, left)
	}
	return rearm(ctx, l, s, arm, r)
}

// rearm writes down the operator's word first, which opens the response anew, and then arms each step: a crash in
// between leaves a response that Resume closes again with what has failed, to be retried once more.
func rearm(ctx context.Context, l ledger.Ledger, s *Summary, arm []ledger.Key, r *aerv1.ResponseRetry) error {
	at := r.GetAt().AsTime()
	r = proto.CloneOf(r)
	r.Version = aerv1.StateVersion
	for _, k := range arm {
		r.Steps = append(r.Steps, k.String())
	}
	word, err := encode(r)
	if err != nil {
		return err
	}
	k := ledger.Key{OrgID: aerv1.OrgID(s.Response.GetOrgId()),
		ResponseID: aerv1.DecisionID(s.Response.GetId()), Kind: KindRetry}
	k.Target = roundName(len(s.Retries) + 1)
	e, err := l.Begin(ctx, k, at)
	if err == nil && e.State != ledger.StateClaimed {
		err = errors.New("somebody else is retrying it at this moment")
	}
	if err == nil {
		_, err = l.Done(ctx, k, at, word)
	}
	why := clip(fmt.Sprintf("to be tried again, says %s: %s", r.Author, r.Reason), maxDetail)
	for i := 0; err == nil && i < len(arm); i++ {
		_, err = l.Rearm(ctx, arm[i], why)
	}
	if err != nil {
		return fmt.Errorf("retrying response %q: %w", s.Response.GetId(), err)
	}
	return nil
}

// retriable returns the failed steps that may be tried again, and why others may not.
func retriable(
	entries []ledger.Entry, d *aerv1.Decision, r *aerv1.ResponseRetry, useful, deliver time.Duration,
) (arm []ledger.Key, left string) {
	at := r.GetAt().AsTime()
	decided := at
	for _, e := range entries {
		if e.Key.Kind == KindOpen {
			decided = e.FirstAt
		}
	}
	if t := d.GetDecidedAt(); t != nil && t.AsTime().Before(decided) {
		decided = t.AsTime()
	}
	for _, e := range entries {
		if e.State != ledger.StateFailed {
			continue
		}
		switch e.Key.Kind {
		case KindRevoke:
			if at.After(decided.Add(useful)) {
				left += fmt.Sprintf("; sessions are ended up to %s after the decision only (it was at %s): end them by hand",
					useful, decided.UTC().Format(time.RFC3339))
				continue
			}
		case KindAudit, KindNotify:
			if at.After(decided.Add(deliver)) && !r.GetForce() {
				left += fmt.Sprintf("; %s is older than %s: force it if it is still wanted", e.Key, deliver)
				continue
			}
		default:
			continue
		}
		arm = append(arm, e.Key)
	}
	return arm, left
}

// loadRounds finds the operators' words about this response, and how each round that they began was closed.
func (s *saga) loadRounds(ctx context.Context) error {
	for {
		closed, err := s.read(ctx, s.key(KindClose, roundName(s.rounds), ""))
		if err != nil {
			return err
		}
		if s.closed = closed != ""; s.closed {
			resp, err := decodeClose(closed)
			if err != nil {
				return err
			}
			s.written = map[string]bool{}
			for _, st := range resp.GetSteps() {
				s.written[st.GetKey()] = st.GetState() == StepDone
			}
		}
		word, err := s.read(ctx, s.key(KindRetry, roundName(s.rounds+1), ""))
		if err != nil || word == "" {
			return err
		}
		s.rounds, s.again = s.rounds+1, &aerv1.ResponseRetry{}
		if err := decode(word, s.again); err != nil {
			return err
		}
	}
}

// read returns what a step that was done has left in the ledger, or "".
func (s *saga) read(ctx context.Context, k ledger.Key) (string, error) {
	e, err := s.c.Ledger.Get(ctx, k)
	if err != nil || e.State != ledger.StateDone {
		return "", ifFound(err)
	}
	return e.Result, nil
}

// deliverUntil is when audit entry and messages are given up.
func (s *saga) deliverUntil() time.Time {
	from := s.decidedAt()
	if again := s.again.GetAt(); again != nil && again.AsTime().After(from) {
		from = again.AsTime()
	}
	return from.Add(s.c.DeliverFor)
}

// planAudit fixes the audit entry of sessions that a retry has ended.
func (s *saga) planAudit(ctx context.Context, revoked ledger.Entry) (*aerv1.AuditEntry, error) {
	p, err := s.fix(ctx, s.key(KindPlan, auditTarget, ""), func(ctx context.Context) (*aerv1.ResponsePlan, error) {
		dir, err := s.directory(ctx)
		entry := AuditEntry(s.anomaly, s.decision, dir, s.count(revoked), revoked.DoneAt)
		return &aerv1.ResponsePlan{Version: aerv1.StateVersion, Audit: entry}, err
	})
	return p.GetAudit(), err
}

// readdress fixes to which mail addresses a retry sends what was not delivered: those that its recipients have now,
// because a step may have failed for want of one. Who is told, and what, stays as it was planned.
func (s *saga) readdress(ctx context.Context, p *aerv1.ResponsePlan) error {
	if s.rounds == 0 || len(p.Notifications) == 0 {
		return nil
	}
	k := s.key(KindPlan, addressTarget, roundName(s.rounds))
	next, err := s.fix(ctx, k, func(ctx context.Context) (*aerv1.ResponsePlan, error) {
		dir, err := s.directory(ctx)
		if err != nil {
			return nil, err
		}
		next := &aerv1.ResponsePlan{Version: aerv1.StateVersion}
		for _, n := range p.Notifications {
			was, err := s.c.Ledger.Get(ctx, s.key(KindNotify, n.GetUserId(), n.GetChannel()))
			if ifFound(err) != nil {
				return nil, err
			}
			if was.State != ledger.StateDone {
				n = readdressed(n, dir)
			}
			next.Notifications = append(next.Notifications, n)
		}
		return next, nil
	})
	if err == nil {
		p.Notifications = next.Notifications
	}
	return err
}

// addressTarget is the target of the plan of a round's addresses.
const addressTarget = "addresses"

// readdressed is n with the mail address that its recipient has in the directory, if there is one.
func readdressed(n *aerv1.Notification, dir *aerv1.Directory) *aerv1.Notification {
	if n.GetChannel() != notify.ChannelEmail || dir.GetOrgId() != n.GetOrgId() {
		return n
	}
	for _, p := range dir.GetPeople() {
		if p.GetUserId() == n.GetUserId() && p.GetEmail() != "" {
			n = proto.CloneOf(n)
			n.Address = p.GetEmail()
			break
		}
	}
	return n
}

// roundName names what belongs to the nth retry; the first run has no name.
func roundName(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
