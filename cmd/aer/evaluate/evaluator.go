// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// Evaluator gathers decisions, anomalies and events, in this order, and then reports. Its memory grows with accounts,
// their active days and the anomalies, not with events.
type Evaluator struct {
	scores    []*score
	labels    map[account]*labels
	histories map[account]*history
	outcomes  map[string]aerv1.Decision_Outcome
	notices   int
	alarms    []*alarm
	decided   bool
	assumed   bool
	feedback  []*aerv1.Feedback
	events    int
	from, to  time.Time
}

// history is what the events say about one account.
type history struct {
	first time.Time
	// By UTC day, the last event in the background.
	days map[int64]time.Time
}

// alarm is the part of an anomaly that is scored and shown.
type alarm struct {
	id, kind, summary string
	signal            string
	threshold         float64
	account           account
	time, known       time.Time
	magnitude         float64
	low               float64 // the magnitude that sensitivity low asks for
	outcome           aerv1.Decision_Outcome
	respond           bool
}

// common: it is part of a notice about the whole organisation, and nobody was accused by it.
func (a *alarm) common() bool { return a.outcome == aerv1.Decision_COMMON_CAUSE }

// New returns an evaluator for the given labels.
func New(incidents []Incident, excluded []Span) *Evaluator {
	e := &Evaluator{
		labels:    map[account]*labels{},
		histories: map[account]*history{},
		outcomes:  map[string]aerv1.Decision_Outcome{},
	}
	for i := range incidents {
		s := &score{Incident: &incidents[i]}
		e.scores = append(e.scores, s)
		l := e.label(s.OrgID, s.UserID)
		l.incidents = append(l.incidents, s)
	}
	for _, s := range excluded {
		l := e.label(s.OrgID, s.UserID)
		l.excluded = append(l.excluded, s)
	}
	return e
}

func (e *Evaluator) label(org, user string) *labels {
	key := account{org, user}
	l := e.labels[key]
	if l == nil {
		l = &labels{}
		e.labels[key] = l
	}
	return l
}

// Decision notes what was decided about an anomaly. Without any decision the default settings are assumed.
func (e *Evaluator) Decision(d *aerv1.Decision) {
	e.decided = true
	e.note(d)
}

// Assume notes what default settings would have decided, where nobody knows what was.
func (e *Evaluator) Assume(d *aerv1.Decision) {
	e.assumed = true
	e.note(d)
}

func (e *Evaluator) note(d *aerv1.Decision) {
	e.outcomes[d.GetAnomalyId()] = d.GetOutcome()
	if d.GetOutcome() == aerv1.Decision_COMMON_CAUSE && d.GetEscalate() {
		e.notices++
	}
}

// Feedback notes what a person found out about an anomaly.
func (e *Evaluator) Feedback(f *aerv1.Feedback) { e.feedback = append(e.feedback, f) }

// Anomaly scores one anomaly. All decisions must have been given before. What was refused under a person's name is
// context, and neither finds an attack nor alarms anybody.
func (e *Evaluator) Anomaly(a *aerv1.Anomaly) {
	if a.GetActorKind() == aerv1.ActorAttempt {
		return
	}
	al := &alarm{
		id: a.GetId(), kind: a.GetType(), summary: summary(a),
		signal: a.GetEvidence().GetSignal(), threshold: a.GetEvidence().GetThreshold(),
		account:   account{a.GetOrgId(), a.GetUserId()},
		time:      a.GetTime().AsTime(),
		known:     a.GetTime().AsTime(),
		magnitude: magnitude(a),
		low:       lowAsks(a),
		outcome:   e.outcomes[a.GetId()],
	}
	if a.GetKnownAt() != nil {
		al.known = a.GetKnownAt().AsTime()
	}
	al.respond = e.wouldRespond(a, al.outcome)
	e.alarms = append(e.alarms, al)
	if l := e.labels[al.account]; l != nil && !al.explained() {
		for _, s := range l.incidents {
			if s.covers(al.time) {
				s.alarms = append(s.alarms, al)
			}
		}
	}
}

// explained says that the decision holds nothing against the account: it was not the person, signed in, or the whole
// organisation's environment changed. Such an anomaly finds no attack, and alarms nobody about the person.
func (a *alarm) explained() bool {
	return a.outcome == aerv1.Decision_NOT_SIGNED_IN || a.outcome == aerv1.Decision_COMMON_CAUSE
}

// wouldRespond says whether the decision ends sessions; without any, given or assumed, whether
// the default mode of its detector would.
func (e *Evaluator) wouldRespond(a *aerv1.Anomaly, o aerv1.Decision_Outcome) bool {
	if e.decided || e.assumed {
		return o == aerv1.Decision_RESPOND || o == aerv1.Decision_PERSISTING
	}
	return !a.GetLogOnly() && (a.GetType() == aerv1.TypeTor || a.GetType() == aerv1.TypeUnexpectedScraping)
}

// Event notes that an account was active at t. Order does not matter.
func (e *Evaluator) Event(org, user string, t time.Time) {
	e.events++
	if e.from.IsZero() || t.Before(e.from) {
		e.from = t
	}
	if t.After(e.to) {
		e.to = t
	}
	key := account{org, user}
	h := e.histories[key]
	if h == nil {
		h = &history{first: t, days: map[int64]time.Time{}}
		e.histories[account{strings.Clone(org), strings.Clone(user)}] = h // a decoder's texts keep their neighbours alive
	}
	if t.Before(h.first) {
		h.first = t
	}
	if d := day(t); t.After(h.days[d]) && e.labels[key].inBackground(t) {
		h.days[d] = t
	}
}

func day(t time.Time) int64 { return t.Unix() / 86400 }

// magnitude is how far the finding stands above its threshold, or 0 if it is yes or no and so has no close calls.
func magnitude(a *aerv1.Anomaly) float64 {
	if ev := a.GetEvidence(); ev.GetThreshold() == 1 && ev.GetObserved() == 1 {
		return 0
	}
	if m := a.GetMagnitude(); m > 0 {
		return m
	}
	if th := a.GetEvidence().GetThreshold(); th > 0 {
		return a.GetEvidence().GetObserved() / th
	}
	return 0
}

// lowAsks is the magnitude from which a finding at medium is one at low too: combined confidences are scaled less than
// counts.
func lowAsks(a *aerv1.Anomaly) float64 {
	if a.GetEvidence().GetUnit() == "confidence" {
		return evidence.ConfidenceFactor(aerv1.SensitivityLow)
	}
	return evidence.SensitivityFactor(aerv1.SensitivityLow)
}

// learned says whether the account was past its learning age at t. An account without events is not.
func (e *Evaluator) learned(key account, t time.Time) bool {
	h := e.histories[key]
	return h != nil && t.Sub(h.first) >= LearningAge
}
