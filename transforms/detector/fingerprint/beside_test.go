// SPDX-License-Identifier: Apache-2.0

package fingerprint_test

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/detectortest"
)

// Two programs of one machine change their network together; a thief and an owner are in two places.
func TestWhatMovesTogether(t *testing.T) {
	home := func(ua, device, ja4 string) *aerv1.Client { return at(ua, device, ja4, "") }
	train := func(ua, device, ja4 string) *aerv1.Client { return at(ua, device, ja4, "train") }
	unknown := func(ua, device, ja4 string) *aerv1.Client { return at(ua, device, ja4, "unknown") }
	for _, c := range []struct {
		name    string
		clients []*aerv1.Client // the first signs in; they take turns
		want    string
	}{
		{"an application signed in to by the browser on a train, one device", []*aerv1.Client{
			train(chromeUA, "D1", fresh), train(edgeUA, "D1", fresh), home(chromeUA, "D1", fresh), home(edgeUA, "D1", fresh)},
			""},
		{"and with no device known, in two places", []*aerv1.Client{
			home(chromeUA, "", fresh), home(edgeUA, "", fresh), train(chromeUA, "", fresh), train(edgeUA, "", fresh)}, ""},
		{"a proxy on a laptop on a journey", []*aerv1.Client{
			home(chromeUA, "D1", fresh), unknown(chromeUA, "D1", fresh), unknown(chromeUA, "D1", foreign)}, ""},
		{"a thief who begins with a copied client", []*aerv1.Client{
			home(chromeUA, "", fresh), home(chromeUA, "", fresh), unknown(chromeUA, "", fresh), unknown(edgeUA, "", fresh)},
			"act"},
		{"a thief's own device", []*aerv1.Client{
			home(chromeUA, "D1", fresh), home(chromeUA, "D1", fresh), unknown(chromeUA, "D1", fresh),
			unknown(edgeUA, "D2", fresh)}, "act"},
		{"a thief elsewhere, on the day that the owner travels", []*aerv1.Client{
			home(chromeUA, "D1", fresh), train(chromeUA, "D1", fresh), unknown(edgeUA, "D1", fresh)}, "act"},
		{"the same of a thief who keeps the program's name", []*aerv1.Client{
			home(chromeUA, "D1", fresh), train(chromeUA, "D1", fresh), at(chromeUA, "D1", foreign, "vps")}, "act"},
	} {
		events := []*aerv1.Event{event(0, c.clients[0], "user_login")}
		for i := range 12 {
			events = append(events, event(time.Minute+time.Duration(i)*30*time.Second,
				c.clients[i%len(c.clients)], "file_viewed"))
		}
		worst := ""
		for n := 2; n <= len(events); n++ {
			a := detectortest.Judge(t, detector, detectortest.Input(detectortest.Past(30), events[:n]))
			if got := detectortest.Strength(a); got == "act" || got == "log" && worst == "" {
				worst = got
			}
		}
		if worst != c.want {
			t.Errorf("%s: %q, want %q", c.name, worst, c.want)
		}
	}
}
