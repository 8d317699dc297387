// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// anyShared draws findings of a day about a few things that are new for twenty people of two organisations: mostly what
// a new proxy makes of them, and every other one odd in some way.
func anyShared(t *rapid.T, most int) []*aerv1.Anomaly {
	var out []*aerv1.Anomaly
	for i := range rapid.IntRange(0, most).Draw(t, "findings") {
		a := proxied(t, i)
		for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "oddities") {
			makeOdd(t, a)
		}
		out = append(out, a)
	}
	return out
}

func proxied(t *rapid.T, i int) *aerv1.Anomaly {
	second := rapid.OneOf(rapid.IntRange(0, 86400), rapid.IntRange(0, 7200), rapid.SampledFrom([]int{0, 600}))
	at := aerv1.Time(day.Add(time.Duration(second.Draw(t, "second")) * time.Second))
	return &aerv1.Anomaly{
		Id: aerv1.NewID("anomaly", fmt.Sprint(i)), OrgId: rapid.SampledFrom([]string{"O1", "O1", "O1", "O2"}).Draw(t, "org"),
		UserId:  fmt.Sprint("U", rapid.IntRange(1, 20).Draw(t, "user")),
		Type:    rapid.SampledFrom([]string{aerv1.TypeSessionFingerprint, aerv1.TypeSpoofedUserAgent}).Draw(t, "type"),
		KnownAt: at, Time: at, Magnitude: 1, Severity: "high", LogOnly: rapid.Bool().Draw(t, "only logs"),
		NewThings: []*aerv1.NewThing{{Kind: aerv1.NewJA4,
			Key: rapid.SampledFrom([]string{"k", "k", "k", "l"}).Draw(t, "key")}},
		Evidence: &aerv1.Evidence{
			DeviceUsual: true, Signs: []*aerv1.Sign{{Code: "ja4_changed", Weight: 0.5}},
			Client: &aerv1.Client{Asn: 64500, Facts: &aerv1.ClientFacts{Class: aerv1.ClassBrowser,
				Family: rapid.SampledFrom([]string{"chrome", "edge", "slack"}).Draw(t, "family")}},
		},
	}
}

func makeOdd(t *rapid.T, a *aerv1.Anomaly) {
	e := a.Evidence
	switch rapid.IntRange(-1, 7).Draw(t, "oddity") {
	case -1: // no device is named
		e.DeviceUsual = false
	case 0:
		e.DeviceUsual, e.Client.DeviceId = false, "D-strange"
	case 1: // the fast lane
		a.Window, e.DeviceUsual = &aerv1.Window{Start: a.KnownAt, End: a.KnownAt}, false
	case 2:
		e.Client.Facts.Tor = true
	case 3:
		e.Client.Facts.Class = aerv1.ClassLibrary
	case 4:
		code := rapid.SampledFrom([]string{"asn_new", "device_changed", "fork", "stale_cookie", "os_changed"}).Draw(t, "sign")
		e.Signs = append(e.Signs, &aerv1.Sign{Code: code, Weight: 0.5})
	case 5:
		a.NewThings = append(a.NewThings,
			&aerv1.NewThing{Kind: rapid.SampledFrom([]string{aerv1.NewASN, aerv1.NewMethod}).Draw(t, "kind"), Key: "k"})
	case 6:
		a.NewThings = nil
	case 7:
		a.Type, e.Signs = rapid.SampledFrom([]string{aerv1.TypeSpoofedUserAgent, aerv1.TypeUnexpectedUserAgent,
			aerv1.TypeUnexpectedScraping}).Draw(t, "without signs"), nil
	}
}

func sharedConfig() Config {
	s := respondAll(2)
	return Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return s }}
}

// The order in which findings of equal times arrive does not matter.
func TestCommonCausesDoNotDependOnArrivalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		findings := anyShared(t, 50)
		a1, d1 := Replay(findings, sharedConfig())
		a2, d2 := Replay(rapid.Permutation(findings).Draw(t, "arrival"), sharedConfig())
		if len(d1) != len(d2) {
			t.Fatalf("%d and %d decisions", len(d1), len(d2))
		}
		for i := range d1 {
			mustEqual(t, a1[i], a2[i])
			mustEqual(t, d1[i], d2[i])
		}
	})
}

// Many that come due together, in whatever order they are taken, are decided like one after the other.
func TestTakeDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var held []Held
		one := &aerv1.CommonState{}
		var want []Decided
		var rest []Held
		for _, a := range sorted(anyShared(t, 50)) {
			d := Decided{Anomaly: a, Decision: &aerv1.Decision{AnomalyId: a.Id, Outcome: aerv1.Decision_LOG_ONLY,
				Time: a.KnownAt}}
			if !AsksCommon(d) {
				continue
			}
			held = append(held, Hold(d))
			var out []Decided
			out, rest = Common{}.Take(one, append(rest, Hold(d)), Hold(d).DueMS)
			want = append(want, out...)
		}
		out, _ := Common{}.Take(one, rest, 1<<60)
		want = append(want, out...)
		got, waiting := Common{}.Take(&aerv1.CommonState{}, rapid.Permutation(held).Draw(t, "order"), 1<<60)
		if len(got) != len(want) || len(waiting) != 0 {
			t.Fatalf("%d, want %d; %d wait", len(got), len(want), len(waiting))
		}
		for i := range got {
			mustEqual(t, got[i].Decision, want[i].Decision)
			mustEqual(t, got[i].Anomaly, want[i].Anomaly)
		}
	})
}

// hasOwnSigns says, in other words than the stage, that something in a finding is its own: nothing shared explains it.
func hasOwnSigns(a *aerv1.Anomaly) bool {
	facts := a.GetEvidence().GetClient().GetFacts()
	own := slices.ContainsFunc(a.GetEvidence().GetSigns(), func(s *aerv1.Sign) bool {
		return strings.HasPrefix(s.Code, "device") || strings.HasPrefix(s.Code, "os_") || s.Code == "stale_cookie"
	})
	strange := a.Window == nil && !a.GetEvidence().GetDeviceUsual() && a.GetEvidence().GetClient().GetDeviceId() != ""
	return own || facts.GetTor() || facts.GetClass() != aerv1.ClassBrowser || strange || len(a.GetNewThings()) == 0
}

// Nothing that has signs of its own is folded or changed; nothing vanishes but what only logs, or is stopped for a
// person once more, and belongs to a cause that the admins were told of; no response is made that the user's own
// history had not wanted.
func TestNobodyHidesBehindACommonCause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		findings := anyShared(t, 60)
		_, decisions := Replay(findings, sharedConfig())
		after := map[string]*aerv1.Decision{}
		told := map[string]bool{}
		for _, d := range decisions {
			after[d.AnomalyId] = d
			told[d.OrgId] = told[d.OrgId] || d.Outcome == aerv1.Decision_COMMON_CAUSE && d.Escalate
		}
		users, stopped := map[string]*aerv1.UserHistory{}, map[string]bool{}
		for _, f := range sorted(findings) {
			key := f.OrgId + f.UserId
			if users[key] == nil {
				users[key] = &aerv1.UserHistory{}
			}
			_, before := User{}.Apply(users[key], f, Env{Settings: respondAll(2), Mode: aerv1.ModeReplay})
			d := after[f.Id]
			switch {
			case before == nil:
				if d != nil {
					t.Fatalf("a folded finding came out: %v", d)
				}
			case d == nil:
				if wouldAct(before) && !stopped[key] || hasOwnSigns(f) || !told[f.OrgId] {
					t.Fatalf("vanished: %v %v", before, f)
				}
			case d.Outcome == aerv1.Decision_COMMON_CAUSE:
				if hasOwnSigns(f) {
					t.Fatalf("hidden: %v", f)
				}
				stopped[key] = true
			case d.Outcome != before.Outcome && d.Outcome != aerv1.Decision_BUDGET_EXHAUSTED:
				t.Fatalf("%s became %s", before.Outcome, d.Outcome)
			}
		}
	})
}

// State that was written and read back, or dropped when it had expired, decides like state kept in memory; nothing
// waits longer than it may.
func TestCommonStateMayBeStoredAndExpired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kept, stored := &aerv1.CommonState{}, &aerv1.CommonState{}
		var heldK, heldS []Held
		shift := time.Duration(0)
		for _, a := range sorted(anyShared(t, 40)) {
			if rapid.IntRange(0, 9).Draw(t, "pause") == 0 {
				shift += rapid.SampledFrom([]time.Duration{CommonWindow, CommonMemory, CommonMemory + 2*time.Hour}).Draw(t,
					"length")
			}
			at := a.KnownAt.AsTime().Add(shift)
			a.KnownAt, a.Time = aerv1.Time(at), aerv1.Time(at)
			if expires := CommonExpiresAt(stored); !at.Before(expires) { // what waits is looked at before
				_, heldK = Common{}.Take(kept, heldK, expires.UnixMilli())
				_, heldS = Common{}.Take(stored, heldS, expires.UnixMilli())
				stored = &aerv1.CommonState{}
			}
			outcome := rapid.SampledFrom([]aerv1.Decision_Outcome{aerv1.Decision_RESPOND, aerv1.Decision_LOG_ONLY,
				aerv1.Decision_OUTCOME_UNSPECIFIED}).Draw(t, "outcome")
			d := Decided{Anomaly: a, Decision: &aerv1.Decision{AnomalyId: a.Id, OrgId: "O1", UserId: a.UserId,
				Outcome: outcome, Time: a.KnownAt}}
			if !AsksCommon(d) {
				continue
			}
			raw, err := stored.MarshalVT()
			if err != nil {
				t.Fatal(err)
			}
			stored = &aerv1.CommonState{}
			if err := stored.UnmarshalVT(raw); err != nil {
				t.Fatal(err)
			}
			var outK, outS []Decided
			now := at.UnixMilli()
			outK, heldK = Common{}.Take(kept, append(heldK, Hold(d)), now)
			outS, heldS = Common{}.Take(stored, append(heldS, Hold(d)), now)
			if len(outK) != len(outS) || len(heldK) != len(heldS) {
				t.Fatalf("%d and %d emitted, %d and %d wait", len(outK), len(outS), len(heldK), len(heldS))
			}
			for i := range outK {
				mustEqual(t, outK[i].Decision, outS[i].Decision)
			}
			for _, h := range heldK {
				if waits := now - h.Decision.Time.AsTime().UnixMilli(); waits > CommonWait.Milliseconds() ||
					h.Decision.Outcome != aerv1.Decision_LOG_ONLY {
					t.Fatalf("a decision %s waits for %d ms", h.Decision.Outcome, waits)
				}
			}
		}
	})
}

// However many new things and people there are, and however long their names, the state stays within its bound.
func TestCommonStatesAreBounded(t *testing.T) {
	const most = 256 << 10
	st := &aerv1.CommonState{}
	var held []Held
	reached := false
	long := strings.Repeat("x", 500)
	for i := range 6_000 {
		a := anomalyAt(float64(i)/400, aerv1.TypeSpoofedUserAgent)
		a.UserId, a.Evidence.DeviceUsual = fmt.Sprint(long, i), i%2 == 0
		a.Evidence.Client.Facts.Family = fmt.Sprint(long, i)
		for j := range i % 40 {
			a.NewThings = append(a.NewThings, &aerv1.NewThing{Kind: aerv1.NewJA4, Key: fmt.Sprint(long, (i*j)%60)})
		}
		d := Decided{Anomaly: a, Decision: &aerv1.Decision{AnomalyId: a.Id, Outcome: aerv1.Decision_RESPOND, Time: a.KnownAt}}
		if i%3 == 0 {
			d.Decision.Outcome, a.Evidence.Signs = aerv1.Decision_LOG_ONLY, nil
		}
		if AsksCommon(d) {
			_, held = Common{}.Take(st, append(held, Hold(d)), a.KnownAt.AsTime().UnixMilli())
		}
		reached = reached || len(held) == maxWaiting
		if len(held) > maxWaiting {
			t.Fatalf("%d wait", len(held))
		}
	}
	if n := st.SizeVT(); n > most || len(st.Causes) != maxCauses || !reached {
		t.Fatalf("%d causes, %d bytes, waiting was full: %t", len(st.Causes), n, reached)
	}
}

// What a stream returns leaves Ordered in the order of the findings, whole.
func TestOrderedIsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		findings := sorted(anyShared(t, 50))
		s := NewStream(sharedConfig())
		var order Ordered
		var got []Decided
		for _, f := range findings {
			got = append(got, order.Add(s.Add(f), f.KnownAt.AsTime())...)
		}
		got = append(append(got, order.Add(s.Flush(), time.UnixMilli(0))...), order.Flush()...)
		if !slices.IsSortedFunc(got, CompareDecided) {
			t.Fatal("not in order")
		}
		_, want := Replay(findings, sharedConfig())
		if len(got) != len(want) {
			t.Fatalf("%d, want %d", len(got), len(want))
		}
		for i := range got {
			mustEqual(t, got[i].Decision, want[i])
		}
	})
}

// A thief is answered although the owner's new proxy has led to as many would-be responses as a day allows.
func TestAProxyDoesNotUseUpTheResets(t *testing.T) {
	h, env := &aerv1.UserHistory{}, Env{Settings: respondAll(2)}
	shown := func(minute float64, session string) *aerv1.Anomaly {
		a := anomalyAt(minute, aerv1.TypeSessionFingerprint, session)
		a.EpisodeKey, a.NewThings = session, []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: "J"}}
		a.Evidence.DeviceUsual, a.Evidence.ClientUsual, a.Evidence.NetworkUsual = true, true, true
		a.Evidence.Client.DeviceId = "D-own"
		a.Evidence.Signs = []*aerv1.Sign{{Code: "ja4_changed", Weight: 0.95}}
		return a
	}
	var last *aerv1.Decision
	for i := range 4 {
		if _, d := (User{}).Apply(h, shown(float64(30*i), fmt.Sprint("S", i)), env); d != nil {
			last = d
		}
	}
	if last.GetOutcome() != aerv1.Decision_COOLDOWN {
		t.Fatalf("the owner's own are %s, want COOLDOWN", last.GetOutcome())
	}
	thief := shown(200, "S-thief")
	thief.Evidence = proto.CloneOf(thief.Evidence)
	thief.Evidence.DeviceUsual, thief.Evidence.ClientUsual, thief.Evidence.NetworkUsual = false, false, false
	thief.Evidence.Client = &aerv1.Client{DeviceId: "D-thief", Ip: "203.0.113.5", Asn: 64777, Ja4: "J"}
	thief.Evidence.Signs = append(thief.Evidence.Signs, &aerv1.Sign{Code: "device_changed", Weight: 0.7})
	if _, d := (User{}).Apply(h, thief, env); !WantsReset(d) {
		t.Fatalf("the thief is not answered: %v", d)
	}
}
