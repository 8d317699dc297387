// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// history is n of a person's ordinary days, before until.
type history struct {
	user
	org, who, method, app            string
	n, each, reads, downloads, calls int
	until                            time.Time
	noLogin                          bool
}

// history reads history WHO N days CLIENT [key=value...] [nologin].
func (a *author) history(l *line) error {
	l.take()
	org, users := orgUser(l.take())
	n, err := strconv.Atoi(l.take())
	switch {
	case l.take() != "days":
		return errors.New("write history WHO N days PROGRAM PLACE, e.g. history alice 30 days firefox/windows home")
	case err != nil || n < 1 || n > 400:
		return errors.New("want 1 to 400 days")
	}
	for _, name := range expand(users) {
		h, rest := history{org: org, who: name, n: n, each: 1, method: "users.info"}, *l
		if err := a.chooses(&h.user, name, &rest); err != nil {
			return err
		}
		if u := a.user(org, name); u.client == nil {
			u.client, u.name = proto.CloneOf(h.client), h.name
		}
		if err := rest.set(h.keys()); err != nil {
			return err
		}
		if h.each < 1 || max(h.reads, h.downloads, h.calls) > maxRepeat {
			return fmt.Errorf("want each= from 1, and reads=, downloads= and calls= up to %d", maxRepeat)
		}
		a.past = append(a.past, h)
	}
	return nil
}

// keys are what a line may say of a history.
func (h *history) keys() keys {
	k := clientKeys(h.client)
	k["reads"], k["downloads"], k["calls"] = &h.reads, &h.downloads, &h.calls
	k["each"], k["method"], k["app"], k["nologin"] = &h.each, &h.method, &h.app, &h.noLogin
	k["until"] = func(v string) (err error) {
		if h.until, err = time.Parse(time.DateOnly, v); err != nil {
			return errors.New("want a day, e.g. 2026-02-20")
		}
		h.until = h.until.AddDate(0, 0, 1)
		return nil
	}
	return k
}

// day is one ordinary day: nothing happens at the same minute as the day before.
func (h history) day(start time.Time, d int) []*aerv1.Event {
	at := start.Add(9*time.Hour + time.Duration(d*37%50)*time.Minute)
	session := fmt.Sprintf("%s-%s%s-%s", h.who, strings.ReplaceAll(h.name, "/", "-"), h.app, start.Format("0102"))
	var out []*aerv1.Event
	add := func(action, method, object string, after time.Duration) {
		at = at.Add(after)
		ev := &aerv1.Event{
			Id: fmt.Sprintf("%s-%04d", session, len(out)), Time: aerv1.Time(at), OrgId: h.org, UserId: h.who,
			SessionId: session, Action: action, ApiMethod: method, UserType: aerv1.UserMember, Client: proto.CloneOf(h.client),
		}
		if h.app != "" {
			ev.ActorKind, ev.AppId = aerv1.ActorApp, h.app
		}
		if object != "" {
			ev.Object = &aerv1.Object{Type: objectType(action), Id: object}
		}
		out = append(out, ev)
	}
	if !h.noLogin {
		add("user_login", "", "", 0)
	}
	for i := range 4 {
		add("file_viewed", "", fmt.Sprintf("known-%d", (d+i)%12), 17*time.Minute)
		add("api_call", "conversations.history", fmt.Sprintf("team-%d", i), 3*time.Minute)
		add("api_call", "chat.postMessage", "", 2*time.Minute)
	}
	add("file_downloaded", "", fmt.Sprintf("known-%d", d%12), 11*time.Minute)
	if (d+1)%h.each != 0 {
		return out
	}
	for i := range h.reads {
		add("file_viewed", "", fmt.Sprintf("%s-read-%d-%d", h.who, d, i), 7*time.Second)
	}
	for i := range h.downloads {
		add("file_downloaded", "", fmt.Sprintf("%s-export-%d-%d", h.who, d, i), 7*time.Second)
	}
	for range h.calls {
		add("api_call", h.method, "", 2*time.Second)
	}
	return out
}
