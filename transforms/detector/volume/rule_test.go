// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// downloader is a user of 40 days who downloads new[d] new files on day d and is judged after the last.
func downloader(days int, newFiles map[int]int) *evidence.Input {
	p := profile.New("O", "U")
	var last *aerv1.Slice
	for d := range days {
		for i := range max(1, newFiles[d]) {
			ev := &aerv1.Event{
				Id: fmt.Sprintf("%d-%d", d, i), OrgId: "O", UserId: "U", Action: "file_downloaded",
				Object: &aerv1.Object{Type: "file", Id: "known"},
				Time:   aerv1.Time(activitytest.Monday.AddDate(0, 0, d).Add(time.Duration(i) * 30 * time.Second)),
			}
			if newFiles[d] > 0 {
				ev.Object.Id = ev.Id
			}
			last = activity.Summarise(ev, activity.DefaultWindowMS)
			profile.Apply(p, last)
		}
	}
	return &evidence.Input{Profile: p, Slice: last}
}

var hourly = Rule{Metric: profile.NewDownloads1h, Floor: 30, OrgFactor: 2, HabitFactor: 2}

// TestThreshold fills the formula by hand: max(s × F, (1 + (a-1) × s) × Q, (1 + (b-1) × s) × H).
func TestThreshold(t *testing.T) {
	row := func(org string, users uint32, p90 float64) *aerv1.BaselineOrg {
		return &aerv1.BaselineOrg{OrgId: org, Metric: "downloads", Horizon: "1h", Users: users, P90: p90, P999: 1e6}
	}
	known := downloader(40, map[int]int{10: 50, 20: 60, 39: 5})
	for _, c := range []struct {
		name        string
		in          *evidence.Input
		rows        []*aerv1.BaselineOrg
		sensitivity string
		want        float64
	}{
		{"the floor of a known account", downloader(40, nil), nil, "", 30},
		{"a young account", downloader(4, nil), nil, "", 60},
		{"the first day", downloader(1, nil), nil, "", 120},
		{"low", downloader(40, nil), nil, "low", 45},
		{"high", downloader(40, nil), nil, "high", 22.5},
		{"habit: the second highest day", known, nil, "", 100},
		{"habit where little is tolerated", known, nil, "high", 87.5},
		{"habit where much is", known, nil, "low", 125},
		{"one bad day is no habit", downloader(40, map[int]int{10: 100}), nil, "", 30},
		{"the last days are no habit", downloader(40, map[int]int{38: 70, 39: 70}), nil, "", 30},
		{"the organisation's quantile, of many people", downloader(40, nil),
			[]*aerv1.BaselineOrg{row("*", 1e6, 10), row("O", 1e6, 40)}, "", 80},
		{"where little is tolerated", downloader(40, nil),
			[]*aerv1.BaselineOrg{row("*", 1e6, 10), row("O", 1e6, 40)}, "high", 70},
		{"of few people, shrunk towards everyone's", downloader(40, nil),
			[]*aerv1.BaselineOrg{row("*", 1e6, 20), row("O", 100, 44)}, "", 80},
		{"of too few people: everyone's", downloader(40, nil),
			[]*aerv1.BaselineOrg{row("*", 1e6, 20), row("O", 99, 400)}, "", 40},
		{"everyone is too few", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 99, 400)}, "", 30},
		{"of nobody here", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 30)}, "", 60},
		{"of others only", downloader(40, nil), []*aerv1.BaselineOrg{row("P", 1e6, 500)}, "", 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Choice, c.in.Baseline = evidence.Chosen(c.sensitivity), nil
			if c.rows != nil {
				c.in.Baseline = baseline.NewIndex(&aerv1.Baseline{Version: "b", Orgs: c.rows})
			}
			if l := hourly.Threshold(c.in); math.Abs(l.Value-c.want) > 0.01 || l.Formula() == "" {
				t.Errorf("%v, want %v: %s", l.Value, c.want, l.Formula())
			}
		})
	}
}

func TestWorstIsTheRuleExceededMost(t *testing.T) {
	rules := []Rule{{Metric: profile.NewDownloads15m, Floor: 25}, {Metric: profile.NewDownloads1h, Floor: 30},
		{Metric: profile.NewDownloads24h, Floor: 59}}
	rule, observed, limit, ok := Worst(downloader(40, map[int]int{39: 60}), rules)
	if !ok || rule.Metric != profile.NewDownloads1h || observed != 60 || limit.Value != 30 {
		t.Errorf("%s: %v of %v, %v", rule.Metric, observed, limit.Value, ok)
	}
	if _, _, _, ok := Worst(downloader(40, map[int]int{39: 18}), rules); ok {
		t.Error("eighteen files are far below every limit")
	}
}

// TestAHintIsNoFinding: from three quarters of the limit on, and up to the limit itself.
func TestAHintIsNoFinding(t *testing.T) {
	for n, want := range map[int]struct{ ok, hint bool }{22: {}, 23: {true, true}, 30: {true, true}, 31: {true, false}} {
		in := downloader(40, map[int]int{39: n})
		_, observed, limit, ok := Worst(in, []Rule{hourly})
		if ok != want.ok {
			t.Errorf("%d of 30: %v", n, ok)
		}
		if !ok {
			continue
		}
		a := evidence.FromSlice(in, aerv1.TypeExcessiveDownloads, "", nil)
		Fill(a, hourly.Metric, "files", observed, limit)
		if a.Hint != want.hint || a.LogOnly != want.hint || !(a.Confidence > 0) || a.Confidence > 1 ||
			!strings.Contains(a.Evidence.FormulaFilled, fmt.Sprint(n, " > ")) {
			t.Errorf("%d of 30: %v", n, a)
		}
	}
}

// TestABusyDayRaisesTheOrganisationsTerm, by at most three, and nothing lowers it.
func TestABusyDayRaisesTheOrganisationsTerm(t *testing.T) {
	in := downloader(40, nil)
	day := time.UnixMilli(in.EndMS()).UTC()
	for factor, want := range map[float64]float64{0: 80, 0.5: 80, 1: 80, 1.5: 120, 3: 240, 50: 240} {
		in.Baseline = baseline.NewIndex(&aerv1.Baseline{
			Orgs: []*aerv1.BaselineOrg{
				{OrgId: "*", Metric: "downloads", Horizon: "1h", Users: 500, P90: 40},
				{OrgId: "O", Metric: "downloads", Horizon: "1h", Users: 500, P90: 40},
			},
			Live: []*aerv1.BaselineLive{{OrgId: "O", Metric: "users", Factor: factor, ValidFrom: aerv1.Time(day.Add(-time.Hour)),
				ValidUntil: aerv1.Time(day.Add(time.Hour))}},
		})
		l := hourly.Threshold(in)
		if math.Abs(l.Value-want) > 0.01 || strings.Contains(l.Formula(), "busy day") != (want > 80) {
			t.Errorf("factor %v: %v, want %v: %s", factor, l.Value, want, l.Formula())
		}
	}
}

// TestNobodyIsSignedOutWhileNothingIsKnown: in the first week of an installation every account is new and there is no
// baseline; what exceeds even a raised floor then only logs. A new account where people are known acts.
func TestNobodyIsSignedOutWhileNothingIsKnown(t *testing.T) {
	known := baseline.NewIndex(
		&aerv1.Baseline{Orgs: []*aerv1.BaselineOrg{{OrgId: "*", Metric: "downloads", Horizon: "1h", Users: 500, P90: 4}}})
	for name, c := range map[string]struct {
		age  int // days
		x    *baseline.Index
		want bool
	}{
		"a new account, nothing known":       {3, nil, true},
		"a new account, others are known":    {3, known, false},
		"a known account without a baseline": {40, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := downloader(c.age, map[int]int{c.age - 1: 200})
			in.Baseline = c.x
			l := hourly.Threshold(in)
			a := evidence.FromSlice(in, "t", "", nil)
			Fill(a, hourly.Metric, "files", 200, l)
			if l.Cold != c.want || a.LogOnly != c.want {
				t.Errorf("cold %t, only logs %t, want %t: %s %q", l.Cold, a.LogOnly, c.want, l.Formula(), l.Notes())
			}
		})
	}
}

// TestALongHorizonMustGoOn: what ended an hour ago is not reported again and again for a day.
func TestALongHorizonMustGoOn(t *testing.T) {
	rule := Rule{Metric: profile.NewDownloads24h, Floor: 40, Recent: profile.NewDownloads1h, RecentPace: 1.5}
	in := downloader(40, map[int]int{39: 60})
	if _, _, _, ok := Worst(in, []Rule{rule}); !ok {
		t.Error("60 of 40 within the hour must be reported")
	}
	later := &aerv1.Slice{WindowStartMs: in.Slice.WindowStartMs + 3*60*60*1000, WindowMs: in.Slice.WindowMs}
	if _, _, _, ok := Worst(&evidence.Input{Profile: in.Profile, Slice: later}, []Rule{rule}); ok {
		t.Error("three hours later nothing goes on")
	}
}
