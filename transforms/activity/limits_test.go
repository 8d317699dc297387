// SPDX-License-Identifier: Apache-2.0

package activity_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// maxSliceBytes is what doc.go promises for a slice of events whose texts are as long as package event lets them be.
const maxSliceBytes = 96 << 10

// hostile is a window of events in which everything is new and every text as long as the decoder admits.
func hostile(n int) []*aerv1.Event {
	long := func(name string, i, size int) string {
		s := fmt.Sprintf("%s-%d-", name, i)
		return s + strings.Repeat("x", size-len(s))
	}
	var out []*aerv1.Event
	for i := range n {
		ev := &aerv1.Event{
			Id: long("id", i, 256), Time: aerv1.Time(activitytest.Monday.Add(time.Duration(i%10_000) * time.Millisecond)),
			OrgId: long("org", 0, 256), UserId: long("user", 0, 256), SessionId: long("session", i, 256), UserType: "external",
			Action: "file_downloaded", Object: &aerv1.Object{Type: "file", Id: long("object", i, 256)}, Outcome: "",
			ApiMethod: long("method", i%100, 256), CookieTime: aerv1.Time(activitytest.Monday),
			Client: &aerv1.Client{
				Ip: long("ip", i, 256), UserAgent: long("agent", i, 1024), DeviceId: long("device", i, 256),
				Ja4: long("ja4", i, 256),
				Asn: math.MaxUint32, Country: long("country", i, 256),
				Facts: &aerv1.ClientFacts{Class: "mobile_app", Family: strings.Repeat("f", 40), Version: strings.Repeat("9", 24),
					Os: "chromeos", Hosting: true},
			},
		}
		if i%2 == 0 {
			ev.Action = "file_viewed"
		}
		out = append(out, ev)
	}
	return out
}

func TestCapsHold(t *testing.T) {
	events := hostile(10_000)
	for i, ev := range events {
		ev.Client.Ip, ev.Client.Facts = fmt.Sprintf("2001:db8:%x::1", i%100), &aerv1.ClientFacts{Tor: true}
	}
	s := slice(events)
	for name, n := range map[string][2]int{
		"references": {len(s.Refs), 16}, "facets": {len(s.Facets), 16}, "methods": {len(s.Methods), 65},
		"downloads": {len(s.Downloads.Hashes), 256}, "reads": {len(s.Reads.Hashes), 256}, "actions": {len(s.Actions), 32},
		"pace":      {len(s.Pace), 10},
		"Tor exits": {len(s.TorAddresses), 16},
	} {
		if n[0] > n[1] {
			t.Errorf("%d %s, at most %d", n[0], name, n[1])
		}
	}
	for _, m := range s.Methods {
		if len(m.CallIds) > 64 {
			t.Errorf("%d call hashes, at most 64", len(m.CallIds))
		}
	}
	held := s.FacetsDropped
	for _, f := range s.Facets {
		held += f.Events
	}
	if held != s.Events || s.Events != 10_000 {
		t.Errorf("facets hold %d of %d events, 10000 came", held, s.Events)
	}
	size := len(bytesOf(t, s))
	t.Logf("worst case: %d bytes", size)
	if size > maxSliceBytes || size < maxSliceBytes/2 {
		t.Errorf("the worst slice has %d bytes; doc.go and maxSliceBytes say at most %d", size, maxSliceBytes)
	}
}

func TestSliceOfOneEventIsSmall(t *testing.T) {
	total := 0
	events := activitytest.Stream{Seed: 1, Events: 500, Span: time.Hour}.Make()
	for _, ev := range events {
		total += len(bytesOf(t, activity.Summarise(ev, activity.DefaultWindowMS)))
	}
	if mean := total / len(events); mean > 300 {
		t.Errorf("a slice of one event takes %d bytes, doc.go says about 300", mean)
	}
}

// TestCallsAreExactAndThenEstimates: within four times the relative error of 1/sqrt(k-2).
func TestCallsAreExactAndThenEstimates(t *testing.T) {
	for _, n := range []int{1, 64, 65, 500, 20_000} {
		s := slice(calls(n, func(int) string { return "users.info" }))
		within(t, "calls", float64(s.Methods[0].Calls), n, 64)
	}
}

func within(t *testing.T, what string, got float64, n, k int) {
	t.Helper()
	if n <= k {
		if got != float64(n) {
			t.Errorf("%v %s counted, want exactly %d", got, what, n)
		}
		return
	}
	if e := math.Abs(got-float64(n)) / float64(n); e > 4/math.Sqrt(float64(k-2)) {
		t.Errorf("%v %s counted of %d: off by %.1f %%", got, what, n, 100*e)
	}
}

// calls makes n calls in one window.
func calls(n int, method func(i int) string) []*aerv1.Event {
	var out []*aerv1.Event
	for i := range n {
		out = append(out, &aerv1.Event{
			Id: fmt.Sprintf("c-%d", i), Time: aerv1.Time(activitytest.Monday), OrgId: "O", UserId: "U",
			Action: "api_call", ApiMethod: method(i), Outcome: aerv1.OutcomeError,
		})
	}
	return out
}

func TestMethodsBeyondTheLimitAreCountedTogether(t *testing.T) {
	s := slice(calls(300, func(i int) string { return fmt.Sprintf("m%03d", i%100) }))
	if len(s.Methods) != 65 || s.Methods[0].Method != "" || s.Methods[1].Method != "m000" ||
		s.Methods[64].Method != "m063" {
		t.Fatalf("%d methods from %q to %q", len(s.Methods), s.Methods[0].Method, s.Methods[len(s.Methods)-1].Method)
	}
	errors, others := uint32(0), s.Methods[0]
	for _, m := range s.Methods {
		errors += m.Errors
	}
	if errors != 300 {
		t.Errorf("%d errors kept of 300", errors)
	}
	within(t, "folded calls", float64(others.Calls), 108, 64)
	for _, m := range s.Methods[1:] {
		if m.Calls != 3 {
			t.Errorf("%d calls of %s, want 3", m.Calls, m.Method)
		}
	}
}

func TestWindowStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(-1e14, 1e14).Draw(t, "t")
		size := rapid.Int64Range(1, 100_000).Draw(t, "size")
		if start := activity.WindowStartMS(at, size); start > at || at >= start+size || start%size != 0 {
			t.Fatalf("%d ms: window of %d ms starts at %d", at, size, start)
		}
	})
}

func TestTimesBefore1970(t *testing.T) {
	ev := &aerv1.Event{Id: "1", Time: aerv1.Time(time.UnixMilli(-25_500)), OrgId: "O", UserId: "U", Action: "user_login"}
	acc := activity.NewAccumulator(10_000)
	acc.Add(ev)
	b := acc.Batch()
	if s := b.Slices[0]; s.WindowStartMs != -30_000 || s.Pace[4] != 1 || b.WindowEndMs != -20_000 {
		t.Errorf("window from %d, pace %v, batch ends at %d", s.WindowStartMs, s.Pace, b.WindowEndMs)
	}
}

// TestTailOfTheWindow: a window that is no whole number of seconds has no second of its own for its tail.
func TestTailOfTheWindow(t *testing.T) {
	for _, c := range []struct {
		windowMS, atMS int32
		second, of     int
	}{{10_000, 0, 0, 10}, {10_000, 9_999, 9, 10}, {10_500, 10_499, 9, 10}, {400, 399, 0, 1}} {
		start := activity.WindowStartMS(activitytest.Monday.UnixMilli(), int64(c.windowMS))
		ev := &aerv1.Event{Id: "1", Time: aerv1.Time(time.UnixMilli(start + int64(c.atMS))), OrgId: "O", UserId: "U",
			Action: "user_login"}
		if s := activity.Summarise(ev, c.windowMS); len(s.Pace) != c.of || s.Pace[c.second] != 1 {
			t.Errorf("%d ms into a window of %d: pace %v", c.atMS, c.windowMS, s.Pace)
		}
	}
}

func TestPollingIsNoPaceAndNoCall(t *testing.T) {
	s := slice(calls(5, func(int) string { return "client.counts" }))
	if s.Events != 5 || len(s.Pace) != 0 || len(s.Methods) != 0 || s.Facets[0].Calls != 0 {
		t.Errorf("%d events, pace %v, methods %v", s.Events, s.Pace, s.Methods)
	}
}

func TestObjectsWithoutAnID(t *testing.T) {
	var events []*aerv1.Event
	for i := range 3 {
		events = append(events, &aerv1.Event{Id: fmt.Sprint(i), Time: aerv1.Time(activitytest.Monday), OrgId: "O",
			UserId: "U", Action: "file_downloaded"})
	}
	if n := len(slice(append(events, events[0])).Downloads.Hashes); n != 3 {
		t.Errorf("three downloads of unknown files, one of them delivered twice, count %d", n)
	}
}

// TestLongUserAgentStaysText: what goes through a message must be valid UTF-8, or rendering the finding fails.
func TestLongUserAgentStaysText(t *testing.T) {
	for pad := range 4 {
		ev := &aerv1.Event{Id: "1", Time: aerv1.Time(activitytest.Monday), OrgId: "O", UserId: "U", Action: "user_login",
			Client: &aerv1.Client{UserAgent: strings.Repeat("x", pad) + strings.Repeat("界", 200)}}
		s := activity.Summarise(ev, activity.DefaultWindowMS)
		if got := s.Facets[0].Client.UserAgent; !utf8.ValidString(got) || len(got) < 250 || len(got) > 256 {
			t.Errorf("%d bytes kept, valid: %v", len(got), utf8.ValidString(got))
		}
		if _, err := aerv1.MarshalJSONLine(s); err != nil {
			t.Error(err)
		}
	}
}

// A JA3 that is new with every connection names nobody.
func TestAFingerprintThatDependsOnTheOrderOfExtensions(t *testing.T) {
	const ja3, chrome = "0123456789abcdef0123456789abcdef",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"
	for _, c := range []struct {
		name   string
		client *aerv1.Client
		want   string
	}{
		{"a browser that permutes", &aerv1.Client{UserAgent: chrome + "131.0.0.0 Safari/537.36", Ja3: ja3}, ""},
		{"its JA4, which sorts them", &aerv1.Client{UserAgent: chrome + "131.0.0.0 Safari/537.36", Ja3: ja3,
			Ja4: "t13d1516h2_a_b"}, "t13d1516h2_a_b"},
		{"an older one", &aerv1.Client{UserAgent: chrome + "109.0.0.0 Safari/537.36", Ja3: ja3}, ja3},
		{"a library", &aerv1.Client{UserAgent: "curl/8.5.0", Ja3: ja3}, ja3},
	} {
		ev := &aerv1.Event{Id: "e", Time: aerv1.TimeMS(0), OrgId: "O", UserId: "U", Action: "file_viewed", Client: c.client}
		if got := activity.Summarise(ev, activity.DefaultWindowMS).Facets[0].Client.Ja4; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestShardSpreadsUsersAndStays(t *testing.T) {
	count := map[int32]int{}
	for i := range 16_000 {
		s := activity.Shard("O1", aerv1.UserID(fmt.Sprintf("U%d", i)), 16)
		if s != activity.Shard("O1", aerv1.UserID(fmt.Sprintf("U%d", i)), 16) || s < 0 || s > 15 {
			t.Fatalf("shard %d", s)
		}
		count[s]++
	}
	for s, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("shard %d has %d users of 16000", s, n)
		}
	}
	if got := activity.Shard("O1", "U1", 16); got != 6 {
		t.Errorf("O1/U1 is in shard %d, was 6: another hash re-keys all state", got)
	}
}
