package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// DefaultOrg is the organisation of users that are written without one.
const DefaultOrg = "acme"

// maxRepeat bounds what one line makes, so that a mistyped number fails instead of running for an hour.
const maxRepeat = 20_000

// actions are the short names of actions.
var actions = map[string]string{
	"login": "user_login", "logout": "user_logout", "view": "file_viewed", "download": "file_downloaded", "post": "message_posted", "call": "api_call",
}

// author writes the events of a story: it remembers the day and what each user had last.
type author struct {
	day    time.Time
	first  time.Time
	users  map[string]*user
	past   []history
	events []*aerv1.Event
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

// session is the one opened by the user's client, or else the one opened last, whoever uses it.
func (u *user) session() string { return cmp.Or(u.sessions[u.name], u.last) }

func (u *user) login(name string) {
	u.opened++
	u.last = fmt.Sprintf("%s-%d", name, u.opened)
	u.sessions[u.name] = u.last
}

// ParseEvents reads events.txt; the result is sorted by time and as decoding gives events. Errors name the line.
func ParseEvents(text string) ([]*aerv1.Event, error) {
	a := &author{users: map[string]*user{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		said, _, _ := strings.Cut(line, "#")
		words := strings.Fields(said)
		if len(words) == 0 {
			continue
		}
		if err := a.line(words, n); err != nil {
			return nil, fmt.Errorf("events.txt:%d: %w", n, err)
		}
	}
	for _, h := range a.past {
		a.events = append(a.events, h.days(a.first)...)
	}
	slices.SortStableFunc(a.events, func(x, y *aerv1.Event) int {
		return cmp.Or(x.Time.AsTime().Compare(y.Time.AsTime()), strings.Compare(x.Id, y.Id))
	})
	for _, ev := range a.events {
		event.Normalise(ev)
	}
	return a.events, nil
}

func (a *author) line(words []string, n int) error {
	if words[0] == "history" {
		h, err := parseHistory(words[1:])
		if err != nil {
			return err
		}
		a.past = append(a.past, h)
		u := a.user(h.org, h.user)
		if u.client == nil {
			u.client, u.name = proto.Clone(h.client).(*aerv1.Client), h.clientName
		}
		return nil
	}
	at, err := a.time(words[0])
	if err != nil {
		return err
	}
	if a.first.IsZero() || at.Before(a.first) {
		a.first = at
	}
	return a.acts(at, words[1:], n)
}

// time reads a full time, or one of the day named last.
func (a *author) time(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		a.day = t.UTC().Truncate(24 * time.Hour)
		return t.UTC(), nil
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, s); err == nil && !a.day.IsZero() {
			return a.day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write 2026-03-02T09:00:00Z, or 09:30 after a line with a day", s)
}

func (a *author) user(org, name string) *user {
	key := org + "/" + name
	if a.users[key] == nil {
		a.users[key] = &user{sessions: map[string]string{}}
	}
	return a.users[key]
}

func orgUser(word string) (org, name string) {
	if org, name, ok := strings.Cut(word, "/"); ok {
		return org, name
	}
	return DefaultOrg, word
}

// acts reads WHO [xN every D] WHAT [CLIENT PLACE] [OBJECT] [key=value...].
func (a *author) acts(at time.Time, words []string, n int) error {
	words, options := split(words)
	take := func() string {
		if len(words) == 0 {
			return ""
		}
		w := words[0]
		words = words[1:]
		return w
	}
	org, name := orgUser(take())
	times, every, rest, err := repeat(words)
	if err != nil {
		return err
	}
	words = rest
	what := take()
	if name == "" || what == "" {
		return fmt.Errorf("write TIME WHO WHAT, e.g. 09:00 alice login firefox/windows home")
	}
	ev := &aerv1.Event{OrgId: org, UserId: name, Action: cmp.Or(actions[what], what), UserType: aerv1.UserMember}
	if what == "call" {
		if ev.ApiMethod = take(); ev.ApiMethod == "" {
			return fmt.Errorf("call needs a method, e.g. call conversations.history")
		}
	}
	u := a.user(org, name)
	if words, err = u.from(name, words); err != nil {
		return err
	}
	object := take()
	if len(words) > 0 {
		return fmt.Errorf("%q is too much: known clients are %s", words[0], known(programs))
	}
	if what == "login" {
		u.login(name)
	}
	ev.SessionId, ev.Client = u.session(), proto.Clone(u.client).(*aerv1.Client)
	for i := range times {
		e := proto.Clone(ev).(*aerv1.Event)
		e.Id, e.Time = fmt.Sprintf("%s-%03d-%04d", name, n, i+1), aerv1.Time(at.Add(time.Duration(i)*every))
		if object != "" {
			e.Object = &aerv1.Object{Type: objectType(ev.Action), Id: strings.ReplaceAll(object, "{n}", strconv.Itoa(i+1))}
		}
		if err := set(e, options, i+1); err != nil {
			return err
		}
		a.events = append(a.events, e)
	}
	return nil
}

func objectType(action string) string {
	if action == "api_call" {
		return "channel"
	}
	return "file"
}

// repeat reads xN every D, if it is there.
func repeat(words []string) (times int, every time.Duration, rest []string, err error) {
	if len(words) == 0 || len(words[0]) < 2 || words[0][0] != 'x' {
		return 1, 0, words, nil
	}
	times, err = strconv.Atoi(words[0][1:])
	if err != nil {
		return 1, 0, words, nil // a word that begins with x
	}
	if len(words) < 3 || words[1] != "every" || times < 1 || times > maxRepeat {
		return 0, 0, nil, fmt.Errorf("%s: write xN every D with N from 1 to %d, e.g. x28 every 20s", words[0], maxRepeat)
	}
	if every, err = time.ParseDuration(words[2]); err != nil || every < 0 {
		return 0, 0, nil, fmt.Errorf("%q is not a duration; write 20s or 1m30s", words[2])
	}
	return times, every, words[3:], nil
}

// from reads CLIENT PLACE, or leaves the words as they are if they name none and the user has one.
func (u *user) from(name string, words []string) ([]string, error) {
	if len(words) > 0 {
		if c, ok := client(name, words[0]); ok {
			if len(words) < 2 {
				return nil, fmt.Errorf("%s needs a place: %s", words[0], known(places))
			}
			p, ok := places[words[1]]
			if !ok {
				return nil, fmt.Errorf("unknown place %q; known are %s", words[1], known(places))
			}
			p.set(c)
			u.client, u.name = c, unversioned(words[0])
			return words[2:], nil
		}
	}
	if u.client == nil {
		return nil, fmt.Errorf("%s has no client yet; write CLIENT PLACE, e.g. firefox/windows home. Known clients are %s", name, known(programs))
	}
	return words, nil
}

// split takes the key=value words out.
func split(words []string) (plain []string, options [][2]string) {
	for _, w := range words {
		if key, value, ok := strings.Cut(w, "="); ok {
			options = append(options, [2]string{key, value})
		} else {
			plain = append(plain, w)
		}
	}
	return plain, options
}

// set changes one event as the key=value words say.
func set(ev *aerv1.Event, options [][2]string, n int) error {
	c := ev.Client
	texts := map[string]*string{
		"session": &ev.SessionId, "outcome": &ev.Outcome, "user_type": &ev.UserType, "actor": &ev.ActorKind,
		"device": &c.DeviceId, "ip": &c.Ip, "country": &c.Country, "ja4": &c.Ja4, "ja3": &c.Ja3, "ua": &c.UserAgent,
	}
	for _, o := range options {
		key, value := o[0], strings.ReplaceAll(o[1], "{n}", strconv.Itoa(n))
		if to := texts[key]; to != nil {
			*to = value
			continue
		}
		var err error
		switch key {
		case "asn":
			var asn uint64
			asn, err = strconv.ParseUint(value, 10, 32)
			c.Asn = uint32(asn)
		case "app":
			ev.ActorKind, ev.AppId = aerv1.ActorApp, value
		case "bytes":
			var size uint64
			size, err = strconv.ParseUint(value, 10, 63)
			ev.Bytes = &size
		case "cookie":
			err = setCookie(ev, value)
		default:
			return fmt.Errorf("unknown key %q; known are app, asn, bytes, cookie, %s", key, known(texts))
		}
		if err != nil {
			return fmt.Errorf("%s: %q is not what it takes", key, value)
		}
	}
	return nil
}

func setCookie(ev *aerv1.Event, value string) error {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		before, err := time.ParseDuration(value)
		if err != nil {
			return err
		}
		t = ev.Time.AsTime().Add(before)
	}
	ev.CookieTime = aerv1.Time(t)
	return nil
}
