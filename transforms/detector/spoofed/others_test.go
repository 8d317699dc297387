// SPDX-License-Identifier: Apache-2.0

package spoofed_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// TestRowsOfOthersChangeNothing, whatever they are: nor does what fewer than five organisations are said to know.
func TestRowsOfOthersChangeNothing(t *testing.T) {
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		row := func(org string, least, most uint32) []*aerv1.BaselineFingerprint {
			program := rapid.SampledFrom([][2]string{{"browser", "firefox"}, {"browser", "chrome"},
				{"official", "slack-desktop"}, {"library", "curl"}, {"headless", "headless-chrome"}}).Draw(rt, "program")
			print := rapid.SampledFrom([]string{own, library, "t13d1717h2_c_145", "t12d0909h1_x_y"}).Draw(rt, "print")
			return shows(program[0], program[1], print, rapid.Uint32Range(least, most).Draw(rt, "n"), org)
		}
		rows := [][]*aerv1.BaselineFingerprint{shows("browser", "firefox", own, 5, world)}
		for range rapid.IntRange(0, 5).Draw(rt, "rows") {
			rows = append(rows, row("O", 1, 4))
		}
		for range rapid.IntRange(0, 3).Draw(rt, "rows of everybody") {
			rows = append(rows, row(world, 5, 9))
		}
		alone := known(rows...)
		for range rapid.IntRange(1, 5).Draw(rt, "rows of others") {
			rows = append(rows, row("O2", 1, 900), row(world, 1, 4))
		}
		c := detectortest.Firefox()
		c.Ja4 = rapid.SampledFrom([]string{own, library, "t13d1717h2_c_145", "t12d0909h1_x_y"}).Draw(rt, "ja4")
		c.DeviceId, c.Ip = rapid.SampledFrom([]string{"D1", "D2", ""}).Draw(rt, "device"),
			rapid.SampledFrom([]string{"192.0.2.1", "203.0.113.9"}).Draw(rt, "ip")
		ev := detectortest.Event(0, c, "S", "user_login", "")
		in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev})
		judge := func(x *baseline.Index) [2]*aerv1.Anomaly {
			in.Baseline = x
			return [2]*aerv1.Anomaly{detectortest.JudgeEvent(t, detector, &evidence.EventInput{Event: ev, Baseline: x}),
				detectortest.Judge(t, detector, in)}
		}
		want, got := judge(alone), judge(known(rows...))
		for i := range want {
			if !proto.Equal(want[i], got[i]) {
				rt.Fatalf("%v, without the others %v", got[i], want[i])
			}
			if want[i] != nil {
				found++
			}
		}
	})
	if found == 0 {
		t.Error("nothing was ever found: this test says nothing")
	}
}

// TestTheAccountsOwnFingerprint: what an account has shown for more than a week is its own, if nobody else has it.
func TestTheAccountsOwnFingerprint(t *testing.T) {
	odd := detectortest.Firefox()
	odd.Ja4, odd.DeviceId, odd.Ip = "t12d0909h2_x_y", "D2", "203.0.113.9"
	for _, c := range []struct {
		name string
		days []int
		want string
	}{
		{"the first day", nil, "act"}, {"a theft nine days ago", []int{-9}, "act"},
		{"every day for nine", []int{-9, -8, -7, -6, -5, -4, -3, -2, -1}, ""},
	} {
		var past []*aerv1.Event
		for _, d := range c.days {
			past = append(past, detectortest.Event(time.Duration(d)*24*time.Hour, odd, "X", "file_viewed", "known"))
		}
		now := detectortest.Firefox()
		now.Ja4, now.DeviceId, now.Ip = odd.Ja4, "D3", "198.51.100.7"
		in := detectortest.Input(detectortest.Past(30), past,
			[]*aerv1.Event{detectortest.Event(0, now, "S", "user_login", "")})
		in.Baseline = known(shows("browser", "firefox", own, 40))
		if got := detectortest.Strength(detectortest.Judge(t, detector, in)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The slow lane says again what the fast lane said, in the same episode, and whose device it was.
func TestTheSlowLaneSaysWhoseDeviceItWas(t *testing.T) {
	rows := known(shows("browser", "firefox", own, 40), shows("library", "python-requests", library, 2))
	for device, usual := range map[string]bool{"D1": true, "D2": false} {
		c := detectortest.Firefox()
		c.Ja4, c.DeviceId = library, device
		ev := detectortest.Event(0, c, "S", "file_viewed", "page")
		fast := detectortest.JudgeEvent(t, detector, &evidence.EventInput{Event: ev, Baseline: rows})
		in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev})
		in.Baseline = rows
		slow := detectortest.Judge(t, detector, in)
		if fast == nil || slow == nil || fast.EpisodeKey != slow.EpisodeKey || fast.Severity != slow.Severity ||
			fast.Magnitude != slow.Magnitude || fast.Id == slow.Id {
			t.Fatalf("fast %v\nslow %v", fast, slow)
		}
		if fast.Evidence.DeviceUsual || slow.Evidence.DeviceUsual != usual {
			t.Errorf("device %s: %t", device, slow.Evidence.DeviceUsual)
		}
		if len(fast.NewThings) != 1 || !proto.Equal(fast.NewThings[0], slow.NewThings[0]) ||
			fast.NewThings[0].Key != library {
			t.Errorf("%v, %v", fast.NewThings, slow.NewThings)
		}
	}
}
