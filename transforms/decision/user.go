// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// User is the first stage: it decides about the anomalies of one principal (aerv1.Principal) by that principal's
// history: a person, an app under their name, and those who were refused under it have a history each.
type User struct {
	// OwnActors are the user ids under which AER itself acts in the platform (its service account).
	OwnActors []string
}

// Env is what surrounds one decision.
type Env struct {
	// Settings of the organisation, complete as settings.Set.For returns them; nil means the defaults.
	Settings *aerv1.Settings
	// Person is the user's directory entry, or nil.
	Person *aerv1.Person
	// Mode is enforce, observe or replay. All that it changes, besides the decision's mode field, is that evidence which
	// is outdated at DecidedAt is not enforced.
	Mode string
	// EndsApps: what ends sessions here can end the access of an app as well (sessions.AppEnder).
	EndsApps bool
	// DecidedAt is the wall clock, or zero; it is left out of replays.
	DecidedAt time.Time
	// Simulated: the events have times of their own that the wall clock has nothing to do with.
	Simulated bool
	// Before is Decided.Before.
	Before *aerv1.Decision
}

// wallClock is what gates hold evidence against.
func (e Env) wallClock() time.Time {
	if e.Mode != aerv1.ModeEnforce || e.Simulated || e.Before != nil {
		return time.Time{}
	}
	return e.DecidedAt
}

// Apply takes one finding, in the order of CompareAnomalies, and returns the anomaly to emit with its decision, or
// nil and nil if the finding was folded into an ongoing episode, is a hint that nothing corroborates, or had been
// applied before (Witness then says whether Common has to hear of it). The history is changed in place and stays
// bounded; a is not changed. Outcomes are RESPOND, PERSISTING or one that does nothing: the budgets are still to be
// asked about the first two.
func (u User) Apply(h *aerv1.UserHistory, a *aerv1.Anomaly, env Env) (*aerv1.Anomaly, *aerv1.Decision) {
	if a == nil || onlyWitness(a) {
		return nil, nil
	}
	now := advance(h, knownAt(a))
	if seenBefore(h, a) {
		return nil, nil
	}
	notePause(h)
	in := Input{
		Anomaly: a, History: h, Settings: usable(env.Settings, a.GetOrgId()), Person: env.Person, OwnActors: u.OwnActors,
		EndsApps: env.EndsApps, Now: now, WallClock: env.wallClock(),
	}
	length := in.Settings.Limits.Cooldown.AsDuration()
	found := a
	a = corroborated(h, a)
	suspect(h, in)
	if a.GetHint() {
		return nil, nil
	}
	in.Anomaly = a
	defer remember(h, found)

	e, emitted := fold(h, a, func(e *aerv1.Episode) bool {
		return env.Before != nil || wasBarred(e) && admits(in) || wasOutdated(h, e) && !outdated(in)
	})
	if emitted == nil {
		prolongCooldown(h, cooldownType(a), isOwn(a), length)
		learnUsual(h, a)
		return nil, nil
	}
	in.Anomaly = emitted
	v, trace := ask(in)
	if env.Before != nil {
		v = verdictOf(env.Before, emitted, v)
	}
	d := newDecision(emitted, in.Settings, v, trace, env)
	noteVerdict(h, e, emitted, d, v, length)
	return emitted, d
}

// noteVerdict remembers what was said to the finding that the episode emitted; length is that of a cooldown.
func noteVerdict(h *aerv1.UserHistory, e *aerv1.Episode, emitted *aerv1.Anomaly, d *aerv1.Decision, v Verdict,
	length time.Duration) {
	e.Outcome = v.Outcome
	switch v.Outcome {
	case aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING:
		noteReset(h, d, v.Outcome == aerv1.Decision_PERSISTING)
		lastReset(h).Excusable = excusable(emitted)
		noteOffenderOf(h, emitted, v.Outcome)
	case aerv1.Decision_TRUSTED_NETWORK:
		if !v.carried {
			e.TrustedMs = h.ClockMs
		}
	case aerv1.Decision_COOLDOWN:
		startCooldown(h, cooldownType(emitted), v.own, length)
	}
}

// usable returns s, or a completed copy if something in it would switch a limit off.
func usable(s *aerv1.Settings, orgID string) *aerv1.Settings {
	l := s.GetLimits()
	switch {
	case s == nil:
		return settings.Default(orgID)
	case l.GetMaxResets() == 0, l.MaxResets > settings.MaxMaxResets, !l.Cooldown.IsValid(), l.Cooldown.AsDuration() <= 0:
		return settings.Complete(s)
	}
	return s
}

// noteReset remembers a reset. It counts from the decision on, whether or not a budget refuses it or anything carries
// it out: if the evidence goes on, the next verdict has to be PERSISTING in either case.
func noteReset(h *aerv1.UserHistory, d *aerv1.Decision, persisting bool) {
	h.Resets = append(h.Resets, &aerv1.Reset{AtMs: h.ClockMs, DecisionId: d.Id, Type: keep(d.AnomalyType),
		Persisting: persisting})
	h.Resets = h.Resets[max(0, len(h.Resets)-maxResets):]
	for _, e := range h.Episodes {
		e.PeakAtReset, e.PeakAtPause = e.Peak, 0
	}
	h.Suspicions = nil // dealt with: they say nothing about who signs in next
}

// noteOffenderOf remembers the client of a first anomaly, and keeps the memory of one that has come back alive. What
// else a returning offender carries is not added: that way lies a chain that ends at the user.
func noteOffenderOf(h *aerv1.UserHistory, a *aerv1.Anomaly, o aerv1.Decision_Outcome) {
	if o == aerv1.Decision_RESPOND {
		noteOffender(h, a, h.ClockMs)
		return
	}
	if known, _ := matchOffender(h, a); known != nil {
		known.LastMs = h.ClockMs
	}
}

// newDecision fills the record of a decision. It is not yet subject to the budgets.
func newDecision(a *aerv1.Anomaly, s *aerv1.Settings, v Verdict, trace []*aerv1.GateResult, env Env) *aerv1.Decision {
	d := &aerv1.Decision{
		Id:                 aerv1.NewID("decision", a.GetId()),
		AnomalyId:          a.GetId(),
		AnomalyType:        a.GetType(),
		OrgId:              a.GetOrgId(),
		UserId:             a.GetUserId(),
		ActorKind:          a.GetActorKind(),
		AppId:              a.GetAppId(),
		Outcome:            v.Outcome,
		Reason:             v.Detail,
		Trace:              trace,
		SettingsVersion:    s.GetVersion(),
		BaselineVersion:    a.GetEvidence().GetBaselineVersion(),
		Mode:               env.Mode,
		Time:               aerv1.Time(knownAt(a)),
		SessionIds:         a.GetSessionIds(),
		Escalate:           v.Escalate,
		Recommendation:     v.Recommendation,
		PreviousDecisionId: v.Previous,
	}
	if !env.DecidedAt.IsZero() && env.Mode != aerv1.ModeReplay {
		d.DecidedAt = aerv1.Time(env.DecidedAt)
	}
	return d
}
