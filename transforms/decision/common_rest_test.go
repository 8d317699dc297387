// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// rollout is what somebody shows behind a new gateway at a minute, in a finding with these signs, which act from 0.9.
func rollout(user string, minute float64, own bool, weights map[string]float64) *aerv1.Anomaly {
	a := &aerv1.Anomaly{
		Id: aerv1.NewID("anomaly", user, fmt.Sprint(minute)), OrgId: "O", UserId: user,
		Type: aerv1.TypeSpoofedUserAgent, EpisodeKey: "k",
		KnownAt: aerv1.Time(day.Add(time.Duration(minute * float64(time.Minute)))), Magnitude: 1, Severity: "high",
		SessionIds: []string{"S-" + user},
		NewThings:  []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: "gateway"}, {Kind: aerv1.NewASN, Key: "AS64666"}},
		Evidence: &aerv1.Evidence{
			DeviceUsual: own, Threshold: 0.9,
			Client: &aerv1.Client{Ip: "203.0.113.7", Asn: 64666, DeviceId: "D", UserAgent: "ua",
				Facts: &aerv1.ClientFacts{Class: aerv1.ClassBrowser, Family: "chrome"}},
		},
	}
	for _, code := range []string{"fingerprint_unknown_for_family", "own_client_speaks_otherwise", "network_new",
		"device_new", "device_changed", "fork", "os_changed", "stale_cookie"} {
		if w := weights[code]; w > 0 {
			a.Evidence.Signs = append(a.Evidence.Signs, &aerv1.Sign{Code: code, Weight: w})
		}
	}
	a.Evidence.Observed = combineSigns(a.Evidence.Signs)
	a.Confidence = a.Evidence.Observed
	a.Time = a.KnownAt
	return a
}

func witness(user string, minute float64) *aerv1.Anomaly {
	a := rollout(user, minute, true, gatewaySigns())
	a.Hint, a.LogOnly, a.Confidence = true, true, 0
	return a
}

func gatewaySigns() map[string]float64 {
	return map[string]float64{"fingerprint_unknown_for_family": 0.7, "own_client_speaks_otherwise": 0.6,
		"network_new": 0.3}
}

func with(m map[string]float64, code string, w float64) map[string]float64 {
	m[code] = w
	return m
}

// Three people who are not found at all make the cause; whoever has a new device on that day, or cleared the cookies,
// is explained by it. What would be a finding without it stands, and so does everything where there are too few
// witnesses.
func TestWhatIsLeftDecides(t *testing.T) {
	const yes, folded = aerv1.Decision_RESPOND, aerv1.Decision_COMMON_CAUSE
	for _, c := range []struct {
		name      string
		witnesses int
		finding   *aerv1.Anomaly
		want      aerv1.Decision_Outcome
	}{
		{"a new device", 3, rollout("U9", 30, false, with(gatewaySigns(), "device_new", 0.3)), folded},
		{"with two witnesses", 2, rollout("U9", 30, false, with(gatewaySigns(), "device_new", 0.3)), yes},
		{"cleared cookies", 3, rollout("U9", 30, false, with(gatewaySigns(), "device_changed", 0.7)), folded},
		{"another device that takes turns", 3,
			rollout("U9", 30, false, with(with(gatewaySigns(), "device_changed", 0.7), "fork", 0.65)), yes},
		{"another device and system", 3,
			rollout("U9", 30, false, with(with(gatewaySigns(), "device_changed", 0.7), "os_changed", 0.75)), yes},
		{"an old cookie", 3, rollout("U9", 30, true, with(gatewaySigns(), "stale_cookie", 0.8)), yes},
		{"a strange device that was not weighed", 3, rollout("U9", 30, false, gatewaySigns()), yes},
		{"from another network", 3, func() *aerv1.Anomaly {
			a := rollout("U9", 30, false, with(gatewaySigns(), "device_new", 0.3))
			a.NewThings[1].Key, a.Evidence.Client.Asn = "AS64777", 64777
			return a
		}(), yes},
		{"from a network of unknown AS", 3, func() *aerv1.Anomaly {
			a := rollout("U9", 30, true, gatewaySigns())
			a.NewThings[1].Key, a.Evidence.Client.Asn = "203.0.113.0/24", 0
			return a
		}(), folded},
		{"no device is named", 3, func() *aerv1.Anomaly {
			a := rollout("U9", 30, false, gatewaySigns())
			a.Evidence.Client.DeviceId = ""
			return a
		}(), folded},
	} {
		var findings []*aerv1.Anomaly
		for i := range c.witnesses {
			findings = append(findings, witness(fmt.Sprint("U", i), float64(i)))
		}
		_, decisions := Replay(append(findings, c.finding), sharedConfig())
		if len(decisions) != 1 || decisions[0].Outcome != c.want || decisions[0].UserId != "U9" {
			t.Errorf("%s: %v, want %s", c.name, decisions, c.want)
		}
	}
}

// A witness leaves no trace in the user's history, and completes nothing that others have begun.
func TestAWitnessWeighsNothing(t *testing.T) {
	h := &aerv1.UserHistory{}
	busy := hint(0, 0.99)
	busy.OrgId, busy.UserId = "O", "U1"
	apply(h, busy)
	before := h.SizeVT()
	a := witness("U1", 10)
	a.SessionIds = busy.SessionIds
	if d := apply(h, a); d != nil || h.SizeVT() != before {
		t.Errorf("%v, %d bytes of history after %d", d, h.SizeVT(), before)
	}
	if a, d := Witness(h, a); a == nil || d.GetOutcome() != aerv1.Decision_OUTCOME_UNSPECIFIED {
		t.Errorf("%v %v", a, d)
	}
}

// A roll-out on a busy day: what a common cause may explain adds nothing to a volume; what is the finding's own does.
func TestARolloutIsNoCorroboration(t *testing.T) {
	for _, c := range []struct {
		name  string
		first *aerv1.Anomaly
		want  aerv1.Decision_Outcome
	}{
		{"the print alone", rollout("U1", 0, true, gatewaySigns()), aerv1.Decision_OUTCOME_UNSPECIFIED},
		{"with a new device", rollout("U1", 0, false, with(gatewaySigns(), "device_new", 0.3)),
			aerv1.Decision_OUTCOME_UNSPECIFIED},
		{"with another system",
			rollout("U1", 0, false, with(with(gatewaySigns(), "device_changed", 0.7), "os_changed", 0.75)),
			aerv1.Decision_RESPOND},
	} {
		h, busy := &aerv1.UserHistory{}, hint(10, 0.99)
		c.first.LogOnly = true
		busy.SessionIds = c.first.SessionIds
		apply(h, c.first)
		if d := apply(h, busy); d.GetOutcome() != c.want {
			t.Errorf("%s: %s, want %s: %s", c.name, d.GetOutcome(), c.want, d.GetReason())
		}
	}
}
