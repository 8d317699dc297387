// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// newTo is a finding that would respond about one new thing, on the person's own device, which lacks other signs.
func newTo(user string, minute float64, kind, thing, key string) *aerv1.Anomaly {
	a := anomalyAt(minute, kind, "S-"+user)
	a.Id, a.UserId, a.NewThings = aerv1.NewID("anomaly", user, fmt.Sprint(minute)), user,
		[]*aerv1.NewThing{{Kind: thing, Key: key}}
	a.Evidence.DeviceUsual, a.Evidence.NetworkUsual = true, true
	if thing == aerv1.NewASN {
		a.Evidence.Signs = []*aerv1.Sign{{Code: "asn_new", Weight: 0.9}}
	}
	return a
}

func stranger(a *aerv1.Anomaly) *aerv1.Anomaly {
	a.Evidence.DeviceUsual, a.Evidence.NetworkUsual = false, false
	return a
}

// TestACommonCauseSaysWhatItIs, word for word, for all that can be new for many: the third person's finding is the
// notice.
func TestACommonCauseSaysWhatItIs(t *testing.T) {
	const end = ": the organisation's environment changed; nobody is signed out for it."
	const who = "Since 2026-11-22T00:00:00Z, 3 people with 1 kind of client "
	long := strings.Repeat("x", 100) // more than is kept of a name
	for _, c := range []struct{ detector, thing, key, says string }{
		{aerv1.TypeSpoofedUserAgent, aerv1.NewJA4, "J", who + "share one new TLS fingerprint (J) from 1 network" + end},
		{aerv1.TypeUnexpectedUserAgent, aerv1.NewAgent, "chrome/200",
			who + "use one new client (chrome/200) from 1 network" + end},
		{aerv1.TypeUnexpectedAPICallVolume, aerv1.NewMethod, "admin.list",
			who + "call one new API method (admin.list) from 1 network" + end},
		{aerv1.TypeSessionFingerprint, aerv1.NewASN, "AS64666", who + "come from one new network (AS64666)" + end},
		{aerv1.TypeUnexpectedUserAgent, aerv1.NewAgent, long,
			who + "use one new client (" + keep(long) + ") from 1 network" + end},
	} {
		var findings []*aerv1.Anomaly
		for i := range 3 {
			findings = append(findings, newTo(fmt.Sprint("U", i), float64(i), c.detector, c.thing, c.key))
		}
		anomalies, ds := Replay(findings, sharedConfig())
		last := ds[len(ds)-1]
		if len(ds) != 3 || last.Outcome != aerv1.Decision_COMMON_CAUSE || last.Reason != c.says ||
			last.Recommendation != adviceCommon || !last.Escalate || anomalies[2].Count != 3 {
			t.Errorf("%s of %d decisions: %q, want %q", last.Outcome, len(ds), last.Reason, c.says)
		}
	}
}

// TestWhyItIsNoCommonCause: two are none, and what is nobody's kind of thing is none for any number; both are said.
func TestWhyItIsNoCommonCause(t *testing.T) {
	say := func(people int, kind string) string {
		var findings []*aerv1.Anomaly
		for i := range people {
			findings = append(findings, newTo(fmt.Sprint("U", i), float64(i), aerv1.TypeSpoofedUserAgent, kind, "J"))
		}
		_, ds := Replay(findings, sharedConfig())
		for _, g := range ds[len(ds)-1].Trace {
			if g.Gate == GateCommonCause {
				return ds[len(ds)-1].Outcome.String() + ": " + g.Detail
			}
		}
		return "nothing"
	}
	for _, c := range []struct {
		people int
		kind   string
		want   string
	}{
		{1, aerv1.NewJA4, "RESPOND: Nobody else of the organisation has what is new here within 6 h."},
		{2, aerv1.NewJA4, "RESPOND: Since 2026-11-22T00:00:00Z, 2 people share one new TLS fingerprint (J), 2 of them " +
			"within 6 h on their own known devices: no common cause explains all of this finding."},
		{4, "moon", "RESPOND: Since 2026-11-22T00:00:00Z, 4 people share one new thing (moon J), 0 of them " +
			"within 6 h on their own known devices: no common cause explains all of this finding."},
	} {
		if got := say(c.people, c.kind); got != c.want {
			t.Errorf("%d people, %s: %q, want %q", c.people, c.kind, got, c.want)
		}
	}
}

// TestACampaignSaysWhence: strange devices that share a new print, or a new network, are answered each; from the third
// on the decision says so, and people are told of the campaign once.
func TestACampaignSaysWhence(t *testing.T) {
	for _, c := range []struct {
		name, detector, thing, key string
		asn                        uint32
		ip                         string
		says                       string
	}{
		{"by provider", aerv1.TypeSpoofedUserAgent, aerv1.NewJA4, "J", 64666, "198.51.100.7",
			" account within 2 h reached from AS64666 with the same new TLS fingerprint: a campaign. Nobody objected"},
		{"by neighbourhood", aerv1.TypeSpoofedUserAgent, aerv1.NewJA4, "J", 0, "198.51.100.7",
			" account within 2 h reached from 198.51.100.0/24 with the same new TLS fingerprint: a campaign. Nobody objected"},
		{"from nowhere", aerv1.TypeSpoofedUserAgent, aerv1.NewJA4, "J", 0, "",
			" account within 2 h reached with the same new TLS fingerprint: a campaign. Nobody objected"},
		{"one network", aerv1.TypeSessionFingerprint, aerv1.NewASN, "AS64666", 64666, "198.51.100.7",
			" account within 2 h reached from the same new network (AS64666): a campaign. Nobody objected"},
	} {
		var findings []*aerv1.Anomaly
		for i := range 5 {
			a := stranger(newTo(fmt.Sprint("U", i), float64(i), c.detector, c.thing, c.key))
			a.Evidence.Client.Asn, a.Evidence.Client.Ip = c.asn, c.ip
			findings = append(findings, a)
		}
		_, ds := Replay(findings, sharedConfig())
		for i, d := range ds {
			says := strings.HasPrefix(d.Reason, "The "+[]string{"", "", "3rd", "4th", "5th"}[i]+c.says)
			if !WantsReset(d) || says != (i >= 2) || d.Escalate != (i == 2) {
				t.Errorf("%s, account %d: %s, told: %t, %q", c.name, i+1, d.Outcome, d.Escalate, d.Reason)
			}
		}
	}
}

// TestNumbersInWords: what people read is English.
func TestNumbersInWords(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th",
		21: "21st", 22: "22nd", 103: "103rd", 111: "111th", 112: "112th", 121: "121st"} {
		if got := ordinal(n); got != want {
			t.Errorf("ordinal %q, want %q", got, want)
		}
	}
	for n, want := range map[int]string{0: "0 people", 1: "1 person", 2: "2 people", 127: "127 people",
		maxCausePeople: "128 people or more"} {
		if got := people(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
