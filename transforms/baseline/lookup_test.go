// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Metrics and clients of large.
var (
	metrics  = []string{"calls", "download_bytes", "downloads", "events", "new_downloads", "new_reads", "reads"}
	horizons = []string{"15m", "1h", "24h", "5m", "7d"}
	families = []string{"chrome", "edge", "firefox", "safari"}
)

func orgName(i int) string {
	if i == 0 {
		return Everyone
	}
	return fmt.Sprintf("O%04d", i)
}

// large is a version of so many organisations, in the order of a build: everything is known of each.
func large(orgs int) *aerv1.Baseline {
	b := version("large", 0, 24)
	for i := range orgs {
		id := orgName(i)
		for m, metric := range metrics {
			for h, horizon := range horizons {
				b.Orgs = append(b.Orgs, &aerv1.BaselineOrg{OrgId: id, Metric: metric, Horizon: horizon, Users: uint32(50 + i),
					P50: float64(m), P90: float64(h + i), P99: float64(i + 9), P999: float64(i + 10), Max: 99})
			}
			b.Live = append(b.Live, &aerv1.BaselineLive{OrgId: id, Metric: metric, Factor: 2, ValidFrom: b.ValidFrom,
				ValidUntil: b.ValidUntil})
		}
		for f, family := range families {
			b.Clients = append(b.Clients, &aerv1.BaselineClient{OrgId: id, Family: family, Users: 3, Sessions: uint32(1 + f)})
			for p := range 5 {
				b.Fingerprints = append(b.Fingerprints, &aerv1.BaselineFingerprint{OrgId: id, Family: family, Class: "browser",
					Ja4: fmt.Sprintf("t13d15%02dh2_%dbbbbbbbbbbb_cccccccccccc", p, f), Users: 4, Orgs: 7, Observations: 9})
			}
		}
		for m := range 20 {
			b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: id, Class: "browser", Method: fmt.Sprintf("m%02d", m),
				Users: 5, Calls: 10})
		}
	}
	return b
}

// lookups are what is asked of an index for slices and events.
var lookups = []struct {
	name string
	ask  func(v *Versions, x *Index, org string, t time.Time)
}{
	{"At", func(v *Versions, _ *Index, _ string, t time.Time) { v.At(t) }},
	{"Quantile", func(_ *Versions, x *Index, org string, _ time.Time) {
		x.Quantile(Ask{OrgID: org, Metric: "downloads", Horizon: "1h", Quantile: Q90}, DefaultSupport)
	}},
	{"Org", func(_ *Versions, x *Index, org string, _ time.Time) { x.Org(org, "reads", "7d", "") }},
	{"People", func(_ *Versions, x *Index, org string, _ time.Time) { x.People(org) }},
	{"Family", func(_ *Versions, x *Index, org string, _ time.Time) { x.Family(org, "firefox") }},
	{"Methods", func(_ *Versions, x *Index, org string, _ time.Time) { x.Methods(org, "browser") }},
	{"Mix", func(_ *Versions, x *Index, org string, _ time.Time) { x.Mix(org) }},
	{"EveryonesMix", func(_ *Versions, x *Index, _ string, _ time.Time) { x.EveryonesMix() }},
	{"MethodOrgs", func(_ *Versions, x *Index, _ string, _ time.Time) { x.MethodOrgs("m07") }},
	{"LiveFactor", func(_ *Versions, x *Index, org string, t time.Time) { x.LiveFactor(org, "calls", t) }},
	{"Fingerprint", func(_ *Versions, x *Index, org string, _ time.Time) {
		x.Fingerprint(org, "edge", "t13d1503h2_1bbbbbbbbbbb_cccccccccccc")
	}},
	{"FingerprintOf", func(_ *Versions, x *Index, org string, _ time.Time) {
		x.FingerprintOf(org, KindLibrary, "t13d1503h2_1bbbbbbbbbbb_cccccccccccc")
	}},
	{"TLSStartOf", func(_ *Versions, x *Index, org string, _ time.Time) {
		x.TLSStartOf(org, KindInteractive, "t13d1503h2_1bbbbbbbbbbb_cccccccccccc")
	}},
	{"KnowsStack", func(_ *Versions, x *Index, org string, _ time.Time) {
		x.KnowsStack(org, "chrome", "t13d1503h2_0bbbbbbbbbbb_dddddddddddd")
	}},
	{"FamilyKnown", func(_ *Versions, x *Index, org string, _ time.Time) { x.FamilyKnown(org, "safari", 20) }},
	{"StaleNote", func(_ *Versions, x *Index, _ string, t time.Time) { x.StaleNote(t) }},
}

func TestLookupsDoNotAllocate(t *testing.T) {
	v := NewVersions([]*aerv1.Baseline{large(20)})
	x, at := v.At(monday), monday.Add(time.Hour)
	for _, l := range lookups {
		for _, org := range []string{"O0007", "unknown", Everyone} {
			l.ask(v, x, org, at) // what is gathered when it is first asked for
			if n := testing.AllocsPerRun(100, func() { l.ask(v, x, org, at) }); n > 0 {
				t.Errorf("%s of %s: %g objects", l.name, org, n)
			}
		}
	}
}

// TestQuantileIsTheValueOfEstimate, to the last bit, and known where a part counts.
func TestQuantileIsTheValueOfEstimate(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := version("v", 0, 24)
		n := rapid.Uint32Range(0, 200)
		p := rapid.Float64Range(0, 1e9)
		for _, org := range []string{Everyone, "O"} {
			if rapid.Bool().Draw(rt, org) {
				b.Orgs = append(b.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: "m", Horizon: "1h", Users: n.Draw(rt, "people"),
					P50: p.Draw(rt, "p50"), P90: p.Draw(rt, "p90"), P99: p.Draw(rt, "p99"), P999: p.Draw(rt, "p999")})
			}
		}
		if rapid.Bool().Draw(rt, "person") {
			b.Users = []*aerv1.BaselineUser{{OrgId: "O", UserId: "U", Metric: "m", Horizon: "1h", Days: n.Draw(rt, "days"),
				P50: p.Draw(rt, "p50"), Max: p.Draw(rt, "max")}}
		}
		x := NewIndex(b)
		a := Ask{OrgID: "O", Metric: "m", Horizon: "1h", Quantile: rapid.SampledFrom([]Quantile{Q50, Q90, Q99, Q999}).Draw(rt,
			"q"), UserID: rapid.SampledFrom([]string{"", "U", "V"}).Draw(rt, "user")}
		e := x.Estimate(a, DefaultSupport)
		value, known := x.Quantile(a, DefaultSupport)
		if math.Float64bits(value) != math.Float64bits(e.Value) || known != (e.Level() != "") {
			rt.Errorf("%g, %v; the estimate is %+v", value, known, e)
		}
		if want := map[bool]int{true: 2, false: 3}[a.UserID == ""]; len(e.Parts) != want {
			rt.Errorf("%d parts, want %d", len(e.Parts), want)
		}
	})
}

// TestTheOrderOfRowsDoesNotMatter: what a build writes is searched as it stands, what comes otherwise is put in order.
func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	b, shuffled := large(7), large(7)
	r := rand.New(rand.NewPCG(1, 2))
	mix := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
	mix(len(shuffled.Orgs), func(i, j int) { shuffled.Orgs[i], shuffled.Orgs[j] = shuffled.Orgs[j], shuffled.Orgs[i] })
	mix(len(shuffled.Clients), func(i, j int) {
		shuffled.Clients[i], shuffled.Clients[j] = shuffled.Clients[j], shuffled.Clients[i]
	})
	mix(len(shuffled.Methods), func(i, j int) {
		shuffled.Methods[i], shuffled.Methods[j] = shuffled.Methods[j], shuffled.Methods[i]
	})
	mix(len(shuffled.Fingerprints), func(i, j int) {
		shuffled.Fingerprints[i], shuffled.Fingerprints[j] = shuffled.Fingerprints[j], shuffled.Fingerprints[i]
	})
	before := slices.Clone(shuffled.Orgs)
	x, y := NewIndex(b), NewIndex(shuffled)
	if !slices.Equal(before, shuffled.Orgs) {
		t.Error("the version was changed")
	}
	for i := range 8 {
		org := orgName(i)
		for _, metric := range metrics {
			for _, horizon := range horizons {
				ask := Ask{OrgID: org, Metric: metric, Horizon: horizon, Quantile: Q99}
				p, _ := x.Quantile(ask, DefaultSupport)
				if q, _ := y.Quantile(ask, DefaultSupport); p != q || i < 7 && x.Org(org, metric, horizon, "") == nil {
					t.Errorf("%+v: %g and %g", ask, p, q)
				}
			}
		}
		for _, family := range families {
			p, n := x.Family(org, family)
			if q, m := y.Family(org, family); p.GetSessions() != q.GetSessions() || n != m || i < 7 && p == nil {
				t.Errorf("%s of %s: %v and %v", family, org, p, q)
			}
			print := "t13d1503h2_1bbbbbbbbbbb_cccccccccccc"
			if p, q := x.Fingerprint(org, family, print), y.Fingerprint(org, family, print); p != q {
				t.Errorf("%s of %s: %v and %v", family, org, p, q)
			}
		}
	}
}

// BenchmarkLookup asks about one of a thousand organisations after the other.
func BenchmarkLookup(b *testing.B) {
	const orgs = 1000
	v := NewVersions([]*aerv1.Baseline{large(orgs)})
	x, at := v.At(monday), monday.Add(time.Hour)
	names := make([]string, orgs)
	for i := range names {
		names[i] = orgName(i * 7919 % orgs)
	}
	for _, l := range lookups {
		b.Run(l.name, func(b *testing.B) {
			for _, org := range names {
				l.ask(v, x, org, at)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.ask(v, x, names[i%orgs], at)
			}
		})
	}
}

// BenchmarkNewIndex is what the first slice of a day pays.
func BenchmarkNewIndex(b *testing.B) {
	v := large(100)
	b.ReportAllocs()
	for b.Loop() {
		NewIndex(v)
	}
}
