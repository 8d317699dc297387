// SPDX-License-Identifier: Apache-2.0

package apivolume_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/apivolume"
	"github.com/aer-project/aer/transforms/detector/detectortest"
)

// called is n calls, 2 s apart, of methods in turn.
func called(n int, methods ...string) []*aerv1.Event {
	out := detectortest.Many(n, 0, 2*time.Second, "api_call", "m")
	for i, ev := range out {
		ev.ApiMethod = methods[i%len(methods)]
	}
	return out
}

// after moves events behind n others, and gives them ids of their own.
func after(n int, events []*aerv1.Event) []*aerv1.Event {
	for i, ev := range events {
		ev.Id, ev.Time = fmt.Sprintf("after-%d", i), aerv1.Time(ev.Time.AsTime().Add(time.Duration(n)*2*time.Second))
	}
	return events
}

// people is an organisation of n people, of whom users call each admin method, and all the rest.
func people(n, users uint32) *baseline.Index {
	b := &aerv1.Baseline{Orgs: []*aerv1.BaselineOrg{{OrgId: "O", Metric: "events", Horizon: "24h", Users: n},
		{OrgId: "*", Metric: "events", Horizon: "24h", Users: n}}}
	for _, org := range []string{"O", "*"} {
		b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: org, Class: "browser", Method: "users.info", Users: n,
			Calls: 50_000}, &aerv1.BaselineMethod{OrgId: org, Class: "browser", Method: "files.list", Users: n, Calls: 50_000})
		for i := range 6 {
			b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: org, Class: "browser",
				Method: fmt.Sprintf("admin.m%d", i), Users: users, Calls: users})
		}
	}
	return baseline.NewIndex(b)
}

func TestAPIVolumeAndMix(t *testing.T) {
	d := apivolume.Detector{Config: apivolume.DefaultConfig()}
	past := detectortest.Past(30)
	admin := []string{"admin.m0", "admin.m1", "admin.m2", "admin.m3"}
	for _, c := range []struct {
		name   string
		past   []*aerv1.Event
		now    []*aerv1.Event
		b      *baseline.Index
		want   string
		signal string
	}{
		{"an ordinary day", past, called(10, "users.info"), nil, "", ""},
		{"a burst", past, called(90, "users.info"), nil, "act", "calls_5m"},
		{"near the limit", past, called(55, "users.info"), nil, "hint", "calls_5m"},
		{"background polling", past, called(300, "client.counts"), nil, "", ""},
		{"the first day", nil, called(120, "users.info"), nil, "", ""},
		{"the first day, as no person's client does", nil, detectortest.Many(300, 0, 500*time.Millisecond, "api_call", "m"),
			nil, "log", "calls_5m"},
		{"four methods that nobody calls", past, called(8, admin...), people(100, 1), "act", "rare_new_methods_1h"},
		{"three of them, once each", past, called(3, admin[:3]...), people(100, 1), "", ""},
		{"three of them, eight times", past, called(8, admin[:3]...), people(100, 1), "act", "rare_new_methods_1h"},
		{"three of them, eight times beside much other work", past,
			append(called(8, admin[:3]...), after(8, called(30, "users.info"))...), people(100, 1), "", ""},
		{"four methods that many call", past, called(8, admin...), people(100, 60), "", ""},
		{"too few people to call a method rare", past, called(8, admin...), people(9, 0), "", ""},
		{"many calls of a method new to everybody", past, called(40, "admin.m9"), people(100, 1), "act",
			"calls_of_new_methods_1h"},
		{"many calls of a method that nobody is known by", past, called(40, "admin.m9"), people(9, 1), "act",
			"calls_of_new_methods_1h"},
		{"twelve calls of it beside fourteen of what the others call as much", past,
			slices.Concat(called(4, "users.info"), after(4, called(14, "files.list")), after(18, called(12, "admin.m9"))),
			people(100, 1), "", ""},
		{"one that all others call", past, called(40, "files.list"), people(100, 1), "", ""},
		{"a new account", detectortest.Past(2), called(8, admin...), people(100, 1), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := detectortest.Input(c.past, c.now)
			in.Baseline = c.b
			a := detectortest.Judge(t, d, in)
			if got := detectortest.Strength(a); got != c.want || a.GetEvidence().GetSignal() != c.signal {
				t.Fatalf("%q by %q, want %q by %q: %v", got, a.GetEvidence().GetSignal(), c.want, c.signal,
					a.GetEvidence().GetFormulaFilled())
			}
			if a != nil && !strings.ContainsAny(a.Evidence.FormulaFilled, ">≥") {
				t.Errorf("no comparison in %q", a.Evidence.FormulaFilled)
			}
		})
	}
}

// TestRowsWithoutCallsAreNoMix: a baseline of nothing but such rows says nothing, rather than what is no number.
func TestRowsWithoutCallsAreNoMix(t *testing.T) {
	in := detectortest.Input(detectortest.Past(30), called(40, "admin.m9"))
	in.Baseline = baseline.NewIndex(
		&aerv1.Baseline{Methods: []*aerv1.BaselineMethod{{OrgId: "O", Class: "browser", Method: "admin.m9", Users: 1}}})
	a := detectortest.Judge(t, apivolume.Detector{Config: apivolume.DefaultConfig()}, in)
	if !strings.Contains(a.GetEvidence().GetFormulaFilled(), "(no baseline)") {
		t.Errorf("%q", a.GetEvidence().GetFormulaFilled())
	}
}

// world is a small organisation O among n others: all call what is ordinary, and so many of the others admin methods,
// very much.
func world(n, admins int) *baseline.Index {
	b := &aerv1.Baseline{Orgs: []*aerv1.BaselineOrg{{OrgId: "O", Metric: "events", Horizon: "24h", Users: 5},
		{OrgId: "*", Metric: "events", Horizon: "24h", Users: 5000}}}
	add := func(org, method string, users, calls uint32) {
		for _, of := range []string{org, "*"} {
			b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: of, Class: "browser", Method: method,
				Users: users, Calls: calls})
		}
	}
	add("O", "users.info", 5, 100)
	for i := range n {
		org := fmt.Sprint("other", i)
		add(org, "users.info", 40, 10_000)
		add(org, "files.list", 40, 10_000)
		for m := range 4 {
			if i < admins {
				add(org, fmt.Sprint("admin.m", m), 1000, 900_000_000)
			}
		}
	}
	return baseline.NewIndex(b)
}

// TestNoTenantTeachesOthersItsMethods, however many accounts it has and however often they call.
func TestNoTenantTeachesOthersItsMethods(t *testing.T) {
	admin := []string{"admin.m0", "admin.m1", "admin.m2", "admin.m3"}
	for _, c := range []struct {
		name       string
		now        []*aerv1.Event
		n, admins  int
		want, sign string
	}{
		{"rare where nobody calls them", called(8, admin...), 24, 0, "act", "rare_new_methods_1h"},
		{"rare where one tenant does", called(8, admin...), 24, 1, "act", "rare_new_methods_1h"},
		{"rare where four do", called(8, admin...), 24, 4, "act", "rare_new_methods_1h"},
		{"ordinary where five do", called(8, admin...), 24, 5, "", ""},
		{"too few organisations to tell", called(8, admin...), 12, 0, "", ""},
		{"a foreign mix where one tenant calls nothing else", called(40, admin[0]), 12, 1, "act", "calls_of_new_methods_1h"},
		{"no foreign mix where all do", called(40, admin...), 12, 12, "", ""},
		{"no foreign mix where others call it", called(40, "files.list"), 12, 0, "", ""},
	} {
		in := detectortest.Input(detectortest.Past(30), c.now)
		in.Baseline = world(c.n, c.admins)
		a := detectortest.Judge(t, apivolume.Detector{Config: apivolume.DefaultConfig()}, in)
		if got := detectortest.Strength(a); got != c.want || a.GetEvidence().GetSignal() != c.sign {
			t.Errorf("%s: %q by %q, want %q by %q: %v", c.name, got, a.GetEvidence().GetSignal(), c.want, c.sign,
				a.GetEvidence().GetFormulaFilled())
		}
	}
}

// TestOneAccountsMethodsAreNotItsOrganisations: what a single colleague calls all day is still foreign to the others.
func TestOneAccountsMethodsAreNotItsOrganisations(t *testing.T) {
	for users, want := range map[uint32]string{1: "act", 2: ""} {
		in := detectortest.Input(detectortest.Past(30), called(40, "admin.m9"))
		in.Baseline = baseline.NewIndex(&aerv1.Baseline{
			Orgs: []*aerv1.BaselineOrg{{OrgId: "O", Metric: "events", Horizon: "24h", Users: 9}},
			Methods: []*aerv1.BaselineMethod{
				{OrgId: "O", Class: "browser", Method: "users.info", Users: 9, Calls: 10_000},
				{OrgId: "O", Class: "browser", Method: "admin.m9", Users: users, Calls: 900_000},
			},
		})
		if got := detectortest.Strength(detectortest.Judge(t, apivolume.Detector{Config: apivolume.DefaultConfig()},
			in)); got != want {
			t.Errorf("called by %d: %q, want %q", users, got, want)
		}
	}
}

// TestTheOwnerAtWorkAfterAThiefIsNoMix: only calls that add to the mix are a finding, and it counts the hour before
// them.
func TestTheOwnerAtWorkAfterAThiefIsNoMix(t *testing.T) {
	admin := []string{"admin.m0", "admin.m1", "admin.m2", "admin.m3"}
	for _, c := range []struct {
		name  string
		thief []string
		n     int
		owner string
		want  string
	}{
		{"the usual", admin, 40, "users.info", ""},
		{"something for the first time that many call", admin, 40, "files.list", ""},
		{"one more of them", admin, 40, "admin.m3", "act"},
		{"the usual after one foreign method", []string{"admin.m9"}, 40, "users.info", ""},
	} {
		in := detectortest.Input(detectortest.Past(30), called(c.n, c.thief...), after(600, called(1, c.owner)))
		in.Baseline = people(100, 1)
		a := detectortest.Judge(t, apivolume.Detector{Config: apivolume.DefaultConfig()}, in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
		if a != nil && a.Window.Start.AsTime().After(detectortest.Now) {
			t.Errorf("%s: it counts from %v on, the calls began at %v", c.name, a.Window.Start.AsTime(), detectortest.Now)
		}
	}
}
