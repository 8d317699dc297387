// SPDX-License-Identifier: Apache-2.0

// Package evaluate measures anomalies against labelled incidents: what was found, what was raised where nothing was
// wrong, and how fast.
//
// An attack is found if an anomaly of one of its expected types has its time in [start, end+Grace] for that account,
// and if it asks for that, would respond. A look-alike is alarmed if any anomaly has. Everything else is background,
// counted in user-days: distinct UTC days with an event of an account that is older than LearningAge, outside incidents
// and excluded spans.
package evaluate

import (
	"math"
	"slices"
	"time"
)

const (
	// Grace is how long after its end an incident may still be reported: a detector over a window knows at its end.
	Grace = 15 * time.Minute
	// LearningAge is how long an account is learned before its alarms count: three weeks, as in the labelled sets.
	LearningAge = 21 * 24 * time.Hour
	// NearThreshold is the ratio of observed to threshold below which an alarm was a close call.
	NearThreshold = 1.10
)

// Incident is one row of a truth file: a span of one account in which something must, or must not, be found.
type Incident struct {
	ID        string    `json:"incident"`
	Kind      string    `json:"kind"`
	OrgID     string    `json:"org_id"`
	UserID    string    `json:"user_id"`
	Sessions  []string  `json:"session_ids,omitempty"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	Events    int       `json:"events"`
	Expected  []string  `json:"expected"`
	Anomalous bool      `json:"anomalous"`
	// Respond: the attack counts as found only if a decision would end sessions.
	Respond bool   `json:"respond,omitempty"`
	Note    string `json:"note,omitempty"`
	// CrossedAt is when what happened truly exceeded what is tolerated, if the truth says so.
	CrossedAt *time.Time `json:"crossed_at,omitempty"`
}

// Span is one row of an excluded file: a span of one account that is not scored either way.
type Span struct {
	OrgID  string    `json:"org_id"`
	UserID string    `json:"user_id"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Why    string    `json:"why,omitempty"`
}

func (i *Incident) covers(t time.Time) bool {
	return !t.Before(i.Start) && !t.After(i.End.Add(Grace))
}

func (i *Incident) expects(kind string) bool { return slices.Contains(i.Expected, kind) }

func (s Span) covers(t time.Time) bool { return !t.Before(s.Start) && !t.After(s.End) }

type account struct{ org, user string }

// labels is what is known about one account beforehand.
type labels struct {
	incidents []*score
	excluded  []Span
}

// inBackground says whether t is in no incident and no excluded span.
func (l *labels) inBackground(t time.Time) bool {
	return l == nil || !l.isExcluded(t) && !slices.ContainsFunc(l.incidents, func(s *score) bool { return s.covers(t) })
}

func (l *labels) isExcluded(t time.Time) bool {
	return slices.ContainsFunc(l.excluded, func(s Span) bool { return s.covers(t) })
}

// score is an incident and what was raised inside it.
type score struct {
	*Incident
	alarms []*alarm
}

// first returns the alarm that is known first among those that count, or nil: of an expected type for an attack, and
// one that would respond if the attack asks for that; any for a look-alike.
func (s *score) first(counts func(*alarm) bool) *alarm {
	var best *alarm
	for _, a := range s.alarms {
		if s.Anomalous && (!s.expects(a.kind) || s.Respond && !a.respond) || !counts(a) {
			continue
		}
		if best == nil || a.known.Before(best.known) {
			best = a
		}
	}
	return best
}

// types are the types raised inside the incident, each once, in order of their names.
func (s *score) types() []string {
	var all []string
	for _, a := range s.alarms {
		all = append(all, a.kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func any1(*alarm) bool { return true }

func responds(a *alarm) bool { return a.respond }

// quantile returns the nearest-rank quantile of d, which it sorts; 0 for none.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	rank := int(math.Ceil(q * float64(len(d))))
	return d[min(max(rank, 1), len(d))-1]
}
