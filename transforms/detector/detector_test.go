// SPDX-License-Identifier: Apache-2.0

package detector_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

func TestAllListsEveryTypeWithItsDoc(t *testing.T) {
	var types []string
	for _, d := range detector.All() {
		types = append(types, d.Type())
		doc := reflect.ValueOf(d.Doc())
		for i := range doc.NumField() {
			if strings.TrimSpace(doc.Field(i).String()) == "" {
				t.Errorf("%s: Doc().%s is empty", d.Type(), doc.Type().Field(i).Name)
			}
		}
		if d.Doc().Type != d.Type() {
			t.Errorf("%s documents %s", d.Type(), d.Doc().Type)
		}
		_, slice := d.(detector.SliceDetector)
		_, event := d.(detector.EventDetector)
		if !slice && !event {
			t.Errorf("%s judges neither slices nor events", d.Type())
		}
	}
	if !slices.Equal(types, aerv1.AnomalyTypes) {
		t.Errorf("detectors are %v, types %v", types, aerv1.AnomalyTypes)
	}
}

// world is one user's random life: a quiet past, then anything, judged against a random baseline.
type world struct {
	events []*aerv1.Event
	index  *baseline.Index
}

func drawWorld(t *rapid.T) world {
	seed := rapid.Uint64Range(0, 5000).Draw(t, "seed")
	r := rand.New(rand.NewPCG(seed, 7))
	days := rapid.IntRange(0, 20).Draw(t, "days of history")
	// A person of few clients and habits...
	past := activitytest.Stream{
		Seed: seed, Events: days * 12, Users: 1, Objects: 30, Methods: 3, Start: activitytest.Monday.AddDate(0, 0, -days),
		Span: time.Duration(days) * 24 * time.Hour,
	}.Make()
	for _, ev := range past {
		ev.Client, ev.SessionId = own(), "S1"
	}
	// ...and then somebody whose pace, breadth and clients are drawn about every threshold.
	now := activitytest.Stream{
		Seed: seed + 1, Events: rapid.IntRange(1, 300).Draw(t, "events"), Users: 1,
		Objects: rapid.SampledFrom([]int{20, 200, 5000}).Draw(t, "objects"),
		Methods: rapid.SampledFrom([]int{2, 12, 40}).Draw(t, "methods"),
		Span: rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, 2 * time.Hour,
			20 * time.Hour}).Draw(t, "span"),
	}.Make()
	steady, busy := rapid.Bool().Draw(t, "own client"),
		rapid.SampledFrom([]string{"", "file_viewed", "file_downloaded", "api_call"}).Draw(t, "busy with")
	for i, ev := range now {
		if busy != "" && r.IntN(5) > 0 {
			ev.Action, ev.Outcome, ev.Object = busy, "", &aerv1.Object{Type: "file", Id: fmt.Sprint(i)}
		}
		if steady && r.IntN(8) > 0 {
			ev.Client = own()
		}
		if r.IntN(3) == 0 {
			ev.CookieTime = aerv1.Time(ev.Time.AsTime().Add(-time.Duration(r.IntN(90)) * time.Minute))
		}
		if ev.Client.Facts != nil && r.IntN(40) == 0 {
			ev.Client.Facts.Tor, ev.Client.Facts.TorStale = true, r.IntN(2) == 0
		}
	}
	return world{append(past, now...), drawBaseline(r)}
}

func own() *aerv1.Client {
	return &aerv1.Client{Ip: "192.0.2.1", UserAgent: "Firefox", DeviceId: "D1", Ja4: "t13d1717h2_c_d",
		Asn: 64500, Country: "DE",
		Facts: &aerv1.ClientFacts{Class: "browser", Family: "firefox", Version: "144.0", Os: "linux"}}
}

// drawBaseline is nil now and then.
func drawBaseline(r *rand.Rand) *baseline.Index {
	if r.IntN(3) == 0 {
		return nil
	}
	b := &aerv1.Baseline{Version: "drawn"}
	for _, org := range []string{"O0", baseline.Everyone} {
		for m := range profile.MetricCount {
			if r.IntN(2) == 0 {
				b.Orgs = append(b.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: m.Quantity(), Horizon: m.Horizon(), Users: r.Uint32N(90),
					P999: r.Float64() * 80})
			}
		}
		b.Orgs = append(b.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: "events", Horizon: "24h", Users: r.Uint32N(100)})
		for i := range 10 {
			b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: org, Class: "browser",
				Method: fmt.Sprintf("method.m%02d", i), Users: r.Uint32N(60), Calls: r.Uint32N(4000)})
		}
		b.Clients = append(b.Clients, &aerv1.BaselineClient{OrgId: org, Family: "slack-desktop", Sessions: 1000 +
			r.Uint32N(1000)}, &aerv1.BaselineClient{OrgId: org, Family: "firefox", Sessions: r.Uint32N(3)})
	}
	for _, f := range []struct{ family, class, ja4 string }{
		{"firefox", "browser", "t13d1717h2_c_d"}, {"firefox", "browser", "t13d1717h2_e_f"},
		{"curl", "library", "t13d1516h2_a_b"}, {"slack-desktop", "official", "t13d1111h2_s_s"},
	} {
		b.Fingerprints = append(b.Fingerprints, detectortest.Shows([]string{"O0", baseline.Everyone}[r.IntN(2)], f.class,
			f.family, f.ja4, r.Uint32N(10))...)
	}
	return baseline.NewIndex(b)
}

// judged is what one sensitivity found, and what it was found in.
type judged struct {
	found map[string]*aerv1.Anomaly // by user, type and window or event
}

func (w world) judge(sensitivity string, visit func(a *aerv1.Anomaly, s *aerv1.Slice, ev *aerv1.Event)) judged {
	set := detector.NewSet(detector.All(), func(string, string) string { return sensitivity })
	j := judged{map[string]*aerv1.Anomaly{}}
	note := func(a *aerv1.Anomaly, s *aerv1.Slice, ev *aerv1.Event) {
		j.found[fmt.Sprint(a.UserId, " ", a.Type, " ", a.KnownAt.AsTime().UnixNano(), " ", ev.GetId())] = a
		if visit != nil {
			visit(a, s, ev)
		}
	}
	open := map[int64]*activity.Accumulator{}
	for _, ev := range w.events {
		for _, a := range set.Event(ev, w.index) {
			note(a, nil, ev)
		}
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)
		if open[start] == nil {
			open[start] = activity.NewAccumulator(activity.DefaultWindowMS)
		}
		open[start].Add(ev)
	}
	starts := make([]int64, 0, len(open))
	for start := range open {
		starts = append(starts, start)
	}
	slices.Sort(starts)
	sh := profile.NewShard()
	for _, start := range starts {
		sh.Apply(open[start].Batch(), func(p *profile.Profile, s *aerv1.Slice, _ bool) {
			for _, a := range set.Slice(p, s, w.index) {
				note(a, s, nil)
			}
		})
	}
	return j
}

// TestMoreSensitiveFindsAtLeastAsMuch: low ⊆ medium ⊆ high for every detector, and what acts still acts.
func TestMoreSensitiveFindsAtLeastAsMuch(t *testing.T) {
	fired, gained, stale, hinted := map[string]int{}, 0, false, false
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		low, medium, high := w.judge(aerv1.SensitivityLow, nil), w.judge(aerv1.SensitivityMedium, nil),
			w.judge(aerv1.SensitivityHigh, nil)
		contains(rt, "medium", medium, "low", low)
		contains(rt, "high", high, "medium", medium)
		gained += len(high.found) - len(low.found)
		for _, a := range medium.found {
			fired[a.Type]++
			stale = stale || a.Type == aerv1.TypeSessionFingerprint && len(a.Evidence.Signs) == 1
			hinted = hinted || a.Hint
		}
	})
	for _, typ := range aerv1.AnomalyTypes {
		if fired[typ] == 0 {
			t.Errorf("%s never fired: this test says nothing about it", typ)
		}
	}
	if gained == 0 || !stale || !hinted {
		t.Errorf("%d found by sensitivity alone, stale cookies %v, hints %v: this test says nothing about some",
			gained, stale, hinted)
	}
	t.Logf("findings at medium: %v; %d more at high than at low", fired, gained)
}

func contains(t *rapid.T, moreName string, more judged, lessName string, less judged) {
	for key, a := range less.found {
		b := more.found[key]
		if b == nil {
			t.Fatalf("%s finds %s, %s does not: %s", lessName, key, moreName, a.Evidence.FormulaFilled)
		}
		if detectortest.Weaker(b, a) {
			t.Fatalf("%s is surer of %s than %s: %s", lessName, key, moreName, a.Evidence.FormulaFilled)
		}
	}
}

// TestFindingsAreComplete: whatever is found can be checked by hand and traced back.
func TestFindingsAreComplete(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		ids := map[string]bool{}
		for _, ev := range w.events {
			ids[ev.Id] = true
		}
		seen := map[string]bool{}
		w.judge(rapid.SampledFrom([]string{"low", "medium", "high", ""}).Draw(rt, "sensitivity"),
			func(a *aerv1.Anomaly, s *aerv1.Slice, ev *aerv1.Event) {
				if err := detectortest.Incomplete(a, s, ev); err != nil {
					rt.Fatalf("%s: %v", a.Type, err)
				}
				if a.Evidence.BaselineVersion == "" || slices.ContainsFunc(a.EventIds, func(id string) bool { return !ids[id] }) {
					rt.Fatalf("%s: baseline %q, events %q", a.Type, a.Evidence.BaselineVersion, a.EventIds)
				}
				if seen[a.Id] {
					rt.Fatalf("%s: id %s twice", a.Type, a.Id)
				}
				seen[a.Id] = true
			})
	})
}

// TestNobodyElseMatters: a user's findings are the same with and without others in the shard.
func TestNobodyElseMatters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		crowd := world{slices.Clone(w.events), w.index}
		for i, ev := range (activitytest.Stream{Seed: 99, Events: 60, Users: 1, Span: 10 * time.Minute}).Make() {
			ev.Id, ev.UserId = fmt.Sprintf("other-%d", i), "other"
			crowd.events = append(crowd.events, ev)
		}
		alone, among := w.judge("", nil), crowd.judge("", nil)
		for key, a := range among.found {
			if a.UserId == "other" {
				delete(among.found, key)
			}
		}
		ids := func(j judged) []string {
			var out []string
			for _, a := range j.found {
				out = append(out, a.Id+a.Evidence.FormulaFilled)
			}
			slices.Sort(out)
			return out
		}
		if !slices.Equal(ids(alone), ids(among)) {
			rt.Fatal("somebody else changed what is found about the user")
		}
	})
}

func TestInputIsOneUsers(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[evidence.Input](), reflect.TypeFor[evidence.EventInput]()} {
		for i := range typ.NumField() {
			if typ.Field(i).Type == reflect.TypeFor[evidence.Choice]() {
				continue // of its organisation
			}
			if k := typ.Field(i).Type.Kind(); k == reflect.Map || k == reflect.Slice || k == reflect.Func {
				t.Errorf("%s.%s is a %s: a detector is given one user's profile and slice, or one event", typ.Name(),
					typ.Field(i).Name, k)
			}
		}
	}
}
