// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// falseDay is what a false alarm in the background is counted by.
type falseDay struct {
	account account
	day     int64
	kind    string
}

// scoreAlarms puts each alarm where it belongs: an attack, a look-alike, the background, or nowhere.
func (e *Evaluator) scoreAlarms(r *Report, detector func(string) *DetectorRow) {
	r.Background.UserDays, r.Common.Notices = e.userDays(), e.notices
	days := map[falseDay]bool{} // whether one of its alarms would respond
	for _, a := range e.alarms {
		where := place{kind: unscored}
		if a.common() {
			r.Common.Findings++
		} else {
			where = e.place(a)
		}
		for _, row := range []*DetectorRow{detector(a.kind), &r.All} {
			row.count(a)
			where.count(row)
		}
		if where.kind == inBackground {
			key := falseDay{a.account, day(a.time), a.kind}
			days[key] = days[key] || a.respond
		}
		if where.kind == inBackground || where.kind == inLookAlike {
			r.False = append(r.False, a.falseAlarm(e.decided, where.name))
		}
	}
	for key, respond := range days {
		r.Background.FalseAlarms++
		if respond {
			r.Background.Responds++
		}
		for _, row := range []*DetectorRow{detector(key.kind), &r.All} {
			row.FalseDays++
			if respond {
				row.RespondDays++
			}
		}
	}
	r.Background.finish()
	slices.SortStableFunc(r.False, func(a, b FalseAlarm) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.AnomalyID, b.AnomalyID))
	})
}

// count counts an alarm, wherever it fell.
func (d *DetectorRow) count(a *alarm) {
	d.Alarms++
	if a.magnitude > 0 && a.magnitude < NearThreshold {
		d.Near++
	}
	if a.outcome == aerv1.Decision_OUTCOME_UNSPECIFIED {
		return
	}
	if d.Outcomes == nil {
		d.Outcomes = map[string]int{}
	}
	d.Outcomes[a.outcome.String()]++
}

func (b *Background) finish() {
	b.LogOnly = b.FalseAlarms - b.Responds
	b.Per10k = per10k(b.FalseAlarms, b.UserDays)
	b.RespondPer10 = per10k(b.Responds, b.UserDays)
	b.LogPer10k = per10k(b.LogOnly, b.UserDays)
}

// userDays counts distinct days of learned accounts with an event in the background.
func (e *Evaluator) userDays() int {
	n := 0
	for _, h := range e.histories {
		for _, last := range h.days {
			if last.Sub(h.first) >= LearningAge {
				n++
			}
		}
	}
	return n
}

type placeKind int

const (
	unscored placeKind = iota
	inRightAttack
	inOtherAttack
	inLookAlike
	inBackground
)

// place is where an alarm fell, with words for the list of false alarms.
type place struct {
	kind placeKind
	name string
}

func (p place) count(d *DetectorRow) {
	switch p.kind {
	case inRightAttack:
		d.Right++
	case inOtherAttack:
		d.Wrong++
	case inLookAlike:
		d.LookAlike++
	case inBackground:
		d.Background++
	default:
		d.Unscored++
	}
}

// place decides by the incidents first: an attack that expects the type excuses everything else.
func (e *Evaluator) place(a *alarm) place {
	found := place{kind: unscored}
	if a.explained() {
		return found
	}
	l := e.labels[a.account]
	if l != nil {
		for _, s := range l.incidents {
			switch {
			case !s.covers(a.time):
			case s.Anomalous && s.expects(a.kind):
				return place{inRightAttack, s.ID}
			case s.Anomalous:
				found = place{inOtherAttack, s.ID}
			case found.kind == unscored:
				found = place{inLookAlike, s.ID}
			}
		}
		if found.kind != unscored || l.isExcluded(a.time) {
			return found
		}
	}
	if !e.learned(a.account, a.time) {
		return found
	}
	return place{inBackground, "background" + e.echo(l, a.time)}
}

// echo says which attack ended shortly before t: an alarm over a long window may outlive its cause by that much.
func (e *Evaluator) echo(l *labels, t time.Time) string {
	if l == nil {
		return ""
	}
	for _, s := range l.incidents {
		if after := t.Sub(s.End); s.Anomalous && after > 0 && after < 24*time.Hour {
			return fmt.Sprintf(", %s after %s", term.Duration(after.Round(time.Minute)), s.ID)
		}
	}
	return ""
}

func (a *alarm) falseAlarm(decided bool, where string) FalseAlarm {
	f := FalseAlarm{
		AnomalyID: a.id, Type: a.kind, OrgID: a.account.org, UserID: a.account.user,
		Time: a.time, Where: where, Responds: a.respond, Evidence: a.summary, Signal: a.signal, Threshold: a.threshold,
	}
	if decided {
		f.Outcome = a.outcome.String()
	}
	return f
}
