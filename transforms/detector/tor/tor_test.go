// SPDX-License-Identifier: Apache-2.0

package tor_test

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/tor"
)

func through(exit, stale bool, ip string) *aerv1.Event {
	c := detectortest.Firefox()
	c.Ip, c.Asn = ip, 64999
	c.Facts.Tor, c.Facts.TorStale = exit, stale
	return detectortest.Event(0, c, "S", "file_viewed", "page")
}

func TestTorInBothLanes(t *testing.T) {
	for _, c := range []struct {
		name        string
		exit, stale bool
		fast, slow  string
	}{
		{"an exit", true, false, "act", "act"}, {"an exit by a list that is too old", true, true, "log", ""},
		{"a relay", false, false, "", ""},
	} {
		ev := through(c.exit, c.stale, "198.51.100.5")
		fast := detectortest.JudgeEvent(t, tor.Detector{}, &evidence.EventInput{Event: ev})
		slow := detectortest.Judge(t, tor.Detector{}, detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev}))
		if detectortest.Strength(fast) != c.fast || detectortest.Strength(slow) != c.slow {
			t.Errorf("%s: %v and %v", c.name, fast, slow)
		}
	}
}

// Only the slow lane knows the user; both say the same of the address and meet in one episode.
func TestTheSlowLaneKnowsTheUsersClient(t *testing.T) {
	ev := through(true, false, "198.51.100.5")
	fast := detectortest.JudgeEvent(t, tor.Detector{}, &evidence.EventInput{Event: ev})
	slow := detectortest.Judge(t, tor.Detector{}, detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev}))
	if fast.EpisodeKey != slow.EpisodeKey || fast.Evidence.FormulaFilled != slow.Evidence.FormulaFilled ||
		fast.Id == slow.Id {
		t.Errorf("%v\n%v", fast, slow)
	}
	if e := slow.Evidence; !e.ClientUsual || e.NetworkUsual || fast.Evidence.ClientUsual {
		t.Errorf("client usual %v, network usual %v", e.ClientUsual, e.NetworkUsual)
	}
	if d := slow.KnownAt.AsTime().Sub(fast.KnownAt.AsTime()); d < 0 || d > 10*time.Second {
		t.Errorf("the repetition comes %s later", d)
	}
}

// Another client at the same time is not the one behind the exit.
func TestOnlyTheClientBehindTheExit(t *testing.T) {
	in := detectortest.Input(detectortest.Past(30),
		[]*aerv1.Event{detectortest.Event(0, detectortest.Firefox(), "S", "file_viewed", "page")})
	in.Slice.TorAddresses = []string{"198.51.100.5"}
	if a := detectortest.Judge(t, tor.Detector{}, in); a != nil {
		t.Errorf("%v", a)
	}
}
