package evidence

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/profile"
)

func TestSeverityByMagnitude(t *testing.T) {
	for magnitude, want := range map[float64]string{0: "low", 0.99: "low", 1: "medium", 1.99: "medium", 2: "high", 4.9: "high", 5: "critical", math.Inf(1): "critical"} {
		if got := Severity(magnitude); got != want {
			t.Errorf("%v times the threshold is %s, want %s", magnitude, got, want)
		}
	}
}

func TestReasonsBringTheirCompany(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"tor"}, []string{"tor"}},
		{[]string{"unexpected_user_agent"}, []string{"unexpected_user_agent", "user_agent"}},
		{[]string{"spoofed_user_agent"}, []string{"spoofed_user_agent", "unexpected_client"}},
		{[]string{"session_fingerprint", "asn"}, []string{"session_fingerprint", "asn", "ip_address"}},
		{[]string{"asn", "ip_address", "asn"}, []string{"asn", "ip_address"}}, {nil, nil},
	} {
		if got := Reasons(c.in...); !slices.Equal(got, c.want) {
			t.Errorf("%v became %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCombine(t *testing.T) {
	sign := func(w float64) *aerv1.Sign { return &aerv1.Sign{Code: "x_y", Weight: w} }
	for _, c := range []struct {
		signs []*aerv1.Sign
		want  float64
	}{{nil, 0}, {[]*aerv1.Sign{sign(0.7)}, 0.7}, {[]*aerv1.Sign{sign(0.7), sign(0.6)}, 0.88}, {[]*aerv1.Sign{sign(0.7), sign(0.6), sign(0.2)}, 0.904}, {[]*aerv1.Sign{sign(1), sign(0.1)}, 1}} {
		if got := Combine(c.signs); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v signs combine to %v, want %v", c.signs, got, c.want)
		}
	}
	if got := Codes([]*aerv1.Sign{sign(1), sign(1)}); got != "x y, x y" {
		t.Errorf("codes %q", got)
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 3: "3", 2.5: "2.5", 1.0 / 3: "0.33", 0.999: "1", 123456.789: "123456.79"} {
		if got := Number(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

// downloader is a user of 40 days who downloads new[d] new files on day d and is judged after the last.
func downloader(days int, newFiles map[int]int) *Input {
	p := profile.New("O", "U")
	var last *aerv1.Slice
	for d := range days {
		for i := range max(1, newFiles[d]) {
			ev := &aerv1.Event{
				Id: fmt.Sprintf("%d-%d", d, i), OrgId: "O", UserId: "U", Action: "file_downloaded", Object: &aerv1.Object{Type: "file", Id: "known"},
				Time: aerv1.Time(activitytest.Monday.AddDate(0, 0, d).Add(time.Duration(i) * 30 * time.Second)),
			}
			if newFiles[d] > 0 {
				ev.Object.Id = ev.Id
			}
			last = activity.Summarise(ev, activity.DefaultWindowMS)
			profile.Apply(p, last)
		}
	}
	return &Input{Profile: p, Slice: last}
}

var hourly = VolumeRule{Metric: "new_downloads_1h", Floor: 30, OrgFactor: 2, HabitFactor: 2}

// TestThreshold fills the formula by hand: max(s × F, (1 + (a-1) × s) × Q, (1 + (b-1) × s) × H).
func TestThreshold(t *testing.T) {
	row := func(org string, users uint32, p90 float64) *aerv1.BaselineOrg {
		return &aerv1.BaselineOrg{OrgId: org, Metric: "downloads", Horizon: "1h", Users: users, P90: p90, P999: 1e6}
	}
	known := downloader(40, map[int]int{10: 50, 20: 60, 39: 5})
	for _, c := range []struct {
		name        string
		in          *Input
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
		{"the organisation's quantile, of many people", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 10), row("O", 1e6, 40)}, "", 80},
		{"where little is tolerated", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 10), row("O", 1e6, 40)}, "high", 70},
		{"of few people, shrunk towards everyone's", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 20), row("O", 100, 44)}, "", 80},
		{"of too few people: everyone's", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 20), row("O", 99, 400)}, "", 40},
		{"everyone is too few", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 99, 400)}, "", 30},
		{"of nobody here", downloader(40, nil), []*aerv1.BaselineOrg{row("*", 1e6, 30)}, "", 60},
		{"of others only", downloader(40, nil), []*aerv1.BaselineOrg{row("P", 1e6, 500)}, "", 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Sensitivity, c.in.Baseline = c.sensitivity, nil
			if c.rows != nil {
				c.in.Baseline = baseline.NewIndex(&aerv1.Baseline{Version: "b", Orgs: c.rows})
			}
			if l := hourly.Threshold(c.in); math.Abs(l.Value-c.want) > 0.01 || l.Formula == "" {
				t.Errorf("%v, want %v: %s", l.Value, c.want, l.Formula)
			}
		})
	}
}

func TestWorstIsTheRuleExceededMost(t *testing.T) {
	rules := []VolumeRule{{Metric: "new_downloads_15m", Floor: 25}, {Metric: "new_downloads_1h", Floor: 30}, {Metric: "new_downloads_24h", Floor: 59}}
	rule, observed, limit, ok := Worst(downloader(40, map[int]int{39: 60}), rules)
	if !ok || rule.Metric != "new_downloads_1h" || observed != 60 || limit.Value != 30 {
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
		_, observed, limit, ok := Worst(in, []VolumeRule{hourly})
		if ok != want.ok {
			t.Errorf("%d of 30: %v", n, ok)
		}
		if !ok {
			continue
		}
		a := FromSlice(in, aerv1.TypeExcessiveDownloads, "", nil)
		Fill(a, hourly.Metric, "files", observed, limit)
		if a.Hint != want.hint || a.LogOnly != want.hint || !(a.Confidence > 0) || a.Confidence > 1 || !strings.Contains(a.Evidence.FormulaFilled, fmt.Sprint(n, " > ")) {
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
				{OrgId: "*", Metric: "downloads", Horizon: "1h", Users: 500, P90: 40}, {OrgId: "O", Metric: "downloads", Horizon: "1h", Users: 500, P90: 40},
			},
			Live: []*aerv1.BaselineLive{{OrgId: "O", Metric: "users", Factor: factor, ValidFrom: aerv1.Time(day.Add(-time.Hour)), ValidUntil: aerv1.Time(day.Add(time.Hour))}},
		})
		l := hourly.Threshold(in)
		if math.Abs(l.Value-want) > 0.01 || strings.Contains(l.Formula, "busy day") != (want > 80) {
			t.Errorf("factor %v: %v, want %v: %s", factor, l.Value, want, l.Formula)
		}
	}
}

// TestNobodyIsSignedOutWhileNothingIsKnown: in the first week of an installation every account is new and there is no
// baseline; what exceeds even a raised floor then only logs. A new account where people are known acts.
func TestNobodyIsSignedOutWhileNothingIsKnown(t *testing.T) {
	known := baseline.NewIndex(&aerv1.Baseline{Orgs: []*aerv1.BaselineOrg{{OrgId: "*", Metric: "downloads", Horizon: "1h", Users: 500, P90: 4}}})
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
			a := FromSlice(in, "t", "", nil)
			Fill(a, hourly.Metric, "files", 200, l)
			if l.Cold != c.want || a.LogOnly != c.want {
				t.Errorf("cold %t, only logs %t, want %t: %s %q", l.Cold, a.LogOnly, c.want, l.Formula, l.Notes)
			}
		})
	}
}

// TestALongHorizonMustGoOn: what ended an hour ago is not reported again and again for a day.
func TestALongHorizonMustGoOn(t *testing.T) {
	rule := VolumeRule{Metric: "new_downloads_24h", Floor: 40, Recent: "new_downloads_1h", RecentPace: 1.5}
	in := downloader(40, map[int]int{39: 60})
	if _, _, _, ok := Worst(in, []VolumeRule{rule}); !ok {
		t.Error("60 of 40 within the hour must be reported")
	}
	later := &aerv1.Slice{WindowStartMs: in.Slice.WindowStartMs + 3*60*60*1000, WindowMs: in.Slice.WindowMs}
	if _, _, _, ok := Worst(&Input{Profile: in.Profile, Slice: later}, []VolumeRule{rule}); ok {
		t.Error("three hours later nothing goes on")
	}
}

func TestBusiestClient(t *testing.T) {
	s := &aerv1.Slice{Facets: []*aerv1.Facet{
		{SessionId: "S1", Downloads: 2, Client: &aerv1.FacetClient{Ip: "a"}}, {SessionId: "S2", Downloads: 5, Client: &aerv1.FacetClient{Ip: "b"}},
		{SessionId: "S2", Downloads: 1, Client: &aerv1.FacetClient{Ip: "c"}}, {SessionId: "S3", Reads: 9}, {Downloads: 1},
	}}
	if c, sessions := BusiestClient(s, (*aerv1.Facet).GetDownloads); c.GetIp() != "b" || !slices.Equal(sessions, []string{"S2", "S1"}) {
		t.Errorf("client %v, sessions %v", c, sessions)
	}
	if c, sessions := BusiestClient(s, (*aerv1.Facet).GetCalls); c != nil || sessions != nil {
		t.Errorf("nobody called, got %v and %v", c, sessions)
	}
}

func TestEventIDsAreTheFirstAndTheLast(t *testing.T) {
	s := &aerv1.Slice{Last: &aerv1.EventRef{Id: "last"}}
	for i := range 16 {
		s.Refs = append(s.Refs, &aerv1.EventRef{Id: fmt.Sprint(i)})
	}
	if ids := eventIDs(s); len(ids) != 16 || ids[0] != "0" || ids[14] != "14" || ids[15] != "last" {
		t.Errorf("%v", ids)
	}
	if ids := eventIDs(&aerv1.Slice{Refs: s.Refs[:1], Last: s.Refs[0]}); len(ids) != 1 {
		t.Errorf("one event gave %v", ids)
	}
}

// TestTheFormulaAddsUp at every sensitivity.
func TestTheFormulaAddsUp(t *testing.T) {
	signs := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "family_changed", Weight: 0.7}}
	for sensitivity, want := range map[string]string{
		"medium": "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, T = 0.9",
		"low":    "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, / 1.08 by sensitivity = 0.8426, T = 0.9",
		"high":   "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, / 0.93 by sensitivity = 0.9785, T = 0.9",
	} {
		a := &aerv1.Anomaly{Evidence: &aerv1.Evidence{}}
		FillSigns(a, "s", signs, 1, 0.9, sensitivity)
		if a.Evidence.FormulaFilled != want {
			t.Errorf("%s:\n got  %s\n want %s", sensitivity, a.Evidence.FormulaFilled, want)
		}
	}
}

// TestFillSignsOfAWeakFinding: below act it only logs, and what signs may give at most is said.
func TestFillSignsOfAWeakFinding(t *testing.T) {
	weak := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "asn_new", Weight: 0.4}}
	strong := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "fork", Weight: 0.8}}
	for _, c := range []struct {
		signs []*aerv1.Sign
		most  float64
		log   bool
		want  float64
	}{{weak, 1, true, 0.82}, {strong, 1, false, 0.94}, {strong, 0.8, true, 0.8}, {strong, 0.95, false, 0.94}, {[]*aerv1.Sign{{Weight: 1}}, 1, false, 0.999}} {
		a := &aerv1.Anomaly{Evidence: &aerv1.Evidence{}}
		FillSigns(a, "s", c.signs, c.most, 0.9, "")
		said := strings.Contains(a.Evidence.FormulaFilled, "at most "+Number(c.most))
		if a.LogOnly != c.log || math.Abs(a.Confidence-c.want) > 1e-9 || said != (c.most < Combine(c.signs)) || len(a.Evidence.Signs) != len(c.signs) {
			t.Errorf("%v, at most %v: %v", c.signs, c.most, a)
		}
	}
}

// A finding by a baseline that has long ended says so; one by a current baseline does not.
func TestAStaleBaselineIsSaid(t *testing.T) {
	in := downloader(40, nil)
	end := time.UnixMilli(in.EndMS())
	for age, want := range map[time.Duration]bool{-time.Hour: false, time.Hour: false, 72 * time.Hour: true} {
		in.Baseline = baseline.NewIndex(&aerv1.Baseline{Version: "b", ValidFrom: aerv1.Time(end.AddDate(0, 0, -9)), ValidUntil: aerv1.Time(end.Add(-age))})
		notes := FromSlice(in, aerv1.TypeExcessiveDownloads, "", nil).Evidence.Notes
		if said := len(notes) == 1 && strings.Contains(notes[0], "3 days old"); said != want {
			t.Errorf("ended %s ago: %q", age, notes)
		}
	}
}
