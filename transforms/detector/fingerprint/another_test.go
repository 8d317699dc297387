// SPDX-License-Identifier: Apache-2.0

package fingerprint_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/detectortest"
)

// A gateway that opens TLS gives the owner's client a new print and another of its addresses with every connection: the
// client takes no turns with itself, however many addresses there are. Two clients behind the same addresses do.
func TestAddressesTakeNoTurns(t *testing.T) {
	const sec = time.Second
	behind := func(addresses int, c *aerv1.Client) func(i int) *aerv1.Client {
		return func(i int) *aerv1.Client {
			out := proto.CloneOf(c)
			out.Ip, out.Asn = fmt.Sprintf("203.0.113.%d", 1+i*7%addresses), 64501
			return out
		}
	}
	owner := at(chromeUA, "D1", foreign, "")
	thief := at(chromeUA, "D2", foreign, "")
	app, view := at(appUA, "D1", foreign, ""), at(viewUA, "", "t13d2014h2_eee_9", "")
	for _, c := range []struct {
		name      string
		own       *aerv1.Client
		addresses int
		seen      []*aerv1.Client
		want      string
	}{
		{"three addresses", at(chromeUA, "D1", fresh, ""), 3, []*aerv1.Client{owner}, ""},
		{"more than a session remembers", at(chromeUA, "D1", fresh, ""), 11, []*aerv1.Client{owner}, ""},
		{"resumed now and then", at(chromeUA, "D1", fresh, ""), 3,
			[]*aerv1.Client{owner, at(chromeUA, "D1", "t13d3113h2_ccc_6", "")}, ""},
		{"an application and its web view", at(appUA, "D1", fresh, ""), 3, []*aerv1.Client{app, view}, ""},
		{"a thief's twin behind the same gateway", at(chromeUA, "D1", fresh, ""), 3, []*aerv1.Client{owner, thief}, "act"},
		{"a thief who hides the device", at(chromeUA, "D1", fresh, ""), 3,
			[]*aerv1.Client{owner, at(edgeUA, "", foreign, "")}, "act"},
	} {
		events := []*aerv1.Event{event(0, c.own, "user_login"), event(30*sec, c.own, "file_viewed")}
		got := ""
		for i := range 24 {
			events = append(events,
				event(time.Hour+time.Duration(i)*20*sec, behind(c.addresses, c.seen[i%len(c.seen)])(i), "file_viewed"))
			past := detectortest.Past(30)
			for _, ev := range past {
				was := ev.Client
				ev.Client = proto.CloneOf(c.own)
				ev.Client.Ip, ev.Client.Asn, ev.Client.Country = was.Ip, was.Asn, was.Country
			}
			a := detectortest.Judge(t, detector, detectortest.Input(past, events))
			if s := detectortest.Strength(a); s != "" && got != "act" {
				got = s
			}
			if c.want == "" && got != "" {
				t.Errorf("%s, %d: %s", c.name, i, a.Evidence.FormulaFilled)
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The owner's machine moved between the gateway's addresses yesterday, and has had its cookies cleared since: the new
// device took part in none of that. A thief who takes turns with it after he has come does.
func TestTurnsBeforeAClientCame(t *testing.T) {
	const sec = time.Second
	from := func(host int, device string) *aerv1.Client {
		c := at(chromeUA, device, foreign, "")
		c.Ip, c.Asn = fmt.Sprintf("203.0.113.%d", host), 64501
		return c
	}
	for _, c := range []struct {
		name  string
		other string
		want  bool
	}{{"cookies cleared", "D2", false}, {"taking turns with the owner", "D1", true}} {
		own := at(chromeUA, "D1", fresh, "")
		events := []*aerv1.Event{event(0, own, "user_login")}
		for i := range 8 {
			events = append(events, event(time.Hour+time.Duration(i)*20*sec, from(1+i%2, "D1"), "file_viewed"))
		}
		for i := range 5 {
			device := []string{"D2", c.other}[i%2]
			events = append(events, event(24*time.Hour+time.Duration(i)*20*sec, from(1+i%2, device), "file_viewed"))
		}
		a := detectortest.Judge(t, detector, detectortest.Input(detectortest.Past(30), events))
		forked := slices.ContainsFunc(a.GetEvidence().GetSigns(), func(s *aerv1.Sign) bool { return s.Code == "fork" })
		if forked != c.want {
			t.Errorf("%s: %v", c.name, a.GetEvidence().GetFormulaFilled())
		}
	}
}
