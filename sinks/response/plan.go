package response

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sessions"
)

// auditTarget is the target of the audit step: there is one audit sink.
const auditTarget = "audit"

// plan fixes what follows the revocation, or reads what an earlier run fixed.
func (s *saga) plan(ctx context.Context, revoked ledger.Entry) (*plan, error) {
	e, err := s.once(ctx, step{key: s.key(KindPlan, "", ""), do: func(ctx context.Context) (string, error) {
		p, err := s.makePlan(ctx, revoked)
		if err != nil {
			return "", err
		}
		return p.encode()
	}})
	if err != nil {
		return nil, err
	}
	if e.State != ledger.StateDone {
		return nil, fmt.Errorf("%w: it could not be planned: %s", ErrPending, e.Detail)
	}
	return decodePlan(e.Result)
}

func (s *saga) makePlan(ctx context.Context, revoked ledger.Entry) (*plan, error) {
	dir, err := s.c.Directory.Get(ctx, string(s.org))
	if ifFound(err) != nil {
		return nil, err
	}
	settings, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	story := notify.Story{Anomaly: s.Anomaly, Decision: s.Decision, Directory: dir, Ended: s.ended, CountUnknown: revoked.Result == countUnknown, At: revoked.DoneAt}
	scope, err := s.scope(ctx)
	if err != nil {
		return nil, err
	}
	story.Listed = scope == sessions.ScopeListed
	p := &plan{}
	recipients := notify.Recipients(s.Decision, s.Anomaly, dir, settings)
	switch {
	case isAdvice(s.Decision):
		story.At = s.began
		recipients = notify.Admins(s.Decision, dir, settings)
		if s.Decision.GetOutcome() == aerv1.Decision_BUDGET_EXHAUSTED {
			recipients = append(recipients, s.c.Operators...)
		}
	case revoked.State == ledger.StateFailed:
		story.Failure = revoked.Detail
	default:
		p.Audit = AuditEntry(s.Anomaly, s.Decision, dir, s.count(revoked), revoked.DoneAt)
	}
	for _, r := range recipients {
		n, err := s.c.Render(r, story)
		if err != nil {
			return nil, err
		}
		p.Notifications = append(p.Notifications, n)
	}
	return p, nil
}

// count is how many sessions were ended, or nil where the platform does not say.
func (s *saga) count(revoked ledger.Entry) *uint32 {
	if revoked.Result == countUnknown {
		return nil
	}
	return proto.Uint32(s.ended)
}

func (s *saga) settings(ctx context.Context) (*aerv1.Settings, error) {
	settings, err := s.c.Settings.Get(ctx, string(s.org))
	if err == nil || ifFound(err) != nil {
		return settings, err
	}
	if s.c.Defaults == nil {
		return nil, nil
	}
	return s.c.Defaults(string(s.org)), nil
}

// clip cuts s to at most max bytes of valid UTF-8.
func clip(s string, max int) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) <= max {
		return s
	}
	end := max
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
