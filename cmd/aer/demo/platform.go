// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/sessions"
)

// sessionLife is how long a session of the simulated platform lives.
const sessionLife = 7 * 24 * time.Hour

// platform stands for the service whose sessions are ended. Weeks pass in seconds here, so it keeps its session table
// at the event time of each response: who had signed in by then, and whose session had not yet expired.
type platform struct {
	sinks.Responder
	table    sessions.Table
	sessions map[account][]sessions.Session
}

type account struct{ org, user string }

// newPlatform learns from the events when each session began.
func newPlatform(r sinks.Responder, table sessions.Table, events []*aerv1.Event) *platform {
	p := &platform{Responder: r, table: table, sessions: map[account][]sessions.Session{}}
	seen := map[string]bool{}
	for _, e := range events {
		if seen[e.GetSessionId()] {
			continue
		}
		seen[e.GetSessionId()] = true
		key := account{e.GetOrgId(), e.GetUserId()}
		p.sessions[key] = append(p.sessions[key], sessions.Session{
			OrgID: aerv1.OrgID(e.GetOrgId()), UserID: aerv1.UserID(e.GetUserId()), SessionID: aerv1.SessionID(e.GetSessionId()),
			StartedAt: e.GetTime().AsTime(),
		})
	}
	return p
}

// End implements sinks.Responder.
func (p *platform) End(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error {
	if err := p.start(ctx, d); err != nil {
		return err
	}
	return p.Responder.End(ctx, a, d)
}

// Respond implements sinks.Responder.
func (p *platform) Respond(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error {
	if err := p.start(ctx, d); err != nil {
		return err
	}
	return p.Responder.Respond(ctx, a, d)
}

// start starts the sessions that a person has at the time of a decision. Starting one that was started or ended before
// changes nothing.
func (p *platform) start(ctx context.Context, d *aerv1.Decision) error {
	now := d.GetTime().AsTime()
	for _, s := range p.sessions[account{d.GetOrgId(), d.GetUserId()}] {
		if s.StartedAt.After(now) || now.Sub(s.StartedAt) > sessionLife {
			continue
		}
		if err := p.table.Start(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
