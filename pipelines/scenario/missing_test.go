// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// innocentDay is a day on which people of one organisation come from behind a new gateway, update their browsers, and
// travel.
func innocentDay(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("Nobody does anything wrong.\n-- settings.yaml --\norgs:\n  acme:\n    detectors: " +
		"{session_fingerprint: respond, " +
		"spoofed_user_agent: {mode: respond, sensitivity: high}, unexpected_user_agent: respond}\n-- events --\n")
	programs := []string{"chrome/windows", "firefox/windows", "edge/windows"}
	people := rapid.IntRange(1, 6).Draw(t, "people")
	for i := range people {
		fmt.Fprintf(&b, "history U%d 10 days %s home\n", i, programs[i%3])
	}
	b.WriteString("2026-03-02T08:00:00Z U0 login chrome/windows home\n")
	for i := range people {
		client := programs[i%3]
		fmt.Fprintf(&b, "08:%02d U%d login %s home\n08:%02d U%d x3 every 50s view known-{n}\n", i+1, i, client, i+10, i)
		for visit := range rapid.IntRange(1, 2).Draw(t, "visits") {
			where := rapid.SampledFrom([]string{
				"ja4=t12d0707h2_gateway_1 ip=203.0.113.77 asn=64777", "ja4=t12d0707h2_gateway_1 ip=203.0.113.78 asn=64777",
				"ja4=t12d0707h2_gateway_1 ip=198.51.77.9 asn=64777", "ja4=t12d0707h2_gateway_1", "ip=192.0.2.201 asn=64520",
				"ip=203.0.113.140 asn=64540 country=BR",
			}).Draw(t, "where")
			fmt.Fprintf(&b, "%02d:%02d U%d x4 every 2m view %s home known-{n} %s\n", 9+visit, 5*i, i, client, where)
		}
	}
	b.WriteString("-- baseline.json --\n{\"version\": \"2026-03-01\", \"fingerprints\": [")
	for i, f := range []string{"chrome", "firefox", "edge"} {
		c, _ := client("", programs[i])
		fmt.Fprintf(&b,
			`%s{"org_id": "*", "family": "%s", "class": "browser", "ja4": "%s", "users": 40, "observations": 400, "orgs": 40}`,
			strings.Repeat(",", min(i, 1)), f, c.Ja4)
	}
	b.WriteString("]}\n-- want --\nnone\n")
	return b.String()
}

// lose takes fields away from a share of the events.
func lose(ev *aerv1.Event, lots uint64, share float64) {
	r := rand.New(rand.NewPCG(lots, xxhash.Sum64String(ev.GetId())))
	c := ev.GetClient()
	for _, forget := range []func(){
		func() { c.DeviceId = "" },
		func() { c.Ja4 = "" }, func() { c.Asn = 0 }, func() { c.Country = "" }, func() { ev.CookieTime = nil },
	} {
		if r.Float64() < share && c != nil {
			forget()
		}
	}
}

// acted says for whom the events lead to responses, and why.
func acted(t *rapid.T, s *Story, events []*aerv1.Event) map[string]string {
	s.Events = nil
	for _, ev := range events {
		s.Events = append(s.Events, proto.CloneOf(ev))
	}
	anomalies, decisions, err := s.judge()
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for i, d := range decisions {
		if d.Outcome == aerv1.Decision_RESPOND || d.Outcome == aerv1.Decision_PERSISTING {
			why[d.UserId] = fmt.Sprint(anomalies[i], d)
		}
	}
	return why
}

// TestWhatIsMissingSignsNobodyOut: fields that are lost from any of the events of innocent people never make a response
// of what is none where they are known.
func TestWhatIsMissingSignsNobodyOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := Parse("story", []byte(innocentDay(t)), With{})
		if err != nil {
			t.Fatal(err)
		}
		whole, lossy := s.Events, []*aerv1.Event{}
		share := rapid.SampledFrom([]float64{0.02, 0.2, 0.5, 1}).Draw(t, "share")
		lots := rapid.Uint64().Draw(t, "lots")
		for _, ev := range whole {
			ev = proto.CloneOf(ev)
			lose(ev, lots, share)
			lossy = append(lossy, ev)
		}
		before, after := acted(t, s, whole), acted(t, s, lossy)
		for user, why := range after {
			if before[user] == "" {
				t.Fatalf("%s is signed out: %s", user, why)
			}
		}
	})
}
