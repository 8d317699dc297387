package simulate

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// world is a simulation in the making.
type world struct {
	seed      uint64
	days      int
	lastDay   time.Time
	orgs      []*org
	events    []made
	incidents []evaluate.Incident
	tor       []TorInterval
	sessions  int
	// recording is the incident whose events are being made, or nil.
	recording *evaluate.Incident
}

// made is an event, and whether a thief made it.
type made struct {
	*aerv1.Event
	thief bool
}

func newWorld(c Config) *world {
	w := &world{seed: c.Seed, days: c.Days, lastDay: c.LastDay.UTC().Truncate(24 * time.Hour)}
	for i, plan := range orgPlans {
		w.orgs = append(w.orgs, w.newOrg(i, plan))
	}
	return w
}

// random returns a generator that depends on the seed and a label only, so that a new kind of attack changes nothing else.
func (w *world) random(label string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(label))
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// day returns the start of day d, 0 being the first.
func (w *world) day(d int) time.Time { return w.lastDay.AddDate(0, 0, d-w.days+1) }

// clock returns a time of the last day.
func (w *world) clock(hour, minute int) time.Time {
	return w.lastDay.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// act is one thing a person does.
type act struct {
	action, method string
	objectType, id string
	bytes          uint64
	outcome        string
}

// emit adds an event of a session.
func (w *world) emit(s *session, at time.Time, a act) {
	at = at.Truncate(time.Millisecond)
	e := &aerv1.Event{
		Time: aerv1.Time(at), OrgId: s.person.org.id, UserId: s.person.id, SessionId: s.id, UserType: s.person.kind,
		Action: a.action, ApiMethod: a.method, Outcome: a.outcome, CookieTime: aerv1.Time(s.cookie(at)),
		Client: s.client(),
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
	w.events = append(w.events, made{e, s.thief})
	if w.recording != nil {
		w.record(s, at)
	}
}

func (w *world) record(s *session, at time.Time) {
	i := w.recording
	if i.Events == 0 || at.Before(i.Start) {
		i.Start = at
	}
	if at.After(i.End) {
		i.End = at
	}
	i.Events++
	if !slices.Contains(i.Sessions, s.id) {
		i.Sessions = append(i.Sessions, s.id)
	}
}

// incident labels what do makes for p. Expected is empty for a look-alike.
func (w *world) incident(kind string, p *person, note string, expected []string, do func()) {
	n := 1
	for _, i := range w.incidents {
		if i.Kind == kind {
			n++
		}
	}
	i := evaluate.Incident{
		ID: fmt.Sprintf("%s-%d", kind, n), Kind: kind, OrgID: p.org.id, UserID: p.id,
		Expected: append([]string{}, expected...), Anomalous: len(expected) > 0, Note: note,
	}
	w.recording = &i
	do()
	w.recording = nil
	w.incidents = append(w.incidents, i)
}

// result sorts and numbers everything.
func (w *world) result() *Result {
	slices.SortStableFunc(w.events, func(a, b made) int {
		if c := a.GetTime().AsTime().Compare(b.GetTime().AsTime()); c != 0 {
			return c
		}
		return strings.Compare(a.GetUserId(), b.GetUserId())
	})
	slices.SortStableFunc(w.incidents, func(a, b evaluate.Incident) int { return a.Start.Compare(b.Start) })
	r := &Result{Incidents: w.incidents, Tor: w.tor, LastDay: w.lastDay, Settings: settingsYAML, Thief: map[string]bool{}}
	for i, e := range w.events {
		e.Id = fmt.Sprintf("sim-%06d", i+1)
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
