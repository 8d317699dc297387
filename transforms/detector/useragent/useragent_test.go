// SPDX-License-Identifier: Apache-2.0

package useragent_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/useragent"
	"github.com/aer-project/aer/transforms/profile"
)

func view(after time.Duration, c *aerv1.Client, session string) []*aerv1.Event {
	return []*aerv1.Event{detectortest.Event(after, c, session, "file_viewed", "page")}
}

func login(after time.Duration, c *aerv1.Client, session string) []*aerv1.Event {
	return []*aerv1.Event{detectortest.Event(after, c, session, "user_login", "")}
}

func client(class, family, agent string) *aerv1.Client {
	c := detectortest.Firefox()
	c.UserAgent, c.Facts.Class, c.Facts.Family, c.Facts.Version = agent, class, family, "1.0"
	return c
}

// rare is an organisation of so many sessions, of which few are of Vivaldi.
func rare(sessions, vivaldi uint32) *baseline.Index {
	return baseline.NewIndex(&aerv1.Baseline{Clients: []*aerv1.BaselineClient{
		{OrgId: "O", Family: "firefox", Sessions: sessions - vivaldi}, {OrgId: "O", Family: "vivaldi", Sessions: vivaldi},
	}})
}

func TestUnexpectedClients(t *testing.T) {
	d := useragent.Detector{Config: useragent.DefaultConfig()}
	past, young := detectortest.Past(30), detectortest.Past(2)
	python, firefox := detectortest.Python(), detectortest.Firefox()
	vivaldi := client(aerv1.ClassBrowser, "vivaldi", "Vivaldi/7")
	acme, slack := client(aerv1.ClassOther, "acme", "acme/1"),
		client(aerv1.ClassOfficial, "slack-android", "slack/27 (Pixel; Android 16)")
	app, okhttp := client(aerv1.ClassMobileApp, "acmechat", "AcmeChat/5 (Android 15; Pixel 8)"),
		client(aerv1.ClassLibrary, "okhttp", "okhttp/4.12.0")
	app.Facts.Os, okhttp.Facts.Os, okhttp.DeviceId = "android", "", ""
	elsewhere := proto.CloneOf(okhttp)
	elsewhere.DeviceId = "D9"
	bare := client(aerv1.ClassEmpty, "", "")
	bare.DeviceId, bare.Ja4 = "", ""
	unknown := &aerv1.Client{Facts: bare.Facts}
	sessionless := view(-240*time.Hour, firefox, "")
	for range 3 {
		sessionless = append(sessionless, view(time.Duration(len(sessionless)-9)*24*time.Hour, firefox, "")...)
	}
	newer := client(aerv1.ClassBrowser, "firefox", "Firefox/145")
	for _, c := range []struct {
		name   string
		events [][]*aerv1.Event
		b      *baseline.Index
		want   string
	}{
		{"the own client", [][]*aerv1.Event{past, view(0, firefox, "S")}, nil, ""},
		{"its update", [][]*aerv1.Event{past, view(0, newer, "S")}, rare(5000, 0), ""},
		{"a library", [][]*aerv1.Event{past, view(0, python, "S")}, nil, "act"},
		{"a headless browser",
			[][]*aerv1.Event{past, view(0, client(aerv1.ClassHeadless, "headless-chrome", "HeadlessChrome"), "S")}, nil, "act"},
		{"no user agent", [][]*aerv1.Event{past, view(0, client(aerv1.ClassEmpty, "", ""), "S")}, nil, "act"},
		{"a program nobody has classified", [][]*aerv1.Event{past, view(0, acme, "S")}, nil, "hint"},
		{"a library outside of the known sessions", [][]*aerv1.Event{past, view(0, python, "")}, nil, "log"},
		{"a library where no sessions are known", [][]*aerv1.Event{sessionless, view(0, python, "")}, nil, "act"},
		{"an address and nothing else", [][]*aerv1.Event{past, view(0, bare, "")}, nil, "log"},
		{"the same where no sessions are known", [][]*aerv1.Event{sessionless, view(0, bare, "")}, nil, "log"},
		{"the same in a session", [][]*aerv1.Event{past, view(0, bare, "S")}, nil, "act"},
		{"nothing told of the client", [][]*aerv1.Event{past, view(0, unknown, "")}, nil, ""},
		{"nothing told but the session", [][]*aerv1.Event{past, view(0, unknown, "S")}, nil, ""},
		{"the own script", [][]*aerv1.Event{past, view(-48*time.Hour, python, "X"), view(0, python, "S")}, nil, ""},
		{"a library of yesterday evening", [][]*aerv1.Event{past, view(-12*time.Hour, python, "X"),
			view(0, python, "S")}, nil, "act"},
		{"an integration from its first day", [][]*aerv1.Event{view(0, python, "S")}, nil, ""},
		{"a young account's own script", [][]*aerv1.Event{young, view(0, python, "S")}, nil, ""},
		{"a program in a young person's session",
			[][]*aerv1.Event{young, login(0, firefox, "S"), view(time.Hour, python, "S")}, nil, "act"},
		{"a program that signs in to a young person's session",
			[][]*aerv1.Event{young, login(0, firefox, "S"), login(time.Hour, python, "S")}, nil, "act"},
		{"a program before the young person", [][]*aerv1.Event{young, view(0, python, "S"), view(time.Hour, firefox, "S")},
			nil, "act"},
		{"the person goes on", [][]*aerv1.Event{young, view(0, python, "S"), view(time.Hour, firefox, "S"),
			view(2*time.Hour, firefox, "S")}, nil, ""},
		{"a program that signed in, and a person who looks",
			[][]*aerv1.Event{young, login(0, python, "S"), view(time.Hour, firefox, "S")}, nil, ""},
		{"a rare browser", [][]*aerv1.Event{past, view(0, vivaldi, "S")}, rare(1000, 0), "hint"},
		{"an unknown program that is rare", [][]*aerv1.Event{past, view(0, acme, "S")}, rare(1000, 0), "hint"},
		{"the Slack client, for the first time", [][]*aerv1.Event{past, view(0, slack, "S")}, rare(1000, 0), ""},
		{"an application's own HTTP stack", [][]*aerv1.Event{past, login(0, app, "S"), view(time.Minute, okhttp, "S")}, nil,
			""},
		{"which came first", [][]*aerv1.Event{past, view(0, okhttp, "X"), view(time.Minute, app, "X")}, nil, ""},
		{"the same in a browser's session", [][]*aerv1.Event{past, login(0, firefox, "S"), view(time.Minute, okhttp, "S")},
			nil, "act"},
		{"on another device", [][]*aerv1.Event{past, login(0, app, "S"), view(time.Minute, elsewhere, "S")}, nil, "act"},
		{"in an organisation too small to tell", [][]*aerv1.Event{past, view(0, vivaldi, "S")}, rare(999, 0), ""},
		{"a browser that some have", [][]*aerv1.Event{past, view(0, vivaldi, "S")}, rare(1000, 1), ""},
		{"nothing known of the organisation", [][]*aerv1.Event{past, view(0, vivaldi, "S")}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := detectortest.Input(c.events...)
			in.Baseline = c.b
			a := detectortest.Judge(t, d, in)
			if got := detectortest.Strength(a); got != c.want {
				t.Fatalf("%q, want %q: %v", got, c.want, a)
			}
			if a != nil && (a.Evidence.FormulaFilled == "" || len(a.SessionIds) > 0 && a.SessionIds[0] != "S" ||
				strings.Contains(a.EpisodeKey, "firefox")) {
				t.Errorf("%v", a)
			}
		})
	}
}

// TestAHintHidesNobody: an unknown program in the same window, whichever comes first, does not hide a library.
func TestAHintHidesNobody(t *testing.T) {
	acme := client(aerv1.ClassOther, "acme", "acme/1")
	for _, sessions := range [][2]string{{"A", "B"}, {"B", "A"}} {
		in := detectortest.Input(detectortest.Past(30))
		in.Slice = activity.Summarise(view(0, acme, sessions[0])[0], activity.DefaultWindowMS)
		activity.Merge(in.Slice, activity.Summarise(view(time.Second, detectortest.Python(), sessions[1])[0],
			activity.DefaultWindowMS))
		profile.Apply(in.Profile, in.Slice)
		a := detectortest.Judge(t, useragent.Detector{Config: useragent.DefaultConfig()}, in)
		if got := detectortest.Strength(a); len(in.Slice.Facets) != 2 || got != "act" {
			t.Errorf("%v: %q: %v", sessions, got, a)
		}
	}
}
