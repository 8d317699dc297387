// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// weak is a finding that only logs, at a minute, in session S1 unless others are named.
func weak(minute float64, kind string, confidence float64, codes ...string) *aerv1.Anomaly {
	a := anomalyAt(minute, kind, "S1")
	a.LogOnly, a.Confidence = true, confidence
	a.Evidence.FormulaFilled = "its own figures"
	for _, c := range codes {
		a.Evidence.Signs = append(a.Evidence.Signs, &aerv1.Sign{Code: c, Weight: 0.5})
	}
	return a
}

func hint(minute, share float64) *aerv1.Anomaly {
	a := weak(minute, aerv1.TypeUnexpectedScraping, share)
	a.Hint = true
	return a
}

func another(a *aerv1.Anomaly) *aerv1.Anomaly {
	a.EpisodeKey = "another"
	return a
}

func elsewhere(a *aerv1.Anomaly) *aerv1.Anomaly {
	a.SessionIds = []string{"S2"}
	a.Evidence.Client = &aerv1.Client{Ip: "192.0.2.1", DeviceId: "D-other", UserAgent: "other"}
	return a
}

func TestWeakFindingsOfDifferentDetectorsAct(t *testing.T) {
	cookie := func(minute float64) *aerv1.Anomaly {
		return weak(minute, aerv1.TypeSessionFingerprint, 0.85, "stale_cookie")
	}
	for _, c := range []struct {
		name   string
		first  *aerv1.Anomaly
		second *aerv1.Anomaly
		want   aerv1.Decision_Outcome
	}{
		{"a contradicted session and a volume near its limit", cookie(0), hint(10, 0.9), aerv1.Decision_RESPOND},
		{"the other way round", hint(0, 0.9), cookie(10), aerv1.Decision_RESPOND},
		{"the weakest of both", weak(0, aerv1.TypeSessionFingerprint, 0.8, "stale_cookie"), hint(10, 0.75),
			aerv1.Decision_OUTCOME_UNSPECIFIED},
		{"an hour apart", cookie(0), hint(60, 0.9), aerv1.Decision_RESPOND},
		{"more than an hour apart", cookie(0), hint(61, 0.9), aerv1.Decision_OUTCOME_UNSPECIFIED},
		{"another session and client", cookie(0), elsewhere(hint(10, 0.9)), aerv1.Decision_OUTCOME_UNSPECIFIED},
		{"one detector twice", cookie(0), another(weak(10, aerv1.TypeSessionFingerprint, 0.85, "device_changed")),
			aerv1.Decision_LOG_ONLY},
		{"a new client, told by two detectors", weak(0, aerv1.TypeSessionFingerprint, 0.85, "family_changed"),
			weak(10, aerv1.TypeUnexpectedUserAgent, 0.8), aerv1.Decision_LOG_ONLY},
		{"a client update on a new network", weak(0, aerv1.TypeSessionFingerprint, 0.85, "family_changed", "asn_new"),
			weak(10, aerv1.TypeTor, 0.8), aerv1.Decision_LOG_ONLY},
		{"a new client and a Tor exit on an old list", weak(0, aerv1.TypeUnexpectedUserAgent, 0.8),
			weak(10, aerv1.TypeTor, 0.6), aerv1.Decision_RESPOND},
		{"much read and much downloaded is one busy hour", hint(0, 1), weak(10, aerv1.TypeExcessiveDownloads, 0.99),
			aerv1.Decision_LOG_ONLY},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &aerv1.UserHistory{}
			apply(h, c.first)
			if d := apply(h, c.second); d.GetOutcome() != c.want {
				t.Errorf("%s, want %s: %s", d.GetOutcome(), c.want, d.GetReason())
			}
		})
	}
}

// More volume never corroborates less: just above its limit a detector is less certain than of a hint just below.
func TestVolumeAboveItsLimitCorroboratesAsMuch(t *testing.T) {
	above := hint(10, 1)
	above.Hint, above.Magnitude, above.Confidence = false, 1.02, 0.51
	h := &aerv1.UserHistory{}
	apply(h, weak(0, aerv1.TypeSessionFingerprint, 0.85, "stale_cookie"))
	if d := apply(h, above); d.GetOutcome() != aerv1.Decision_RESPOND {
		t.Errorf("%s: %s", d.GetOutcome(), d.GetReason())
	}
}

// The evidence adds up when it is checked by hand, and names what corroborates it.
func TestCorroborationIsExplained(t *testing.T) {
	h := &aerv1.UserHistory{}
	first := weak(0, aerv1.TypeSessionFingerprint, 0.85, "stale_cookie")
	second := hint(10, 0.9)
	before := proto.Clone(second)
	apply(h, first)
	a, d := User{}.Apply(h, second, Env{Settings: respondAll(2)})
	if d.GetOutcome() != aerv1.Decision_RESPOND || !proto.Equal(before, second) {
		t.Fatalf("%v; the finding itself is %v", d, second)
	}
	rest := 1.0
	for _, s := range a.Evidence.Signs {
		rest *= 1 - s.Weight
	}
	e := a.Evidence
	if math.Abs(1-rest-a.Confidence) > 1e-9 || e.Observed != a.Confidence || e.Threshold != CorroboratedAct || a.LogOnly ||
		a.Hint || a.Id != second.Id {
		t.Errorf("%v", a)
	}
	all := fmt.Sprint(e.Signs, e.FormulaFilled, a.Summary)
	for _, want := range []string{first.Id, second.Id, "its own figures",
		"1 - (1 - 0.85 session_fingerprint) × (1 - 0.54 unexpected_scraping) = 0.931, T = 0.90",
		"corroborated by session fingerprint"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
}

// What is not held against a user corroborates nothing, and neither does what a reset has dealt with.
func TestWhatDoesNotCount(t *testing.T) {
	trusted := respondAll(2)
	trusted.Trusted = []*aerv1.TrustedNetwork{{Cidr: "192.0.2.0/24"}}
	excluded := respondAll(2)
	excluded.Detectors[aerv1.TypeSessionFingerprint].ExcludedUsers = []string{"U1"}
	off := respondAll(2)
	off.Detectors[aerv1.TypeSessionFingerprint].Mode = aerv1.DetectorOff
	first := func() *aerv1.Anomaly { return weak(0, aerv1.TypeSessionFingerprint, 0.85, "stale_cookie") }
	fromOffice := first()
	fromOffice.Evidence.Client.Ip = "192.0.2.7"
	for name, c := range map[string]struct {
		s     *aerv1.Settings
		first []*aerv1.Anomaly
	}{
		"a trusted network":      {trusted, []*aerv1.Anomaly{fromOffice}},
		"an excluded person":     {excluded, []*aerv1.Anomaly{first()}},
		"a detector that is off": {off, []*aerv1.Anomaly{first()}},
		"before a reset":         {respondAll(2), []*aerv1.Anomaly{first(), anomalyAt(5, aerv1.TypeTor, "S9")}},
	} {
		h := &aerv1.UserHistory{}
		for _, a := range c.first {
			User{}.Apply(h, a, Env{Settings: settings.Complete(c.s)})
		}
		if e, d := (User{}).Apply(h, hint(10, 1), Env{Settings: settings.Complete(c.s)}); e != nil || d != nil {
			t.Errorf("%s: %s", name, d.Outcome)
		}
	}
}

// However often and however surely one detector says it, or several of what has one cause: a weak sign only logs, and a
// hint is never shown.
func TestASingleWeakSignOnlyLogs(t *testing.T) {
	causes := [][]string{
		{aerv1.TypeUnexpectedUserAgent, aerv1.TypeSpoofedUserAgent, aerv1.TypeSessionFingerprint},
		{aerv1.TypeUnexpectedScraping, aerv1.TypeExcessiveDownloads, aerv1.TypeUnexpectedAPICallVolume}, {aerv1.TypeTor},
	}
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SampledFrom(causes).Draw(t, "cause")
		var findings []*aerv1.Anomaly
		for i := range rapid.IntRange(1, 30).Draw(t, "findings") {
			a := weak(rapid.Float64Range(0, 300).Draw(t, "minute"), rapid.SampledFrom(kinds).Draw(t, "type"),
				rapid.Float64Range(0, 1).Draw(t, "confidence"))
			a.Id, a.Hint = aerv1.NewID("anomaly", fmt.Sprint(i)), rapid.Bool().Draw(t, "hint")
			findings = append(findings, a)
		}
		s := respondAll(2)
		emitted, decisions := Replay(findings, Config{Settings: func(string) *aerv1.Settings { return s }})
		for i, d := range decisions {
			if d.Outcome != aerv1.Decision_LOG_ONLY || emitted[i].Hint {
				t.Fatalf("%s: %v", d.Outcome, emitted[i])
			}
		}
	})
}

// Turns between networks and a Tor exit are one cause, and no sign of a new client.
func TestAForkOfNetworksIsTheNetworks(t *testing.T) {
	for code, want := range map[string]uint32{"fork_network": causeNetwork, "fork": causeClient, "place_new": causeNetwork,
		"stale_cookie": causeCookie} {
		if got := causesOf(weak(0, aerv1.TypeSessionFingerprint, 0.8, code)); got != want {
			t.Errorf("%s: causes %b, want %b", code, got, want)
		}
	}
}

// A repetition of the slow lane says whose client it was that a Tor finding led to a reset about; a later finding may
// not.
func TestTorLearnsWhoseClientItWas(t *testing.T) {
	for name, c := range map[string]struct {
		minute float64
		want   aerv1.Decision_Outcome
	}{"within the window": {0.1, aerv1.Decision_RESPOND}, "an hour later": {60, aerv1.Decision_PERSISTING}} {
		h := &aerv1.UserHistory{}
		apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
		again := anomalyAt(c.minute, aerv1.TypeTor, "S1")
		again.Evidence.ClientUsual, again.EventIds = true, []string{"e"}
		apply(h, again)
		next := anomalyAt(90, aerv1.TypeTor, "S2")
		next.Evidence.Client.Ip, next.Evidence.Client.Asn = "203.0.113.9", 64999
		if d := apply(h, next); d.GetOutcome() != c.want {
			t.Errorf("%s: %s, want %s: %s", name, d.GetOutcome(), c.want, d.GetReason())
		}
	}
}

// What a reset has dealt with corroborates nothing in the session that the person opens next.
func TestWhatWasDealtWithCorroboratesNothing(t *testing.T) {
	fresh := func(minute float64) *aerv1.Anomaly {
		a := weak(minute, aerv1.TypeSessionFingerprint, 0.85, "stale_cookie")
		a.SessionIds = []string{"S2"}
		return a
	}
	volume := func(minute float64) *aerv1.Anomaly {
		a := hint(minute, 0.9)
		a.SessionIds = []string{"S2"}
		a.Evidence.ClientUsual, a.Evidence.NetworkUsual = true, true
		return a
	}
	late, carried, after, strange := volume(5), volume(5), volume(5), volume(5)
	late.Time = aerv1.Time(day.Add(-time.Minute))
	carried.Window = &aerv1.Window{Start: aerv1.Time(day.Add(-time.Minute)), End: carried.KnownAt}
	after.Window = &aerv1.Window{Start: aerv1.Time(day.Add(time.Minute)), End: after.KnownAt}
	strange.Window, strange.Evidence.NetworkUsual = carried.Window, false
	for _, c := range []struct {
		name string
		hint *aerv1.Anomaly
		want aerv1.Decision_Outcome
	}{
		{"evidence from before the reset that comes late", late, aerv1.Decision_LOG_ONLY},
		{"the user's own volume over a window that began before it", carried, aerv1.Decision_LOG_ONLY},
		{"the same after it", after, aerv1.Decision_RESPOND},
		{"a stranger's", strange, aerv1.Decision_RESPOND},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &aerv1.UserHistory{}
			first := anomalyAt(0, aerv1.TypeTor, "S1")
			first.Evidence.Client = &aerv1.Client{Ip: "203.0.113.9", DeviceId: "D-stranger"}
			if d := apply(h, first); d.GetOutcome() != aerv1.Decision_RESPOND {
				t.Fatal(d.GetReason())
			}
			apply(h, c.hint)
			if d := apply(h, fresh(8)); d.GetOutcome() != c.want {
				t.Errorf("%s, want %s: %s", d.GetOutcome(), c.want, d.GetReason())
			}
		})
	}
}
