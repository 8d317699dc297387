// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// appParts use the token of an app, which acts under the name of the person who installed it.
var appParts = []part{
	{kind: "app_token_theft", expected: []string{
		aerv1.TypeExcessiveDownloads, aerv1.TypeUnexpectedScraping, aerv1.TypeUnexpectedAPICallVolume,
		aerv1.TypeUnexpectedUserAgent,
		aerv1.TypeSessionFingerprint,
	}, variants: []variant{
		{note: "an app that only ever asked for lists takes hundreds of files, elsewhere and with another library",
			do: (*scene).appTheft},
		{note: "an app's token reads every thread, elsewhere, with its own library", do: (*scene).appScrape},
	}, prepare: (*scene).installLister},
}

// appLookAlikes are apps that do what they are for.
var appLookAlikes = []part{
	{kind: "app_export", prepare: (*scene).installArchive, variants: []variant{
		{note: "an archive app's nightly export, half as large again", do: func(s *scene) { s.nightlyExport(1.5) }},
	}},
	{kind: "app_first_export", variants: []variant{
		{note: "somebody installs an archive app, which begins with what there is", do: (*scene).firstExport},
	}},
	{kind: "ai_tool", variants: []variant{
		{note: "an assistant reads a hundred things under the person's name", do: (*scene).assistant},
	}},
}

// install gives the person an app that has worked every day since the first.
func (s *scene) install(a *script) {
	a.person, a.machine, a.net = s.p, newMachine(s.r, requests), s.nets.server(s.r)
	a.app, a.until = fmt.Sprintf("A-%s-%s", s.p.org.id, s.p.id), QualityDays
	s.p.org.scripts = append(s.p.org.scripts, a)
}

func (s *scene) installLister() { s.install(&script{}) }

func (s *scene) installArchive() {
	s.install(&script{hour: 1 + 3*s.r.Float64(), exports: 30 + s.r.IntN(90), idle: s.d})
}

func (s *scene) app() *script {
	for _, a := range s.p.org.scripts {
		if a.person == s.p && a.app != "" {
			return a
		}
	}
	panic("a scene about an app whose person has none")
}

// stolenApp is the app's token in other hands.
func (s *scene) stolenApp(m *machine) *script {
	t := s.open(s.p, m, s.attacker(), s.at)
	t.id, t.thief, t.program = "", true, true
	return &script{person: s.p, machine: m, app: s.app().app, session: t}
}

func (s *scene) appTheft() {
	s.export(s.r, s.stolenApp(newMachine(s.r, curl)), s.at, 250+s.r.IntN(200), 3*time.Second)
}

func (s *scene) appScrape() {
	own := s.app()
	a := s.stolenApp(newMachine(s.r, own.program))
	at := s.at
	for i := range 400 {
		thread := fmt.Sprintf("%s/T%05d", s.p.org.channels[i%len(s.p.org.channels)], i)
		s.emit(a.session, at, act{action: "api_call", method: "conversations.replies", objectType: "thread", id: thread,
			bytes: 4000, app: a.app})
		at = at.Add(time.Duration(500+s.r.IntN(1500)) * time.Millisecond)
	}
}

func (s *scene) nightlyExport(times float64) {
	own := s.app()
	s.export(s.r, own, s.at, int(float64(own.exports)*times), 4*time.Second)
}

func (s *scene) firstExport() {
	m := newMachine(s.r, axios)
	t := s.open(s.p, m, s.nets.server(s.r), s.at)
	t.id, t.program = "", true
	a := &script{person: s.p, machine: m, app: "A-new-" + s.p.id, session: t}
	s.emit(s.work(), s.at.Add(-time.Minute), act{action: "app_installed", objectType: "app", id: a.app})
	s.export(s.r, a, s.at, 200+s.r.IntN(200), 2*time.Second)
}

func (s *scene) assistant() {
	m := newMachine(s.r, axios)
	t := s.open(s.p, m, s.nets.server(s.r), s.at)
	t.id, t.program = "", true
	tools := []string{"mcp_slack_search_messages_tool_called", "mcp_slack_read_channel_tool_called",
		"mcp_slack_read_thread_tool_called"}
	at := s.at
	for i := range 90 + s.r.IntN(60) {
		s.emit(t, at, act{action: tools[s.r.IntN(3)], objectType: "thread", id: fmt.Sprintf("T%05d", i), bytes: 4000})
		at = at.Add(time.Duration(1+s.r.IntN(12)) * time.Second)
	}
}
