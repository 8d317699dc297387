// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// takeOne has the stage decide about a finding for which sessions would end.
func takeOne(st *aerv1.CommonState, a *aerv1.Anomaly) *aerv1.Decision {
	d := &aerv1.Decision{AnomalyId: a.Id, OrgId: a.OrgId, UserId: a.UserId, Time: a.KnownAt,
		Outcome: aerv1.Decision_RESPOND}
	out, _ := Common{}.Take(st, []Held{Hold(Decided{Anomaly: a, Decision: d})}, knownAt(a).UnixMilli())
	if len(out) == 0 {
		return nil
	}
	return out[0].Decision
}

func printOf(user string, hour float64) *aerv1.Anomaly {
	return newTo(user, 60*hour, aerv1.TypeSpoofedUserAgent, aerv1.NewJA4, "J")
}

// unnamed is a finding of a profile that knows no device by name.
func unnamed(a *aerv1.Anomaly) *aerv1.Anomaly {
	a.Evidence.DeviceUsual, a.Evidence.Client = false, proto.CloneOf(a.Evidence.Client)
	a.Evidence.Client.DeviceId = ""
	return a
}

// TestWhoMakesACommonCause: what the last of these is told.
func TestWhoMakesACommonCause(t *testing.T) {
	fast := func(a *aerv1.Anomaly) *aerv1.Anomaly {
		a.Evidence.DeviceUsual, a.Window = false, &aerv1.Window{Start: a.KnownAt, End: a.KnownAt}
		return a
	}
	family := func(a *aerv1.Anomaly, f string) *aerv1.Anomaly {
		a.Evidence.Client.Facts = &aerv1.ClientFacts{Family: f}
		return a
	}
	const folded, yes = aerv1.Decision_COMMON_CAUSE, aerv1.Decision_RESPOND
	for name, c := range map[string]struct {
		findings []*aerv1.Anomaly
		want     aerv1.Decision_Outcome
	}{
		"three on their own devices":    {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 3), printOf("C", 5.9)}, folded},
		"two":                           {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 1)}, yes},
		"one person three times":        {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 1), printOf("A", 2)}, yes},
		"too far apart":                 {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 3), printOf("C", 6)}, yes},
		"two, and one by the fast lane": {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 1), fast(printOf("C", 2))}, folded},
		"two, and one without a device": {[]*aerv1.Anomaly{printOf("A", 0), printOf("B", 1), unnamed(printOf("C", 2))}, folded},
		"devices without names count for nobody": {[]*aerv1.Anomaly{printOf("A", 0), unnamed(printOf("B", 1)),
			unnamed(printOf("C", 2)), unnamed(printOf("D", 3)), printOf("A", 4)}, yes},
		"a stranger among few": {[]*aerv1.Anomaly{stranger(printOf("X", 0)), printOf("A", 1), printOf("B", 2),
			unnamed(printOf("C", 2))}, yes},
		"as many strangers": {[]*aerv1.Anomaly{stranger(printOf("X", 0)), stranger(printOf("Y", 0)), stranger(printOf("Z", 0)),
			printOf("A", 1), printOf("B", 2), printOf("C", 3)}, yes},
		"one print of three programs": {[]*aerv1.Anomaly{family(fast(printOf("A", 0)), "slack"),
			family(fast(printOf("B", 1)), "edge"), family(fast(printOf("C", 2)), "chrome")}, folded},
		"without devices": {[]*aerv1.Anomaly{family(unnamed(printOf("A", 0)), "slack"),
			family(unnamed(printOf("B", 1)), "edge"), family(unnamed(printOf("C", 2)), "chrome")}, yes},
		"of two programs": {[]*aerv1.Anomaly{family(fast(printOf("A", 0)), "slack"),
			family(fast(printOf("B", 1)), "edge"), family(fast(printOf("C", 2)), "edge")}, yes},
	} {
		st := &aerv1.CommonState{}
		var last *aerv1.Decision
		for _, a := range c.findings {
			last = takeOne(st, a)
		}
		if last.GetOutcome() != c.want {
			t.Errorf("%s: %s, want %s: %s", name, last.GetOutcome(), c.want, last.GetReason())
		}
	}
}

// A common cause holds for CommonMemory after somebody who is no stranger had it; strangers do not keep it alive, and
// when they are as many as the others it is over.
func TestCommonCausesEnd(t *testing.T) {
	const hours = 7 * 24.0
	for name, c := range map[string]struct {
		between []*aerv1.Anomaly
		user    string
		hour    float64
		folded  bool
	}{
		"a week of silence":       {nil, "E", 2 + hours, true},
		"and an hour":             {nil, "E", 3 + hours, false},
		"somebody had it since":   {[]*aerv1.Anomaly{printOf("D", 100)}, "E", 99 + hours, true},
		"a stranger had it since": {[]*aerv1.Anomaly{stranger(printOf("X", 100))}, "E", 3 + hours, false},
		"two strangers had it":    {[]*aerv1.Anomaly{stranger(printOf("X", 3)), stranger(printOf("Y", 3))}, "A", 4, true},
		"three had it": {[]*aerv1.Anomaly{stranger(printOf("X", 3)), stranger(printOf("Y", 3)),
			stranger(printOf("Z", 3))}, "A", 4, false},
		"three, and somebody whose device has no name": {[]*aerv1.Anomaly{unnamed(printOf("D", 3)),
			stranger(printOf("X", 3)), stranger(printOf("Y", 3)), stranger(printOf("Z", 3))}, "A", 4, false},
		"three, and now one more of the others": {[]*aerv1.Anomaly{stranger(printOf("X", 3)),
			stranger(printOf("Y", 3)), stranger(printOf("Z", 3))}, "E", 4, true},
	} {
		st := &aerv1.CommonState{}
		for i, user := range []string{"A", "B", "C"} {
			takeOne(st, printOf(user, float64(i)))
		}
		for _, a := range c.between {
			takeOne(st, a)
		}
		if d := takeOne(st, printOf(c.user, c.hour)); (d.GetOutcome() == aerv1.Decision_COMMON_CAUSE) != c.folded {
			t.Errorf("%s: %s: %s", name, d.GetOutcome(), d.GetReason())
		}
	}
}

// The admins are told of a common cause when there is one and each time twice as many have it; each notice names
// the one before and how many there are. Everybody's first response is stopped where it can be seen, the second folded.
func TestAdminsAreToldAtEachDoubling(t *testing.T) {
	st := &aerv1.CommonState{}
	previous := ""
	for i := range 30 {
		a := printOf(fmt.Sprint("U", i), float64(i)/10)
		d := &aerv1.Decision{AnomalyId: a.Id, UserId: a.UserId, Time: a.KnownAt, Outcome: aerv1.Decision_RESPOND}
		out, rest := Common{}.Take(st, []Held{Hold(Decided{Anomaly: a, Decision: d})}, knownAt(a).UnixMilli())
		if len(out) != 1 || len(rest) != 0 {
			t.Fatalf("person %d: %v, %v", i+1, out, rest)
		}
		n := i + 1
		if told := n == 3 || n == 6 || n == 12 || n == 24; out[0].Decision.Escalate != told {
			t.Errorf("person %d: told: %t", n, out[0].Decision.Escalate)
		} else if told {
			if out[0].Anomaly.Count != uint32(n) || out[0].Anomaly.Escalates != previous {
				t.Errorf("person %d: %v continues, want %s", n, out[0].Anomaly, previous)
			}
			previous = a.Id
		}
		if n > 3 {
			if again := takeOne(st, printOf(a.UserId, float64(i)/10+0.01)); again != nil {
				t.Errorf("person %d once more: %s", n, again.Outcome)
			}
		}
	}
}

// TestOneDeviceBehindAProxy: that two clients of one device take turns follows from what else is new; where they are in
// two networks, or on two devices, it is a sign of its own.
func TestOneDeviceBehindAProxy(t *testing.T) {
	for name, c := range map[string]struct {
		device string
		place  bool
		want   aerv1.Decision_Outcome
	}{
		"one device":                  {"D", false, aerv1.Decision_COMMON_CAUSE},
		"one device, in two networks": {"D", true, aerv1.Decision_RESPOND},
		"two devices":                 {"D2", false, aerv1.Decision_RESPOND},
		"neither is named":            {"", false, aerv1.Decision_RESPOND},
	} {
		st := &aerv1.CommonState{}
		for i := range 3 {
			takeOne(st, rollout(fmt.Sprint("U", i), float64(i), true, gatewaySigns()))
		}
		weights := with(gatewaySigns(), "fork", 0.9)
		if !c.place {
			delete(weights, "network_new")
		}
		a := rollout("U9", 30, true, weights)
		if !c.place {
			a.NewThings, a.Evidence.NetworkUsual = a.NewThings[:1], true
		}
		a.Evidence.Previous = &aerv1.Client{DeviceId: c.device}
		if c.device == "" {
			a.Evidence.Client.DeviceId = ""
		}
		if d := takeOne(st, a); d.GetOutcome() != c.want {
			t.Errorf("%s: %s, want %s: %s", name, d.GetOutcome(), c.want, d.GetReason())
		}
	}
}

// TestWhoAsksForCompany: only what is news about a person that nobody has settled.
func TestWhoAsksForCompany(t *testing.T) {
	asks := map[aerv1.Decision_Outcome]bool{
		aerv1.Decision_OUTCOME_UNSPECIFIED: true, aerv1.Decision_RESPOND: true, aerv1.Decision_PERSISTING: true,
		aerv1.Decision_LOG_ONLY: true, aerv1.Decision_COOLDOWN: true, aerv1.Decision_STALE: true,
		aerv1.Decision_ALREADY_ENDED: true,
	}
	for n, name := range aerv1.Decision_Outcome_name {
		o := aerv1.Decision_Outcome(n)
		a := printOf("A", 0)
		if got := AsksCommon(Decided{Anomaly: a, Decision: &aerv1.Decision{Outcome: o}}); got != asks[o] {
			t.Errorf("%s asks: %t", name, got)
		}
		a.ActorKind = aerv1.ActorAttempt
		bare := printOf("A", 0)
		bare.NewThings = nil
		for _, a := range []*aerv1.Anomaly{a, bare} {
			if AsksCommon(Decided{Anomaly: a, Decision: &aerv1.Decision{Outcome: o}}) {
				t.Errorf("%s asks about %v", name, a)
			}
		}
	}
}
