// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// When the same new thing (a TLS fingerprint, a network, a client version, an API method) is found for several people
// of one organisation on their own devices, or one TLS fingerprint under several families of client, the organisation's
// environment changed: a common cause. Nobody is signed out for it; its findings fold into one notice for the admins.
// Strange devices that share a new thing are an attacker at work on many accounts: a campaign, which says so and
// responds.
//
// A finding whose own signs, beyond what the cause explains, would be worth a finding is never folded: nobody hides
// behind a roll-out. Those for whom the thing is new without a finding are counted with the others (Witness).
// All are start values.
const (
	// CommonWindow is within what time the same thing must be found for several people.
	CommonWindow = 6 * time.Hour
	// CommonPeople make a common cause, and CommonFamilies of client under one TLS fingerprint where the devices are not
	// known.
	CommonPeople   = 3
	CommonFamilies = 3
	// CommonWait is how long a finding that would only log waits for company. One that would respond does not wait.
	CommonWait = 10 * time.Minute
	// CommonMemory is how long a common cause that is no longer found holds: by then the baselines have learnt it.
	CommonMemory = 7 * 24 * time.Hour
	// CampaignWindow and CampaignPeople make a campaign.
	CampaignWindow = 2 * time.Hour
	CampaignPeople = 3
)

// Common is the stage between the users' histories and the budgets: it looks at one organisation's decisions about
// things that are new, in the order of CompareDecisions.
type Common struct{}

// Key implements Stage.
func (Common) Key(d Decided) (string, bool) {
	return fmt.Sprintf("org %q", d.Decision.GetOrgId()), AsksCommon(d)
}

// Empty implements Stage.
func (Common) Empty() aerv1.State { return &aerv1.CommonState{} }

// Step implements Stage. Decisions that would only log wait for company and come out up to CommonWait late.
func (c Common) Step(state aerv1.State, due []Held, untilMS int64) Step {
	st := state.(*aerv1.CommonState)
	out, rest := c.Take(st, due, untilMS)
	return Step{out, rest, CommonExpiresAt(st)}
}

func (h Held) waited() bool { return h.DueMS > h.Decision.GetTime().AsTime().UnixMilli() }

// AsksCommon says whether a pair has to pass the stage: the finding calls something new, the person did it, and neither
// who they are nor what the organisation chose has settled it.
func AsksCommon(d Decided) bool {
	if len(d.Anomaly.GetNewThings()) == 0 || d.Anomaly.GetActorKind() != "" {
		return false
	}
	switch d.Decision.GetOutcome() {
	case aerv1.Decision_OUTCOME_UNSPECIFIED, aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING, aerv1.Decision_LOG_ONLY,
		aerv1.Decision_COOLDOWN, aerv1.Decision_STALE, aerv1.Decision_ALREADY_ENDED:
		return true
	}
	return false
}

// Take looks at all that is due until a time, in order, and returns what is to be emitted and what still waits. Of
// equal times the older finding comes first. The state is changed in place and stays bounded.
func (c Common) Take(st *aerv1.CommonState, held []Held, untilMS int64) (out []Decided, rest []Held) {
	queue := slices.Clone(held)
	for {
		next := nextDue(queue, untilMS)
		if next < 0 {
			return out, queue
		}
		h := queue[next]
		queue = slices.Delete(queue, next, next+1)
		d, fate := c.look(st, h)
		switch fate {
		case emits:
			out = append(out, d)
		case waits:
			queue = append(queue, Held{h.Decided, h.DueMS + CommonWait.Milliseconds()})
		}
	}
}

func nextDue(queue []Held, untilMS int64) int {
	next := -1
	for i, h := range queue {
		if h.DueMS <= untilMS &&
			(next < 0 || cmp.Or(cmp.Compare(h.DueMS, queue[next].DueMS), CompareDecided(h.Decided, queue[next].Decided)) < 0) {
			next = i
		}
	}
	return next
}

type fate int

const (
	emits fate = iota
	waits
	folds
)

// look decides about one pair; what is emitted in another form is a copy.
func (c Common) look(st *aerv1.CommonState, h Held) (Decided, fate) {
	now := advanceCommon(st, h.DueMS)
	a := h.Anomaly
	if !h.waited() {
		noteCauses(st, a, now)
	}
	if h.Decision.GetOutcome() == aerv1.Decision_OUTCOME_UNSPECIFIED {
		return Decided{}, folds // a witness: it was folded into an episode and only says what it saw
	}
	if causes := explainedBy(st, a); causes != nil {
		return c.fold(causes, h.Decided)
	}
	if h.Decision.GetOutcome() == aerv1.Decision_LOG_ONLY && !h.waited() && excusable(a) &&
		deviceOf(a) != aerv1.CausePerson_STRANGE && len(st.WaitingMs) < maxWaiting {
		st.WaitingMs = append(st.WaitingMs, h.DueMS+CommonWait.Milliseconds())
		return Decided{}, waits
	}
	return remark(st, h.Decided, now), emits
}

// fold turns a decision into part of the common cause. It is emitted if it brings news, for which the admins are told,
// or if the person's first response is stopped.
func (c Common) fold(causes []*aerv1.Cause, d Decided) (Decided, fate) {
	news := !slices.ContainsFunc(causes,
		func(c *aerv1.Cause) bool { return c.Told > 0 && tally(c, 0).sharing() < 2*int(c.Told) })
	first := causes[0]
	if stops := wouldAct(d.Decision) && !stoppedBefore(first, d.Anomaly); !stops && !news {
		return Decided{}, folds
	}
	out := d
	out.Decision = proto.CloneOf(d.Decision)
	v := out.Decision
	v.Outcome, v.Escalate, v.Recommendation = aerv1.Decision_COMMON_CAUSE, news, adviceCommon
	v.Reason = describeCause(first)
	v.Trace = append(v.Trace, &aerv1.GateResult{Gate: GateCommonCause, Detail: v.Reason})
	if news {
		out.Anomaly = proto.CloneOf(d.Anomaly)
		out.Anomaly.Count = uint32(tally(first, 0).sharing())
		out.Anomaly.Escalates = first.NoticeId
		for _, c := range causes {
			c.Told, c.NoticeId = uint32(tally(c, 0).sharing()), keep(d.Anomaly.GetId())
		}
	}
	return out, emits
}

// wouldAct: people would be signed out, or told about, but for a common cause. What only logs does neither, and what is
// the end of an earlier response speaks of one that may have been stopped.
func wouldAct(d *aerv1.Decision) bool {
	return WantsReset(d) || d.GetOutcome() == aerv1.Decision_COOLDOWN
}

// remark says about a decision that stands whether it is part of a campaign. People are told once of each.
func remark(st *aerv1.CommonState, d Decided, nowMS int64) Decided {
	if !WantsReset(d.Decision) && d.Decision.Outcome != aerv1.Decision_LOG_ONLY {
		return d
	}
	why := "Nobody else of the organisation has what is new here within " + hours(CommonWindow) + "."
	out := d
	if c := sharedMost(st, d.Anomaly); c != nil {
		why = describeCompany(c, nowMS)
		if n := campaigners(c, nowMS); n >= CampaignPeople && deviceOf(d.Anomaly) != aerv1.CausePerson_OWN {
			out.Decision = proto.CloneOf(d.Decision)
			why = describeCampaign(c, d.Anomaly, n)
			out.Decision.Reason = why + " " + d.Decision.Reason
			out.Decision.Escalate = d.Decision.Escalate || c.CampaignMs == 0
			c.CampaignMs = cmp.Or(c.CampaignMs, nowMS)
		}
	}
	if !WantsReset(d.Decision) && out.Decision == d.Decision {
		return d
	}
	if out.Decision == d.Decision {
		out.Decision = proto.CloneOf(d.Decision)
	}
	out.Decision.Trace = append(out.Decision.Trace, &aerv1.GateResult{Gate: GateCommonCause, Passed: true, Detail: why})
	return out
}
