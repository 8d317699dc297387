package simulate

import (
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// world is a simulation in the making.
type world struct {
	Story
	days     int
	lastDay  time.Time
	orgs     []*org
	sessions int
}

func newWorld(c Config) *world {
	w := &world{Story: Story{Seed: c.Seed}, days: c.Days, lastDay: c.LastDay.UTC().Truncate(24 * time.Hour)}
	for i, plan := range orgPlans {
		w.orgs = append(w.orgs, w.newOrg(i, plan))
	}
	return w
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
	w.Add(e, s.thief)
}

// incident labels what do makes for p. Expected is empty for a look-alike.
func (w *world) incident(kind string, p *person, note string, expected []string, do func()) {
	w.Record(evaluate.Incident{Kind: kind, OrgID: p.org.id, UserID: p.id, Expected: expected, Note: note}, do)
}

// result sorts and numbers everything.
func (w *world) result() *Result {
	w.Sort()
	r := w.Result("sim-%06d")
	r.LastDay, r.Settings = w.lastDay, settingsYAML
	for _, o := range w.orgs {
		r.Directories = append(r.Directories, o.directory())
	}
	return r
}
