// SPDX-License-Identifier: Apache-2.0

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

// fix fixes a plan, or reads what an earlier run fixed.
func (s *saga) fix(
	ctx context.Context, k ledger.Key, make func(context.Context) (*aerv1.ResponsePlan, error),
) (*aerv1.ResponsePlan, error) {
	e, err := s.once(ctx, step{key: k, do: func(ctx context.Context) (string, error) {
		p, err := make(ctx)
		if err != nil {
			return "", err
		}
		return encode(p)
	}})
	if err != nil {
		return nil, err
	}
	if e.State != ledger.StateDone {
		return nil, fmt.Errorf("%w: %s: %s", ErrPending, k, e.Detail)
	}
	p := &aerv1.ResponsePlan{}
	return p, decode(e.Result, p)
}

// plan is what follows the revocation.
func (s *saga) plan(ctx context.Context, revoked ledger.Entry) (*aerv1.ResponsePlan, error) {
	dir, err := s.directory(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	story := notify.Story{Anomaly: s.anomaly, Decision: s.decision, Directory: dir, Ended: s.ended, At: revoked.DoneAt}
	story.CountUnknown = revoked.Result == countUnknown
	scope, err := s.scope(ctx)
	if err != nil {
		return nil, err
	}
	story.Listed = scope == sessions.ScopeListed
	p := &aerv1.ResponsePlan{Version: aerv1.StateVersion}
	recipients := notify.Recipients(s.decision, s.anomaly, dir, settings)
	switch {
	case IsAdvice(s.decision):
		story.At = s.began
		recipients = notify.Admins(s.decision, dir, settings)
		if s.decision.GetOutcome() == aerv1.Decision_BUDGET_EXHAUSTED {
			recipients = append(recipients, s.c.Operators...)
		}
	case revoked.State == ledger.StateFailed:
		story.Failure = revoked.Detail
	default:
		p.Audit = AuditEntry(s.anomaly, s.decision, dir, s.count(revoked), revoked.DoneAt)
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

// directory is the organisation's people, or nil where it has none.
func (s *saga) directory(ctx context.Context) (*aerv1.Directory, error) {
	dir, err := s.c.Directory.Get(ctx, s.org)
	return dir, ifFound(err)
}

func (s *saga) settings(ctx context.Context) (*aerv1.Settings, error) {
	settings, err := s.c.Settings.Get(ctx, s.org)
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
