// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var day0 = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// at is a time of day on day d since day0.
func at(d int, clock string) time.Time {
	c, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return day0.AddDate(0, 0, d).Add(c.Sub(c.Truncate(24 * time.Hour)))
}

func anomaly(id, kind, user string, when time.Time, knownAfter time.Duration) *aerv1.Anomaly {
	return &aerv1.Anomaly{
		Id: id, Type: kind, OrgId: "o", UserId: user, Time: aerv1.Time(when), KnownAt: aerv1.Time(when.Add(knownAfter)),
		Evidence: &aerv1.Evidence{Signal: "n", Observed: 105, Threshold: 100},
	}
}

// fixture has an attacked user a, a look-alike user b and a background user c, each active daily at noon for 40 days.
func fixture() (*Evaluator, func()) {
	e := New([]Incident{
		{ID: "i1", Kind: "tor_exit", OrgID: "o", UserID: "a", Start: at(30, "10:00"), End: at(30, "11:00"),
			Expected: []string{"tor", "session_fingerprint"}, Anomalous: true},
		{ID: "i2", Kind: "tor_exit", OrgID: "o", UserID: "a", Start: at(31, "10:00"), End: at(31, "11:00"),
			Expected: []string{"tor"}, Anomalous: true},
		{ID: "i3", Kind: "travel", OrgID: "o", UserID: "b", Start: at(30, "10:00"), End: at(30, "14:00")},
		{ID: "later", Kind: "travel", OrgID: "o", UserID: "b", Start: at(300, "10:00"), End: at(300, "14:00")},
	}, []Span{{OrgID: "o", UserID: "c", Start: at(39, "00:00"), End: at(40, "00:00")}})
	return e, func() {
		for d := 0; d < 40; d++ {
			for _, u := range []string{"a", "b", "c"} {
				e.Event("o", u, at(d, "12:00"))
			}
		}
	}
}

func TestIncidents(t *testing.T) {
	cases := []struct {
		name         string
		anomaly      *aerv1.Anomaly
		found, false int
	}{
		{"right type inside", anomaly("x", "tor", "a", at(30, "10:00"), 0), 1, 0},
		{"second expected type", anomaly("x", "session_fingerprint", "a", at(30, "10:30"), 0), 1, 0},
		{"inside the grace", anomaly("x", "tor", "a", at(30, "11:15"), 0), 1, 0},
		{"after the grace", anomaly("x", "tor", "a", at(30, "11:16"), 0), 0, 0},
		{"before the start", anomaly("x", "tor", "a", at(30, "09:59"), 0), 0, 0},
		{"wrong type", anomaly("x", "unexpected_scraping", "a", at(30, "10:30"), 0), 0, 0},
		{"wrong user", anomaly("x", "tor", "c", at(30, "10:30"), 0), 0, 0},
		{"wrong organisation", &aerv1.Anomaly{Id: "x", Type: "tor", OrgId: "p", UserId: "a",
			Time: aerv1.Time(at(30, "10:30"))}, 0, 0},
		{"look-alike, any type", anomaly("x", "unexpected_scraping", "b", at(30, "14:10"), 0), 0, 1},
		{"outside the period", anomaly("x", "tor", "b", at(300, "11:00"), 0), 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, events := fixture()
			e.Anomaly(c.anomaly)
			events()
			r := e.Report()
			if r.AllAttacks.Found != c.found || r.AllLookLike.Found != c.false {
				t.Errorf("found %d, false %d; want %d, %d", r.AllAttacks.Found, r.AllLookLike.Found, c.found, c.false)
			}
			if r.AllAttacks.Incidents != 2 || r.AllLookLike.Incidents != 1 || r.Outside != 1 {
				t.Errorf("incidents %d, %d, outside %d", r.AllAttacks.Incidents, r.AllLookLike.Incidents, r.Outside)
			}
			if len(r.Missed) != 2-c.found {
				t.Errorf("%d missed, want %d", len(r.Missed), 2-c.found)
			}
		})
	}
}

func TestTimeToDetectIsFromKnownAt(t *testing.T) {
	e, events := fixture()
	e.Anomaly(anomaly("late", "tor", "a", at(30, "10:01"), time.Hour))
	e.Anomaly(anomaly("soon", "session_fingerprint", "a", at(30, "10:02"), 10*time.Second))
	e.Anomaly(anomaly("next", "tor", "a", at(31, "10:30"), 0))
	events()
	r := e.Report()
	if r.AllAttacks.DetectP50S != 130 || r.AllAttacks.DetectP95S != 1800 {
		t.Errorf("p50 %v, p95 %v; want 130, 1800", r.AllAttacks.DetectP50S, r.AllAttacks.DetectP95S)
	}
	tor := r.Detectors[0]
	if tor.Type != "tor" || tor.Expected != 2 || tor.Found != 2 || tor.Right != 2 || tor.Near != 2 {
		t.Errorf("tor: %+v", tor)
	}
}

func TestBackground(t *testing.T) {
	cases := []struct {
		name      string
		anomalies []*aerv1.Anomaly
		want      int
	}{
		{"one alarm", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(30, "12:00"), 0)}, 1},
		{"same day and type", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(30, "12:00"), 0),
			anomaly("y", "tor", "c", at(30, "13:00"), 0)}, 1},
		{"another type", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(30, "12:00"), 0),
			anomaly("y", "unexpected_scraping", "c", at(30, "13:00"), 0)}, 2},
		{"another day", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(30, "12:00"), 0),
			anomaly("y", "tor", "c", at(31, "12:00"), 0)}, 2},
		{"excluded span", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(39, "12:00"), 0)}, 0},
		{"young account", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(20, "12:00"), 0)}, 0},
		{"just learned", []*aerv1.Anomaly{anomaly("x", "tor", "c", at(21, "12:00"), 0)}, 1},
		{"attacked user on another day", []*aerv1.Anomaly{anomaly("x", "tor", "a", at(35, "12:00"), 0)}, 1},
		{"unknown user", []*aerv1.Anomaly{anomaly("x", "tor", "nobody", at(35, "12:00"), 0)}, 0},
	}
	// 19 learned days (21 to 39) each; b's noon of day 30 is inside its incident, c's day 39 is excluded.
	const userDays = 3*19 - 2
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, events := fixture()
			for _, a := range c.anomalies {
				e.Anomaly(a)
			}
			events()
			b := e.Report().Background
			if b.UserDays != userDays || b.FalseAlarms != c.want {
				t.Errorf("%d false alarms in %d user-days, want %d in %d", b.FalseAlarms, b.UserDays, c.want, userDays)
			}
			if want := 10_000 * float64(c.want) / userDays; b.Per10k != want {
				t.Errorf("per 10k %v, want %v", b.Per10k, want)
			}
		})
	}
}

func TestWouldRespond(t *testing.T) {
	logOnly := anomaly("x", "tor", "c", at(30, "12:00"), 0)
	logOnly.LogOnly = true
	cases := []struct {
		name     string
		anomaly  *aerv1.Anomaly
		decision *aerv1.Decision
		want     int
	}{
		{"default of tor", anomaly("x", "tor", "c", at(30, "12:00"), 0), nil, 1},
		{"default of downloads", anomaly("x", "excessive_downloads", "c", at(30, "12:00"), 0), nil, 0},
		{"weak finding", logOnly, nil, 0},
		{"decided to respond", anomaly("x", "excessive_downloads", "c", at(30, "12:00"), 0),
			&aerv1.Decision{AnomalyId: "x", Outcome: aerv1.Decision_PERSISTING}, 1},
		{"decided to log", anomaly("x", "tor", "c", at(30, "12:00"), 0),
			&aerv1.Decision{AnomalyId: "x", Outcome: aerv1.Decision_LOG_ONLY}, 0},
		{"not decided among decided", anomaly("x", "tor", "c", at(30, "12:00"), 0), &aerv1.Decision{AnomalyId: "other"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, events := fixture()
			if c.decision != nil {
				e.Decision(c.decision)
			}
			e.Anomaly(c.anomaly)
			events()
			b := e.Report().Background
			if b.Responds != c.want || b.Responds+b.LogOnly != 1 {
				t.Errorf("responds %d, log only %d; want %d responding of 1", b.Responds, b.LogOnly, c.want)
			}
		})
	}
}

func TestReportDoesNotDependOnOrder(t *testing.T) {
	build := func(backwards bool) *Report {
		e, _ := fixture()
		for i := range 6 {
			n := i
			if backwards {
				n = 5 - i
			}
			e.Anomaly(anomaly(fmt.Sprint(n), aerv1.AnomalyTypes[n], "abc"[n%3:n%3+1], at(30, "12:00"), 0))
		}
		for i := range 40 {
			d := i
			if backwards {
				d = 39 - i
			}
			for _, u := range []string{"a", "b", "c"} {
				e.Event("o", u, at(d, "12:00"))
			}
		}
		return e.Report()
	}
	var forth, back bytes.Buffer
	show := map[string]bool{ShowMissed: true, ShowFalse: true}
	build(false).Print(term.New(&forth), show)
	build(true).Print(term.New(&back), show)
	if diff := cmp.Diff(strings.Split(forth.String(), "\n"), strings.Split(back.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestQuantileIsNearestRank(t *testing.T) {
	d := []time.Duration{5, 1, 4, 2, 3}
	for q, want := range map[float64]time.Duration{0.5: 3, 0.95: 5, 0.2: 1, 0.21: 2} {
		if got := quantile(d, q); got != want {
			t.Errorf("quantile %v = %d, want %d", q, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("quantile of nothing")
	}
}
