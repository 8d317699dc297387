// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// days appends rows of activity_daily for one user: one value of downloads in 24 h for each day from first on.
func days(t testing.TB, db *DB, org, user, first string, values ...float64) {
	t.Helper()
	var rows []proto.Message
	for i, v := range values {
		d := at(t, first+"T00:00:00").AddDate(0, 0, i)
		rows = append(rows, &aerv1.ActivityDay{OrgId: org, UserId: user, Day: aerv1.Time(d), Events: 1,
			Values: []*aerv1.DayValue{
				{Metric: "downloads", Horizon: "24h", Value: v}, {Metric: "downloads", Horizon: "7d", Value: v},
			}})
	}
	if err := db.Append(t.Context(), warehouse.ActivityDaily, rows...); err != nil {
		t.Fatal(err)
	}
}

func build(t testing.TB, db *DB, from, until string, change func(*Build)) []*aerv1.Baseline {
	t.Helper()
	b := Build{From: at(t, from+"T00:00:00"), Until: at(t, until+"T00:00:00")}
	if change != nil {
		change(&b)
	}
	out, err := db.Baselines(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func orgRow(v *aerv1.Baseline, org, horizon string) string {
	for _, r := range v.Orgs {
		if r.OrgId == org && r.Metric == "downloads" && r.Horizon == horizon {
			return fmt.Sprintf("users %d days %d p50 %g p90 %g p99 %g p999 %g max %g", r.Users, r.UserDays, r.P50, r.P90,
				r.P99, r.P999, r.Max)
		}
	}
	return "none"
}

func TestBaselineCountsPeopleNotDays(t *testing.T) {
	db := openFile(t, "")
	days(t, db, "O1", "busy", "2024-01-01", 9, 9, 9, 9, 9, 9, 9, 9)
	days(t, db, "O1", "calm", "2024-01-01", 1)
	days(t, db, "O1", "mid", "2024-01-01", 2, 3)
	days(t, db, "O2", "other", "2024-01-01", 20)
	v := build(t, db, "2024-01-20", "2024-01-21", nil)
	if len(v) != 1 {
		t.Fatalf("%d versions, want 1", len(v))
	}
	// Three people with habits 9, 1, 3: the median person does 3, however often the busy one does 9.
	equal(t, "O1", []string{orgRow(v[0], "O1", "24h")}, "users 3 days 11 p50 3 p90 9 p99 9 p999 9 max 9")
	// Habits 1 3 9 20: rank ceil(0.5 x 4) = 2.
	equal(t, "everyone", []string{orgRow(v[0], "*", "24h")}, "users 4 days 12 p50 3 p90 20 p99 20 p999 20 max 20")
}

func TestBaselineIsWinsorised(t *testing.T) {
	db := openFile(t, "")
	// A person of twenty days: the one day of 500 is not yet a habit.
	days(t, db, "O1", "once", "2024-01-01", append(slicesRepeat(4, 19), 500)...)
	// An organisation of ten: the exporter's 65 is max, not p99.
	for i := range 9 {
		days(t, db, "O2", fmt.Sprint("U", i), "2024-01-01", float64(i+1))
	}
	days(t, db, "O2", "exporter", "2024-01-01", 65)
	v := build(t, db, "2024-01-28", "2024-01-29", nil)[0]
	equal(t, "one day of many", []string{orgRow(v, "O1", "24h")}, "users 1 days 20 p50 4 p90 4 p99 4 p999 4 max 4")
	equal(t, "one person of many", []string{orgRow(v, "O2", "24h")}, "users 10 days 10 p50 5 p90 9 p99 9 p999 9 max 65")
}

func slicesRepeat(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// TestBaselineHistory: a version of day D stands on the 28 days that end 7 days before D.
func TestBaselineHistory(t *testing.T) {
	db := openFile(t, "")
	days(t, db, "O1", "U1", "2024-02-01", 5)
	has := func(d string, change func(*Build)) bool {
		first := at(t, d+"T00:00:00")
		return len(build(t, db, d, first.AddDate(0, 0, 1).Format(time.DateOnly), change)) == 1
	}
	for _, c := range []struct {
		version string
		change  func(*Build)
		want    bool
	}{
		{"2024-02-08", nil, false}, // seven days later: [Jan 4, Feb 1)
		{"2024-02-09", nil, true},
		{"2024-03-07", nil, true},  // Feb 1 + 7 + 28
		{"2024-03-08", nil, false}, // forgotten
		{"2024-02-01", func(b *Build) { b.LagDays = -1 }, false},
		{"2024-02-02", func(b *Build) { b.LagDays = -1 }, true},
		{"2024-02-03", func(b *Build) { b.LagDays, b.HabitDays = -1, 1 }, false},
	} {
		if got := has(c.version, c.change); got != c.want {
			t.Errorf("version %s knows the first of February: %v, want %v", c.version, got, c.want)
		}
	}
}

func TestAttackDaysDoNotTeach(t *testing.T) {
	db := openFile(t, "")
	days(t, db, "O1", "victim", "2024-01-01", 1, 2, 80, 81, 3, 3, 3, 3, 3, 3, 3, 90)
	attack := func(id string, from, until string, outcome aerv1.Decision_Outcome) {
		a := &aerv1.Anomaly{Id: id, OrgId: "O1", UserId: "victim", Time: aerv1.Time(at(t, until)),
			KnownAt: aerv1.Time(at(t, until)),
			Window:  &aerv1.Window{Start: aerv1.Time(at(t, from)), End: aerv1.Time(at(t, until))}}
		d := &aerv1.Decision{Id: "d" + id, AnomalyId: id, OrgId: "O1", UserId: "victim", Outcome: outcome}
		if err := db.Append(t.Context(), warehouse.Anomalies, a); err != nil {
			t.Fatal(err)
		}
		if err := db.Append(t.Context(), warehouse.Decisions, d); err != nil {
			t.Fatal(err)
		}
	}
	attack("1", "2024-01-03T22:00:00", "2024-01-04T02:00:00", aerv1.Decision_RESPOND)
	attack("2", "2024-01-12T22:00:00", "2024-01-12T23:00:00", aerv1.Decision_LOG_ONLY) // logs only: stays
	v := build(t, db, "2024-01-28", "2024-01-29", func(b *Build) { b.Users = true })[0]
	equal(t, "24h leaves out the 3rd and 4th", []string{orgRow(v, "O1", "24h")},
		"users 1 days 10 p50 90 p90 90 p99 90 p999 90 max 90")
	// Weekly values of 3 to 10 January contain the attack: what is left is 1, 2, 3 (11th) and 90.
	equal(t, "7d leaves out the week after", []string{orgRow(v, "O1", "7d")},
		"users 1 days 4 p50 90 p90 90 p99 90 p999 90 max 90")
	for _, u := range v.Users {
		if u.Horizon == "24h" && (u.Days != 10 || u.ActiveDays != 10 || u.P50 != 3 || u.Max != 90) {
			t.Errorf("the person's own row: %v", u)
		}
	}
}

// TestMoreCallsThanARowCanSay are as many as it can.
func TestMoreCallsThanARowCanSay(t *testing.T) {
	db := openFile(t, "")
	for _, org := range []string{"O1", "O2"} {
		must(t, db.Append(t.Context(), warehouse.ActivityDaily, &aerv1.ActivityDay{
			OrgId: org, UserId: "U1", Day: aerv1.Time(at(t, "2024-01-01T00:00:00")),
			Methods: []*aerv1.MethodCalls{{Class: "browser", Method: "m", Calls: 3_000_000_000}},
		}))
	}
	for _, r := range build(t, db, "2024-01-20", "2024-01-21", nil)[0].Methods {
		if want := map[string]uint32{"O1": 3_000_000_000, "O2": 3_000_000_000,
			"*": math.MaxUint32}[r.OrgId]; r.Calls != want {
			t.Errorf("%s: %d calls, want %d", r.OrgId, r.Calls, want)
		}
	}
}

func TestBaselineOfClientsMethodsAndFingerprints(t *testing.T) {
	db := openFile(t, "")
	row := func(org, user, date string, uses []*aerv1.ClientUse, methods ...*aerv1.MethodCalls) proto.Message {
		return &aerv1.ActivityDay{OrgId: org, UserId: user, Day: aerv1.Time(at(t, date+"T00:00:00")),
			Clients: uses, Methods: methods}
	}
	chrome := []*aerv1.ClientUse{{Family: "chrome", Ja4: "a", Class: "browser", Asn: 1, Sessions: 2},
		{Family: "chrome", Ja4: "a", Class: "browser", Asn: 2, Sessions: 1}}
	err := db.Append(t.Context(), warehouse.ActivityDaily,
		row("O1", "U1", "2024-01-01", chrome, &aerv1.MethodCalls{Class: "browser", Method: "m", Calls: 5}),
		row("O1", "U1", "2024-01-02", chrome, &aerv1.MethodCalls{Class: "browser", Method: "m", Calls: 6}),
		row("O1", "U2", "2024-01-02", []*aerv1.ClientUse{{Family: "curl", Sessions: 1}, {Ja4: "x", Sessions: 1}},
			&aerv1.MethodCalls{Class: "library", Method: "m", Calls: 1}),
		row("O2", "U1", "2024-01-02", []*aerv1.ClientUse{{Family: "chrome", Ja4: "b", Sessions: 4}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	v := build(t, db, "2024-01-20", "2024-01-21", nil)[0]
	want := &aerv1.Baseline{
		Version: v.Version, ValidFrom: aerv1.Time(at(t, "2024-01-20T00:00:00")),
		ValidUntil: aerv1.Time(at(t, "2024-01-21T00:00:00")),
		HabitDays:  28, LagDays: 7,
		// Fingerprint b was seen on one day only.
		Fingerprints: []*aerv1.BaselineFingerprint{
			{OrgId: "O1", Ja4: "a", Class: "interactive", Users: 1, Observations: 6, Orgs: 1},
			{OrgId: "O1", Family: "chrome", Ja4: "a", Class: "browser", Users: 1, Observations: 6, Orgs: 1},
		},
		Methods: []*aerv1.BaselineMethod{
			{OrgId: "*", Class: "browser", Method: "m", Users: 1, Calls: 11},
			{OrgId: "*", Class: "library", Method: "m", Users: 1, Calls: 1},
			{OrgId: "O1", Class: "browser", Method: "m", Users: 1, Calls: 11},
			{OrgId: "O1", Class: "library", Method: "m", Users: 1, Calls: 1},
		},
		Clients: []*aerv1.BaselineClient{
			{OrgId: "*", Family: "chrome", Users: 2, Sessions: 10}, {OrgId: "*", Family: "curl", Users: 1, Sessions: 1},
			{OrgId: "O1", Family: "chrome", Users: 1, Sessions: 6}, {OrgId: "O1", Family: "curl", Users: 1, Sessions: 1},
			{OrgId: "O2", Family: "chrome", Users: 1, Sessions: 4},
		},
	}
	if diff := cmp.Diff(want, v, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

// TestFingerprintsCountPeopleAndOrganisations: an account counts once however many programs it names, a tenant once
// however many accounts it has, and what five organisations know is said once for all.
func TestFingerprintsCountPeopleAndOrganisations(t *testing.T) {
	db := openFile(t, "")
	twice := func(org, user, family, class, ja4, first string) {
		for n := range 2 {
			d := aerv1.Time(at(t, first+"T00:00:00").AddDate(0, 0, n))
			must(t, db.Append(t.Context(), warehouse.ActivityDaily, &aerv1.ActivityDay{OrgId: org, UserId: user + family, Day: d,
				Clients: []*aerv1.ClientUse{{Family: family, Ja4: ja4, Class: class, Sessions: 1}}}))
		}
	}
	// An account of O1 under two names, one day under a third; of which one more person knows the first.
	for n, uses := range [][]*aerv1.ClientUse{
		{{Family: "chrome", Ja4: "a", Class: "browser", Sessions: 1},
			{Family: "edge", Ja4: "a", Class: "browser", Sessions: 1}},
		{{Family: "chrome", Ja4: "a", Class: "browser", Sessions: 1},
			{Family: "edge", Ja4: "a", Class: "browser", Sessions: 1},
			{Family: "opera", Ja4: "a", Class: "browser", Sessions: 1}},
	} {
		must(t,
			db.Append(t.Context(), warehouse.ActivityDaily,
				&aerv1.ActivityDay{OrgId: "O1", UserId: "U1",
					Day: aerv1.Time(at(t, "2024-01-01T00:00:00").AddDate(0, 0, n)), Clients: uses}))
	}
	twice("O1", "U2", "chrome", "browser", "a", "2024-01-01")
	// A library in four organisations, of which one has many accounts; then in a fifth.
	for _, org := range []string{"O1", "O2", "O3"} {
		twice(org, "bot", "curl", "library", "l", "2024-01-01")
	}
	for _, user := range []string{"1", "2", "3", "4", "5", "6"} {
		twice("O4", user, "curl", "library", "l", "2024-01-01")
	}
	twice("O5", "bot", "go", "library", "l", "2024-01-05")
	twice("O6", "bot", "curl", "library", "l", "2024-01-08")
	said := func(v *aerv1.Baseline) (out []string) {
		for _, r := range v.Fingerprints {
			if r.OrgId == "O1" || r.OrgId == "*" {
				out = append(out, fmt.Sprintf("%s %s %s/%s %d people %d orgs", r.OrgId, r.Ja4, r.Family, r.Class, r.Users, r.Orgs))
			}
		}
		return out
	}
	versions := build(t, db, "2024-01-03", "2024-01-11", nil)
	own := []string{"O1 a /interactive 2 people 1 orgs", "O1 a chrome/browser 2 people 1 orgs",
		"O1 a edge/browser 1 people 1 orgs"}
	equal(t, "four", said(versions[0]), "O1 a /interactive 2 people 1 orgs", "O1 l /library 1 people 1 orgs", own[1],
		"O1 l curl/library 1 people 1 orgs", own[2])
	equal(t, "five, but not of one family", said(versions[4]),
		append([]string{"* l /library 10 people 5 orgs", own[0], own[1], "O1 l curl/library 1 people 1 orgs"}, own[2])...)
	equal(t, "five of a family", said(versions[7]),
		append([]string{"* l /library 11 people 6 orgs", "* l curl/library 10 people 5 orgs"}, own...)...)
	for _, r := range versions[7].Fingerprints {
		if r.OrgId != "*" && r.Family == "curl" || r.OrgId == "O5" && r.Family != "go" {
			t.Errorf("said twice: %v", r)
		}
	}
}

// TestVersionsDependOnContentOnly: batches are an implementation detail, names come from content, and versions can be
// saved.
func TestVersionsDependOnContentOnly(t *testing.T) {
	db := openFile(t, "")
	days(t, db, "O1", "U1", "2024-01-01", 1, 2, 3, 4, 5, 6, 7, 8)
	days(t, db, "O1", "U2", "2024-01-05", 3, 3, 3)
	whole := build(t, db, "2024-01-01", "2024-03-01", func(b *Build) { b.Users = true })
	parts := build(t, db, "2024-01-01", "2024-03-01", func(b *Build) { b.Users, b.BatchDays = true, 17 })
	if diff := cmp.Diff(whole, parts, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if n := len(whole); n != 8+28-1 {
		t.Errorf("%d versions, want %d: days 9 to 43 have history", n, 8+28-1)
	}
	if !strings.HasPrefix(whole[0].Version, "2024-01-09.") {
		t.Errorf("version %q is not named after its day", whole[0].Version)
	}
	last := whole[len(whole)-1]
	if err := db.SaveBaselines(t.Context(), last, last); err != nil {
		t.Fatal(err)
	}
	equal(t, "saved",
		texts(t, db,
			`SELECT concat_ws(' ', version, org_id, metric, horizon, users, CAST("max" AS BIGINT)) FROM baselines_org_v ORDER BY org_id, metric, horizon`),
		last.Version+" * downloads 24h 1 8", last.Version+" * downloads 7d 1 8", last.Version+" O1 downloads 24h 1 8",
		last.Version+" O1 downloads 7d 1 8")
}

func TestLastAnomalies(t *testing.T) {
	db := openFile(t, "")
	a := &aerv1.Anomaly{Id: "a1", OrgId: "O1", UserId: "U\x1b[2J\t1", Type: aerv1.TypeTor, Severity: "high",
		Time: aerv1.Time(at(t, "2024-01-01T10:00:00")), Summary: "Came through Tor."}
	d := &aerv1.Decision{Id: "d1", AnomalyId: "a1", Outcome: aerv1.Decision_RESPOND, Mode: aerv1.ModeEnforce}
	r := &aerv1.Response{Id: "d1", DecisionId: "d1", SessionsReset: 2}
	for table, row := range map[warehouse.Table]proto.Message{warehouse.Anomalies: a, warehouse.Decisions: d,
		warehouse.Responses: r} {
		if err := db.Append(t.Context(), table, row, row); err != nil {
			t.Fatal(err)
		}
	}
	old := &aerv1.Anomaly{Id: "a0", OrgId: "O1", UserId: "U2", Type: aerv1.TypeExcessiveDownloads,
		Time:     aerv1.Time(at(t, "2023-01-01T10:00:00")),
		Evidence: &aerv1.Evidence{Signal: "downloads_1h", Observed: 80, Threshold: 50}}
	if err := db.Append(t.Context(), warehouse.Anomalies, old); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := db.LastAnomalies(t.Context(), &out, 10); err != nil {
		t.Fatal(err)
	}
	const want = `TIME                  ORG  USER     TYPE                 SEVERITY  EVIDENCE                    OUTCOME  MODE     SESSIONS ENDED  ANOMALY
2024-01-01T10:00:00Z  O1   U?[2J?1  tor                  high      Came through Tor.           RESPOND  enforce  2               a1
2023-01-01T10:00:00Z  O1   U2       excessive_downloads            downloads_1h 80 against 50                    -               a0
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
