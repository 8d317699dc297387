package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// history is a person's ordinary days.
type history struct {
	org, user, clientName   string
	n, each                 int
	client                  *aerv1.Client
	until                   time.Time
	reads, downloads, calls int
	method, app             string
	noLogin                 bool
}

// parseHistory reads WHO N days CLIENT PLACE [key=value...].
func parseHistory(words []string) (h history, err error) {
	words, options := split(words)
	if len(words) > 0 && words[len(words)-1] == "nologin" {
		h.noLogin, words = true, words[:len(words)-1]
	}
	if len(words) != 5 || words[2] != "days" {
		return h, fmt.Errorf("write history WHO N days CLIENT PLACE, e.g. history alice 30 days firefox/windows home")
	}
	h.org, h.user = orgUser(words[0])
	if h.n, err = strconv.Atoi(words[1]); err != nil || h.n < 1 || h.n > 400 {
		return h, fmt.Errorf("%q days: want 1 to 400", words[1])
	}
	u := &user{}
	rest, err := u.from(h.user, words[3:])
	if err != nil {
		return h, err
	}
	if len(rest) > 0 {
		return h, fmt.Errorf("unknown client %q; known are %s", words[3], known(programs))
	}
	h.client, h.clientName, h.each, h.method = u.client, u.name, 1, "users.info"
	for _, o := range options {
		if err := h.set(o[0], o[1]); err != nil {
			return h, err
		}
	}
	return h, nil
}

func (h *history) set(key, value string) (err error) {
	numbers := map[string]*int{"reads": &h.reads, "downloads": &h.downloads, "calls": &h.calls, "each": &h.each}
	texts := map[string]*string{
		"method": &h.method, "app": &h.app, "device": &h.client.DeviceId, "ja4": &h.client.Ja4, "ja3": &h.client.Ja3,
		"ip": &h.client.Ip, "ua": &h.client.UserAgent,
	}
	switch {
	case numbers[key] != nil:
		if *numbers[key], err = strconv.Atoi(value); err != nil || *numbers[key] < 0 || *numbers[key] > maxRepeat || h.each < 1 {
			return fmt.Errorf("%s: %q is not a number from 1 to %d", key, value, maxRepeat)
		}
	case texts[key] != nil:
		*texts[key] = value
	case key == "until":
		if h.until, err = time.Parse(time.DateOnly, value); err != nil {
			return fmt.Errorf("until: %q is not a day; write 2026-02-20", value)
		}
		h.until = h.until.Add(24 * time.Hour)
	default:
		return fmt.Errorf("unknown key %q; known are until, %s, %s", key, known(numbers), known(texts))
	}
	return nil
}

// days makes the events, up to the day before first.
func (h history) days(first time.Time) []*aerv1.Event {
	end := h.until
	if end.IsZero() {
		end = first.Truncate(24 * time.Hour)
	}
	var out []*aerv1.Event
	for d := range h.n {
		out = append(out, h.day(end.AddDate(0, 0, d-h.n), d)...)
	}
	return out
}

// day is one ordinary day: nothing happens at the same minute as the day before.
func (h history) day(start time.Time, d int) []*aerv1.Event {
	at := start.Add(9*time.Hour + time.Duration(d*37%50)*time.Minute)
	session := fmt.Sprintf("%s-%s%s-%s", h.user, strings.ReplaceAll(h.clientName, "/", "-"), h.app, start.Format("0102"))
	var out []*aerv1.Event
	add := func(action, method, object string, after time.Duration) {
		at = at.Add(after)
		ev := &aerv1.Event{
			Id: fmt.Sprintf("%s-%04d", session, len(out)), Time: aerv1.Time(at), OrgId: h.org, UserId: h.user, SessionId: session,
			Action: action, ApiMethod: method, UserType: aerv1.UserMember, Client: proto.Clone(h.client).(*aerv1.Client),
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
		add("file_viewed", "", fmt.Sprintf("%s-read-%d-%d", h.user, d, i), 7*time.Second)
	}
	for i := range h.downloads {
		add("file_downloaded", "", fmt.Sprintf("%s-export-%d-%d", h.user, d, i), 7*time.Second)
	}
	for range h.calls {
		add("api_call", h.method, "", 2*time.Second)
	}
	return out
}
