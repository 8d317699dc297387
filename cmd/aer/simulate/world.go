// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"slices"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// world is a simulation in the making.
type world struct {
	story
	QualityConfig
	// start is the UTC start of the first day.
	start time.Time
	orgs  []*org
	// poisoner is the attacker's own organisation, which is not scored.
	poisoner *org
	excluded []evaluate.Span
	// scenes are the parts by day, mornings what is changed before one; spans are labelled once all events are made.
	scenes   map[int][]*scene
	mornings []morning
	spans    []span
	// sessions counts them; sessionID is how one is called, by its organisation and number.
	sessions  int
	sessionID string
	nets      networks
}

// morning is done before people come to work on a day.
type morning struct {
	day int
	do  func()
}

func newWorld(c QualityConfig) *world {
	w := &world{story: story{seed: c.Seed}, QualityConfig: c, start: firstMonday, sessionID: "S-%s-%06d",
		scenes: map[int][]*scene{}}
	w.nets.init(w.random("networks"))
	r := w.random("sizes")
	sizes := []int{46, 120, 18, 30, 8, 70, 24, 14, 90, 10, 54, 38} // so that the first eight are of every size too
	for i := range c.Orgs {
		n := max(8, int(float64(sizes[i%len(sizes)])*c.Scale))
		w.orgs = append(w.orgs, w.newOrg(i, n+r.IntN(1+n/8)))
	}
	w.poisoner = w.newOrg(MaxOrgs, 0)
	return w
}

// day returns the UTC start of day d, 0 being the first.
func (w *world) day(d int) time.Time { return w.start.AddDate(0, 0, d) }

// dayOf returns the day that t lies in.
func (w *world) dayOf(t time.Time) int { return int(t.Sub(w.start) / (24 * time.Hour)) }

// clock returns an hour of day d by the organisation's clocks.
func (w *world) clock(o *org, d int, hour float64) time.Time {
	return w.day(d).Add(time.Duration((hour - o.zone) * float64(time.Hour)))
}

func weekend(d int) bool { return d%7 >= 5 }

// act is one thing somebody does.
type act struct {
	action, method string
	objectType, id string
	bytes          uint64
	outcome        string
	app            string
}

// emit adds an event of a session; change, if given, alters what this one request shows.
func (w *world) emit(s *session, at time.Time, a act, change ...func(*look)) {
	at = at.Truncate(time.Millisecond)
	l := s.look(w, at)
	for _, f := range change {
		f(&l)
	}
	o := s.person.org
	e := &aerv1.Event{
		Time: aerv1.Time(at), OrgId: o.id, UserId: s.person.id, SessionId: s.id, UserType: s.person.kind,
		Action: a.action, ApiMethod: a.method, Outcome: a.outcome, AppId: a.app, Client: o.traits.client(l),
	}
	if o.traits.cookies && !s.program {
		e.CookieTime = aerv1.Time(s.cookie(at))
	}
	if e.Outcome == "" {
		e.Outcome = aerv1.OutcomeOK
	}
	if a.id != "" {
		e.Object = &aerv1.Object{Type: a.objectType, Id: a.id}
	}
	if a.bytes > 0 {
		e.Bytes = &a.bytes
	}
	w.add(e, s.thief)
}

// span labels everything that the people of an organisation do in a time as a look-alike.
type span struct {
	kind, note  string
	org         *org
	from, until time.Time
	touches     func(*person) bool
}

// label makes the incidents of spans, from the first to the last event of each person in them.
func (w *world) label() {
	for _, s := range w.spans {
		byUser := map[string]*evaluate.Incident{}
		people := map[string]*person{}
		for _, p := range s.org.people {
			switch {
			case !s.touches(p):
			case w.attacked(p, s.from, s.until):
				w.excluded = append(w.excluded, evaluate.Span{OrgID: s.org.id, UserID: p.id, Start: s.from, End: s.until,
					Why: s.kind + ", of somebody who is attacked meanwhile"})
			default:
				people[p.id] = p
			}
		}
		for _, e := range w.events {
			at := e.GetTime().AsTime()
			if e.thief || e.GetOrgId() != s.org.id || people[e.GetUserId()] == nil || at.Before(s.from) || at.After(s.until) {
				continue
			}
			i := byUser[e.GetUserId()]
			if i == nil {
				i = &evaluate.Incident{Kind: s.kind, OrgID: s.org.id, UserID: e.GetUserId(), Start: at,
					Expected: []string{}, Note: s.note}
				byUser[e.GetUserId()] = i
				w.incidents = append(w.incidents, i)
			}
			i.End = at
			i.Events++
		}
	}
}

// attacked says whether somebody is, at some time of a span: what is found then is no alarm about the span.
func (w *world) attacked(p *person, from, until time.Time) bool {
	return slices.ContainsFunc(w.incidents, func(i *evaluate.Incident) bool {
		return i.Anomalous && i.OrgID == p.org.id && i.UserID == p.id && i.Start.Before(until) &&
			i.End.After(from.Add(-evaluate.Grace))
	})
}

// result sorts everything and numbers it: events after eventID, incidents by their kind.
func (w *world) result(eventID string) *Result {
	w.sort()
	w.label()
	slices.SortStableFunc(w.incidents, func(a, b *evaluate.Incident) int { return a.Start.Compare(b.Start) })
	r := &Result{Tor: w.tor, Excluded: w.excluded, Thief: map[string]bool{}}
	n := map[string]int{}
	for _, i := range w.incidents {
		n[i.Kind]++
		i.ID = fmt.Sprintf("%s-%d", i.Kind, n[i.Kind])
		r.Incidents = append(r.Incidents, *i)
	}
	for i, e := range w.events {
		e.Id = fmt.Sprintf(eventID, i+1)
		r.Events = append(r.Events, e.Event)
		if e.thief {
			r.Thief[e.Id] = true
		}
	}
	for _, o := range w.orgs {
		r.Directories = append(r.Directories, o.directory())
	}
	return r
}
