// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"reflect"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// version is valid from one hour of monday on, until another (0 = open).
func version(name string, from, until int) *aerv1.Baseline {
	b := &aerv1.Baseline{Version: name, ValidFrom: aerv1.Time(monday.Add(time.Duration(from) * time.Hour))}
	if until != 0 {
		b.ValidUntil = aerv1.Time(monday.Add(time.Duration(until) * time.Hour))
	}
	return b
}

func TestTheVersionValidAtATime(t *testing.T) {
	// in any order, with a gap
	v := NewVersions([]*aerv1.Baseline{version("c", 48, 0), version("a", 0, 24), version("b", 30, 48)})
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{-time.Nanosecond, "none"}, {0, "a"}, {24*time.Hour - 1, "a"}, {24 * time.Hour, "a"}, {29 * time.Hour, "a"},
		{30 * time.Hour, "b"}, {48 * time.Hour, "c"}, {10_000 * time.Hour, "c"},
	} {
		if got := v.At(monday.Add(c.after)).Version(); got != c.want {
			t.Errorf("%v after the start: version %s, want %s", c.after, got, c.want)
		}
	}
	if v.Len() != 3 || NewVersions(nil).At(monday) != nil || (None{}).At(monday) != nil {
		t.Error("no versions must give no index")
	}
}

func TestALaterVersionBeginsBeforeTheEarlierEnds(t *testing.T) {
	v := NewVersions([]*aerv1.Baseline{version("a", 0, 0), version("b", 24, 0)})
	if got := v.At(monday.Add(30 * time.Hour)).Version(); got != "b" {
		t.Errorf("version %s, want the one that began last", got)
	}
	if got := NewVersions([]*aerv1.Baseline{{Version: "x"}}).At(monday).Version(); got != "x" {
		t.Errorf("a version without a begin is valid from 1970 on, got %s", got)
	}
}

// TestIndexesAreMadeOnce and kept for the two versions used last. Run with -race.
func TestIndexesAreMadeOnce(t *testing.T) {
	var list []*aerv1.Baseline
	for i := range 5 {
		list = append(list, version(string(rune('a'+i)), 24*i, 24*(i+1)))
	}
	v := NewVersions(list)
	if v.At(monday) != v.At(monday.Add(time.Hour)) {
		t.Error("the index was made twice")
	}
	a := v.At(monday)
	v.At(monday.Add(24 * time.Hour))
	if v.At(monday) != a {
		t.Error("going back and forth between two days makes indexes anew")
	}
	v.At(monday.Add(48 * time.Hour))
	v.At(monday.Add(72 * time.Hour))
	if v.At(monday) == a {
		t.Error("more than two indexes are kept")
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				day := (i*7 + worker) % 6 // by day 5 the last has ended
				got := v.At(monday.Add(time.Duration(day) * 24 * time.Hour)).Version()
				if want := []string{"a", "b", "c", "d", "e", "e"}[day]; got != want {
					t.Errorf("day %d: version %s, want %s", day, got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestNobodyNeedsABaseline calls every method of an index that is nil, and of one without rows.
func TestNobodyNeedsABaseline(t *testing.T) {
	for name, x := range map[string]*Index{"nil": nil, "empty": NewIndex(&aerv1.Baseline{})} {
		v := reflect.ValueOf(x)
		if v.NumMethod() < 8 {
			t.Fatalf("%d methods found", v.NumMethod())
		}
		for i := range v.NumMethod() {
			m := v.Type().Method(i)
			var args []reflect.Value
			for j := 1; j < m.Type.NumIn(); j++ {
				args = append(args, reflect.Zero(m.Type.In(j)))
			}
			for _, out := range v.Method(i).Call(args) {
				if !out.IsZero() && m.Name != "LiveFactor" && m.Name != "Estimate" &&
					!(out.Kind() == reflect.String && out.String() == "none") && out.Kind() != reflect.Map &&
					out.Kind() != reflect.Slice {
					t.Errorf("%s index: %s knows %v", name, m.Name, out)
				}
			}
		}
	}
}

func TestLookups(t *testing.T) {
	x := NewIndex(&aerv1.Baseline{
		Version: "v1",
		Orgs: []*aerv1.BaselineOrg{
			{OrgId: "O1", Metric: "downloads", Horizon: "1h", P999: 40},
			{OrgId: "O1", Metric: "events", Horizon: "24h", Users: 12},
			{OrgId: "O1", Metric: "calls", Horizon: "1h", Class: "browser", P999: 7},
		},
		Methods: []*aerv1.BaselineMethod{{OrgId: "O1", Class: "browser", Method: "a", Calls: 3},
			{OrgId: "O1", Class: "browser", Method: "b", Calls: 4}},
		Clients: []*aerv1.BaselineClient{{OrgId: "O1", Family: "chrome", Sessions: 90},
			{OrgId: "O1", Family: "edge", Sessions: 10}},
	})
	rows, total := x.Methods("O1", "browser")
	family, sessions := x.Family("O1", "edge")
	for what, ok := range map[string]bool{
		"version": x.Version() == "v1", "org row": x.Org("O1", "downloads", "1h", "").P999 == 40,
		"row by class": x.Org("O1", "calls", "1h", "browser").P999 == 7,
		"other org":    x.Org("O2", "downloads", "1h", "") == nil, "people": x.People("O1") == 12 && x.People("O2") == 0,
		"methods": len(rows) == 2 && total == 7, "clients": family.Sessions == 10 && sessions == 100,
	} {
		if !ok {
			t.Errorf("%s: wrong answer", what)
		}
	}
}
