// SPDX-License-Identifier: Apache-2.0

// Package activitytest makes streams of events for tests: few users, sessions, clients and objects, so that they meet
// again and again.
package activitytest

import (
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Stream describes a stream. Event i follows from Seed and i alone, so that a shorter stream is the beginning of a
// longer one, which is what shrinking a failed property wants.
type Stream struct {
	Seed uint64
	// Events is how many; Users, Objects and Methods how many different ones they draw from (0 means 3, 400 and 12).
	Events, Users, Objects, Methods int
	// Actors has some of it done by apps, or tried and refused, instead of all by people who are signed in.
	Actors bool
	// Start and Span bound the times, which are uniform and in no order; Start zero means noon of a fixed Monday.
	Start time.Time
	Span  time.Duration
}

// Monday is where streams start unless told otherwise.
var Monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Make makes the stream.
func (s Stream) Make() []*aerv1.Event {
	if s.Start.IsZero() {
		s.Start = Monday
	}
	s.Users, s.Objects, s.Methods = or(s.Users, 3), or(s.Objects, 400), or(s.Methods, 12)
	out := make([]*aerv1.Event, s.Events)
	for i := range out {
		out[i] = s.event(i)
	}
	return out
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// event makes event i. The mix of actions is nearer to a test's needs than to life: all kinds occur.
func (s Stream) event(i int) *aerv1.Event {
	r := rand.New(rand.NewPCG(s.Seed, uint64(i)))
	user := r.IntN(s.Users)
	at := s.Start.Add(time.Duration(r.Int64N(max(1, int64(s.Span)))))
	ev := &aerv1.Event{
		Id: fmt.Sprintf("e-%d-%d", s.Seed, i), Time: aerv1.Time(at), OrgId: fmt.Sprintf("O%d", user%2),
		UserId:    fmt.Sprintf("U%d", user),
		SessionId: pick(r, "", "S1", "S1", "S2", "S3"), Outcome: pick(r, "", "ok", "ok", "error", "rate_limited", "denied"),
		Client: Client(r), UserType: pick(r, "", "member", "guest"),
	}
	switch r.IntN(10) {
	case 0:
		ev.Action = "user_login"
	case 1, 2, 3:
		ev.Action, ev.Object = "file_downloaded", s.object(r, "file")
		size := r.Uint64N(1 << 20)
		ev.Bytes = &size
	case 4, 5:
		ev.Action, ev.Object = "file_viewed", s.object(r, "file")
	case 6:
		ev.Action, ev.ApiMethod, ev.Object = "api_call", "conversations.history", s.object(r, "channel")
	case 7:
		ev.Action, ev.ApiMethod = "api_call", "client.counts" // polling
	default:
		ev.Action, ev.ApiMethod = "api_call", fmt.Sprintf("method.m%02d", r.IntN(s.Methods))
	}
	if s.Actors {
		ev.ActorKind = pick(r, "", aerv1.ActorSignedIn, aerv1.ActorSignedIn, aerv1.ActorApp, aerv1.ActorAttempt)
		ev.AppId = pick(r, "", "A1", "A2")
	}
	if r.IntN(3) == 0 {
		ev.CookieTime = aerv1.Time(at.Add(-time.Duration(r.IntN(3)) * time.Hour))
	}
	return ev
}

func (s Stream) object(r *rand.Rand, kind string) *aerv1.Object {
	n := r.IntN(s.Objects)
	if n == 0 {
		return nil // unknown
	}
	return &aerv1.Object{Type: kind, Id: fmt.Sprintf("F%d", n)}
}

// Client draws one of some two hundred clients with their facts. Some differ in nothing but a derived fact.
func Client(r *rand.Rand) *aerv1.Client {
	c := &aerv1.Client{
		Ip: pick(r, "192.0.2.1", "198.51.100.9", "2001:db8::7", "1.23.45.678", ""), DeviceId: pick(r, "", "D1", "D2"),
		Ja4: pick(r, "", "t13d1516h2_a_b", "t13d1717h2_c_d"), Asn: uint32(r.IntN(3)) * 64500,
		Country: pick(r, "", "DE", "BR"),
	}
	switch r.IntN(4) {
	case 0:
		c.UserAgent = "Slack/4.46"
		c.Facts = &aerv1.ClientFacts{Class: "official", Family: "slack-desktop", Version: "4.46",
			Os: pick(r, "windows", "macos")}
	case 1:
		c.UserAgent = "Firefox"
		c.Facts = &aerv1.ClientFacts{Class: "browser", Family: "firefox", Version: pick(r, "144.0", "143.0"), Os: "linux"}
	case 2:
		c.UserAgent = "curl/8.5.0"
		c.Facts = &aerv1.ClientFacts{Class: "library", Family: "curl", Version: "8.5.0", Hosting: r.IntN(2) == 0}
	}
	return c
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
