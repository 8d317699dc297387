// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
)

// reaction is the time from a decision to the end of the sessions.
const reaction = 2 * time.Second

// enforced returns the events that a platform under AER's protection would have seen: a thief whose session is ended is
// gone, and an owner signs in again. Weeks pass in seconds here, so that the pipeline cannot act upon the simulation in
// time; the plain-Go engine, which comes to the same decisions, says beforehand when sessions end.
func enforced(j *setup.Parts, source baseline.Source, sim *simulate.Result) []*aerv1.Event {
	w := &enforcement{
		engine: local.NewEngine(local.Config{
			Enrich: j.Enricher.Enrich, Detectors: j.Detectors, Baseline: source,
			Lateness: time.Millisecond, Quorum: 1, // the simulation is in order
		}),
		stream: decision.NewStream(j.Decide(source)),
		thief:  sim.Thief,
		resets: map[account]time.Time{}, began: map[string]time.Time{}, successor: map[string]string{},
	}
	for _, e := range sim.Events {
		w.add(e)
	}
	return w.events
}

type enforcement struct {
	engine *local.Engine
	stream *decision.Stream
	thief  map[string]bool
	events []*aerv1.Event
	// resets is when the sessions of an account were last ended, began when each session began, successor which session
	// its owner opened in place of one that was ended.
	resets    map[account]time.Time
	began     map[string]time.Time
	successor map[string]string
	logins    int
}

// add lets an event happen, or not, or in another session.
func (w *enforcement) add(e *aerv1.Event) {
	at := e.GetTime().AsTime()
	for {
		if _, known := w.began[e.GetSessionId()]; !known {
			w.began[e.GetSessionId()] = at
		}
		if !w.isEnded(e, at) {
			break
		}
		if w.thief[e.GetId()] {
			return
		}
		e = w.signInAgain(e)
	}
	w.judge(e)
}

// isEnded says whether the event's session was ended before.
func (w *enforcement) isEnded(e *aerv1.Event, at time.Time) bool {
	reset, ok := w.resets[account{e.GetOrgId(), e.GetUserId()}]
	return ok && !w.began[e.GetSessionId()].After(reset) && at.Sub(reset) > reaction
}

// signInAgain returns the event in the session that follows the one it was in, which begins with a log-in.
func (w *enforcement) signInAgain(e *aerv1.Event) *aerv1.Event {
	next := w.successor[e.GetSessionId()]
	again := proto.CloneOf(e)
	if next == "" {
		w.logins++
		next = fmt.Sprintf("%s+%d", e.GetSessionId(), w.logins)
		w.successor[e.GetSessionId()] = next
		w.began[next] = e.GetTime().AsTime()
		login := proto.CloneOf(e)
		login.Id, login.SessionId, login.Action = fmt.Sprintf("sim-login-%03d", w.logins), next, "user_login"
		login.ApiMethod, login.Object, login.Bytes, login.Outcome = "", nil, nil, aerv1.OutcomeOK
		login.CookieTime = login.Time
		w.judge(login)
	}
	again.SessionId = next
	again.CookieTime = aerv1.Time(w.began[next])
	return again
}

// judge lets an event happen and notes what AER decides at that time.
func (w *enforcement) judge(e *aerv1.Event) {
	w.events = append(w.events, e)
	for _, found := range w.engine.Add([]*aerv1.Event{proto.CloneOf(e)}) { // enriching changes the event
		for _, p := range w.stream.Add(found) {
			if d := p.Decision; decision.WantsReset(d) && aerv1.PrincipalOf(d).Person() {
				w.resets[account{d.GetOrgId(), d.GetUserId()}] = d.GetTime().AsTime()
			}
		}
	}
}
