// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// actions are the short names of actions.
var actions = map[string]string{
	"login": "user_login", "logout": "user_logout", "view": "file_viewed", "download": "file_downloaded",
	"post": "message_posted", "call": "api_call",
}

// author writes what happens in a story: it remembers the day and what each user had last.
type author struct {
	// day is the one named last, begin the earliest time that a line begins with.
	day, begin time.Time
	clients    map[string]*aerv1.Evidence
	users      map[string]*user
	past       []history
	events     []*aerv1.Event
	findings   []*aerv1.Anomaly
}

// user is what the next line about a person goes on from.
type user struct {
	client *aerv1.Client
	name   string // of the client, without a version
	// sessions holds the session opened last by each client, and last the one opened last of all.
	sessions map[string]string
	last     string
	opened   int
}

func (a *author) user(org, name string) *user {
	key := org + "/" + name
	if a.users[key] == nil {
		a.users[key] = &user{sessions: map[string]string{}}
	}
	return a.users[key]
}

// finish returns the events in order.
func (a *author) finish() []*aerv1.Event {
	for _, h := range a.past {
		if h.until.IsZero() {
			h.until = a.begin.Truncate(24 * time.Hour)
		}
		for d := range h.n {
			a.events = append(a.events, h.day(h.until.AddDate(0, 0, d-h.n), d)...)
		}
	}
	slices.SortStableFunc(a.events, func(x, y *aerv1.Event) int {
		return cmp.Or(x.Time.AsTime().Compare(y.Time.AsTime()), strings.Compare(x.Id, y.Id))
	})
	for _, ev := range a.events {
		event.Normalise(ev)
	}
	return a.events
}

// event reads a line of events: TIME WHO [xN] [every D] WHAT [CLIENT] [OBJECT] [key=value...], or one of history.
func (a *author) event(l *line) error {
	if l.peek() == "history" {
		return a.history(l)
	}
	moments, err := a.moments(l)
	if err != nil {
		return err
	}
	drafts := map[string]*aerv1.Event{}
	for _, m := range moments {
		if drafts[m.user] == nil {
			if drafts[m.user], err = a.draft(m, *l); err != nil {
				return err
			}
		}
		ev := proto.CloneOf(drafts[m.user])
		ev.Id, ev.Time = fmt.Sprintf("%s-%03d-%04d", m.user, l.n, m.n), aerv1.Time(m.at)
		if ev.Object != nil {
			ev.Object.Id = strings.ReplaceAll(ev.Object.Id, "{n}", strconv.Itoa(m.n))
		}
		if err := eventKeys(ev).set(l.options, m.n); err != nil {
			return err
		}
		a.events = append(a.events, ev)
	}
	return nil
}

// draft is what the events of a line have in common that one user does.
func (a *author) draft(m moment, l line) (*aerv1.Event, error) {
	what := l.take()
	if m.user == "" || what == "" {
		return nil, errors.New("write TIME WHO WHAT, e.g. 09:00 alice login firefox/windows home")
	}
	if actions[what] == "" && !strings.Contains(what, "_") { // a mistyped one would be looked at by nobody
		return nil,
			fmt.Errorf("%q is no action; known are %s, and any by the name that its source gives it, e.g. app_installed",
				what, known(actions))
	}
	ev := &aerv1.Event{OrgId: m.org, UserId: m.user, Action: cmp.Or(actions[what], what), UserType: aerv1.UserMember}
	if what == "call" {
		if ev.ApiMethod = l.take(); ev.ApiMethod == "" {
			return nil, errors.New("call needs a method, e.g. call conversations.history")
		}
	}
	u := a.user(m.org, m.user)
	if err := a.chooses(u, m.user, &l); err != nil {
		return nil, err
	}
	if object := l.take(); object != "" {
		ev.Object = &aerv1.Object{Type: objectType(ev.Action), Id: object}
	}
	if len(l.words) > 0 {
		return nil, fmt.Errorf("%q is too much: known programs are %s", l.peek(), known(programs))
	}
	if what == "login" {
		u.opened++
		u.last = fmt.Sprintf("%s-%d", m.user, u.opened)
		u.sessions[u.name] = u.last
	}
	// The session opened by the user's client, or else the one opened last, whoever uses it.
	ev.SessionId, ev.Client = cmp.Or(u.sessions[u.name], u.last), proto.CloneOf(u.client)
	return ev, nil
}

func objectType(action string) string {
	if action == "api_call" {
		return "channel"
	}
	return "file"
}

// eventKeys are what a line may say of an event.
func eventKeys(ev *aerv1.Event) keys {
	k := clientKeys(ev.Client)
	k["session"], k["outcome"], k["user_type"], k["actor"] = &ev.SessionId, &ev.Outcome, &ev.UserType, &ev.ActorKind
	k["app"] = func(v string) error { ev.ActorKind, ev.AppId = aerv1.ActorApp, v; return nil }
	k["bytes"] = func(v string) error { ev.Bytes = new(uint64); return assign(ev.Bytes, v) }
	k["cookie"] = func(v string) error {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			before, err := time.ParseDuration(v)
			if err != nil {
				return errors.New("want a time, or how long before the event as in -3h")
			}
			t = ev.Time.AsTime().Add(before)
		}
		ev.CookieTime = aerv1.Time(t)
		return nil
	}
	return k
}
