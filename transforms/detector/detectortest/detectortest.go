// SPDX-License-Identifier: Apache-2.0

// Package detectortest makes a person's past and present, for tests of single detectors.
package detectortest

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Now is when the present begins; the past are the days before it.
var Now = activitytest.Monday.Add(9 * time.Hour)

// Firefox is the person's own client at home.
func Firefox() *aerv1.Client {
	return &aerv1.Client{
		Ip: "192.0.2.1", UserAgent: "Firefox/144", DeviceId: "D1", Ja4: "t13d1717h2_c_144", Asn: 64500, Country: "DE",
		Facts: &aerv1.ClientFacts{Class: aerv1.ClassBrowser, Family: "firefox", Version: "144.0", Os: "linux"},
	}
}

// Python is an HTTP library in a hosting network abroad.
func Python() *aerv1.Client {
	return &aerv1.Client{
		Ip: "203.0.113.9", UserAgent: "python-requests/2.32.3", Ja4: "t13d1812h1_p_2", Asn: 64501, Country: "US",
		Facts: &aerv1.ClientFacts{Class: aerv1.ClassLibrary, Family: "python-requests", Version: "2.32.3", Hosting: true},
	}
}

// Event is something done after Now; before it for a negative offset.
func Event(after time.Duration, c *aerv1.Client, session, action, object string) *aerv1.Event {
	at := Now.Add(after)
	ev := &aerv1.Event{
		Id: fmt.Sprintf("%d-%s-%s-%s", at.UnixNano(), session, action, object), Time: aerv1.Time(at), OrgId: "O", UserId: "U",
		SessionId: session, Action: action, Client: c,
	}
	if action == "api_call" {
		ev.ApiMethod = object
	} else if object != "" {
		ev.Object = &aerv1.Object{Type: "file", Id: object}
	}
	return ev
}

// Past is days of Firefox in session P: a login, a known page, a known file and a known method on each.
func Past(days int) []*aerv1.Event {
	var out []*aerv1.Event
	for d := -days; d < 0; d++ {
		at := time.Duration(d) * 24 * time.Hour
		out = append(out,
			Event(at, Firefox(), "P", "user_login", ""), Event(at+time.Minute, Firefox(), "P", "file_viewed", "known"),
			Event(at+2*time.Minute, Firefox(), "P", "file_downloaded", "known"),
			Event(at+3*time.Minute, Firefox(), "P", "api_call", "users.info"))
	}
	return out
}

// Many is n times an action on new objects, beginning after Now, gap apart.
func Many(n int, after, gap time.Duration, action, prefix string) []*aerv1.Event {
	var out []*aerv1.Event
	for i := range n {
		out = append(out, Event(after+time.Duration(i)*gap, Firefox(), "S", action, fmt.Sprintf("%s%d", prefix, i)))
	}
	return out
}

// Input is the person after all events, which come in order of time, to be judged by the slice of the last.
func Input(events ...[]*aerv1.Event) *evidence.Input {
	in := &evidence.Input{Profile: profile.New("O", "U")}
	for _, list := range events {
		for _, ev := range list {
			in.Slice = activity.Summarise(ev, activity.DefaultWindowMS)
			profile.Apply(in.Profile, in.Slice)
		}
	}
	return in
}

// Strength is what a finding may do: "" for none, "hint", "log" or "act".
func Strength(a *aerv1.Anomaly) string {
	switch {
	case a == nil:
		return ""
	case a.Hint && a.Confidence == 0:
		return "witness"
	case a.Hint:
		return "hint"
	case a.LogOnly:
		return "log"
	}
	return "act"
}
