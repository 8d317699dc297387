// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// crowd appends n people to an hour, each with two calls, numbered from 0.
func crowd(t testing.TB, db *DB, org, hour string, n int) {
	t.Helper()
	var rows []proto.Message
	for i := range n {
		rows = append(rows, hourOf(t, org, fmt.Sprint("U", i), hour, 2))
	}
	if err := db.Append(t.Context(), warehouse.ActivityHourly, rows...); err != nil {
		t.Fatal(err)
	}
}

func hourOf(t testing.TB, org, user, hour string, calls uint64) *aerv1.ActivityHour {
	return &aerv1.ActivityHour{OrgId: org, UserId: user, Hour: aerv1.Time(at(t, hour+":00:00")), Events: 1,
		Calls: []*aerv1.ClassCalls{{Class: "browser", Calls: calls}}}
}

// twoWeeks is the history of an organisation from first on, to 14 January: 20 people at nine, 10 at ten, 10 at three,
// every day; and one of those at ten calls a thousand times instead of twice.
func twoWeeks(t testing.TB, db *DB, org string, first int) {
	t.Helper()
	for d := first; d <= 14; d++ {
		day := fmt.Sprintf("2024-01-%02d", d)
		crowd(t, db, org, day+"T09", 20)
		crowd(t, db, org, day+"T10", 9)
		crowd(t, db, org, day+"T15", 10)
		if err := db.Append(t.Context(), warehouse.ActivityHourly, hourOf(t, org, "bot", day+"T10", 1000)); err != nil {
			t.Fatal(err)
		}
	}
}

func withHours(b *Build) { b.Hours = true }

// hoursOf lists rows of a version: organisation, metric, hour, weeks, expected, factor.
func hoursOf(v *aerv1.Baseline, org string, hours ...uint32) []string {
	var out []string
	for _, h := range v.Hours {
		for _, want := range hours {
			if h.OrgId == org && h.HourOfWeek == want {
				out = append(out, fmt.Sprintf("%s %d weeks %d expected %.4f factor %.4f", h.Metric, h.HourOfWeek, h.Weeks,
					h.Expected, h.Factor))
			}
		}
	}
	return out
}

// TestHoursOfTheWeek: 40 user-hours a day make a mean hour of 40/24 = 1.6667. Nine o'clock has 20, which is 12 times
// the mean; seen in two weeks it is shrunk half-way towards 1: (2 x 12 + 2) / (2 + 2) = 6.5. An hour with nobody: (0 +
// 2) / 4 = 0.5.
func TestHoursOfTheWeek(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1) // 2024-01-01 is a Monday
	twoWeeks(t, db, "O2", 8) // one week: (1 x 12 + 2) / (1 + 2) = 4.6667
	v := build(t, db, "2024-01-22", "2024-01-23", withHours)[0]
	equal(t, "Monday and Sunday", hoursOf(v, "O1", 0, 9, 10, 153),
		// Calls are twice the people: the thousand are cut to what nine in ten make.
		"calls 0 weeks 2 expected 1.6667 factor 0.5000", "calls 9 weeks 2 expected 21.6667 factor 6.5000",
		"calls 10 weeks 2 expected 11.6667 factor 3.5000", "calls 153 weeks 2 expected 21.6667 factor 6.5000",
		"users 0 weeks 2 expected 0.8333 factor 0.5000", "users 9 weeks 2 expected 10.8333 factor 6.5000",
		"users 10 weeks 2 expected 5.8333 factor 3.5000", "users 153 weeks 2 expected 10.8333 factor 6.5000")
	equal(t, "one week", hoursOf(v, "O2", 9)[1:], "users 9 weeks 1 expected 7.7778 factor 4.6667")
	rows := map[string]int{}
	for _, h := range v.Hours {
		rows[h.OrgId+" "+h.Metric]++
	}
	for _, k := range []string{"O1 users", "O1 calls", "O2 users", "O2 calls"} {
		if rows[k] != 168 {
			t.Errorf("%s: %d rows, want 168", k, rows[k])
		}
	}
}

// TestHoursLackedByTheHistory: an organisation of three days knows nothing of the other weekdays.
func TestHoursLackedByTheHistory(t *testing.T) {
	db := openFile(t, "")
	for _, d := range []string{"12", "13", "14"} { // Friday to Sunday
		crowd(t, db, "O1", "2024-01-"+d+"T09", 24)
	}
	v := build(t, db, "2024-01-22", "2024-01-23", withHours)[0]
	// The mean hour is 1: Monday counts as the mean, Friday at nine as (1 x 24 + 2) / 3.
	equal(t, "Monday, Friday", hoursOf(v, "O1", 9, 4*24+9)[2:], "users 9 weeks 0 expected 1.0000 factor 1.0000",
		"users 105 weeks 1 expected 8.6667 factor 8.6667")
}

func liveOf(v *aerv1.Baseline, org, metric string, hours ...uint32) []string {
	var out []string
	for _, r := range v.Live {
		for _, want := range hours {
			if r.OrgId == org && r.Metric == metric && r.Hours == want {
				out = append(out, fmt.Sprintf("%d %s-%s observed %g expected %.4f factor %.4f", r.Hours,
					r.ValidFrom.AsTime().Format("15:04"), r.ValidUntil.AsTime().Format("02 15:04"), r.Observed, r.Expected, r.Factor))
			}
		}
	}
	return out
}

// TestLiveFactor: Monday the 22nd has twice the people at nine and ten, and six times at three. Two Mondays let expect
// 20, 10 and 10.
func TestLiveFactor(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1)
	twoWeeks(t, db, "O2", 2) // thirteen days: too few to compare with
	for _, org := range []string{"O1", "O2"} {
		crowd(t, db, org, "2024-01-22T09", 40)
		crowd(t, db, org, "2024-01-22T10", 20)
		crowd(t, db, org, "2024-01-22T15", 60)
	}
	for d := 1; d <= 14; d++ {
		crowd(t, db, "O3", fmt.Sprintf("2024-01-%02dT09", d), 19) // too few people to compare with
	}
	crowd(t, db, "O3", "2024-01-22T09", 190)
	// Whoever calls a hundred thousand times is one more caller of two.
	if err := db.Append(t.Context(), warehouse.ActivityHourly,
		hourOf(t, "O1", "thief", "2024-01-22T10", 100_000)); err != nil {
		t.Fatal(err)
	}
	versions := build(t, db, "2024-01-22", "2024-01-24", withHours)
	busy, quiet := versions[0], versions[1]
	equal(t, "people", liveOf(busy, "O1", "users", 1, 10, 11, 16, 23, 24),
		"1 01:15-22 02:15 observed 0 expected 0.0000 factor 1.0000",
		"10 10:15-22 11:15 observed 40 expected 20.0000 factor 2.0000",
		"11 11:15-22 12:15 observed 61 expected 30.0000 factor 2.0333",
		"16 16:15-22 17:15 observed 121 expected 40.0000 factor 3.0000", // 3.025, capped
		"23 23:15-23 00:00 observed 121 expected 40.0000 factor 3.0000")
	equal(t, "calls", liveOf(busy, "O1", "calls", 11), "11 11:15-22 12:15 observed 122 expected 60.0000 factor 2.0333")
	equal(t, "too young", liveOf(busy, "O2", "users", 16), "16 16:15-22 17:15 observed 120 expected 40.0000 factor 1.0000")
	equal(t, "too few", liveOf(busy, "O3", "users", 16), "16 16:15-22 17:15 observed 190 expected 19.0000 factor 1.0000")
	equal(t, "a quiet day lowers nothing", liveOf(quiet, "O1", "users", 16),
		"16 16:15-23 17:15 observed 0 expected 40.0000 factor 1.0000")
	raising := build(t, db, "2024-01-22", "2024-01-23", func(b *Build) { b.Live = true })[0]
	if n := len(raising.Live); len(raising.Hours) > 0 || n != 28 { // two metrics from ten until midnight
		t.Errorf("asked for what raises a threshold only: %d hours of the week, %d live rows, want 0 and 28",
			len(raising.Hours), n)
	}
	for _, r := range raising.Live {
		if r.OrgId != "O1" || r.Factor <= 1 {
			t.Errorf("raises nothing: %v", r)
		}
	}
	for _, r := range busy.Live {
		if r.Version != busy.Version {
			t.Fatalf("a live row names the version %q, want %q", r.Version, busy.Version)
		}
	}
}

// TestOrdinaryDayRaisesNothing: a day like those of the history has a factor of 1 all day long.
func TestOrdinaryDayRaisesNothing(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1)
	crowd(t, db, "O1", "2024-01-22T09", 20)
	crowd(t, db, "O1", "2024-01-22T10", 10)
	crowd(t, db, "O1", "2024-01-22T15", 10)
	v := build(t, db, "2024-01-22", "2024-01-23", withHours)[0]
	for _, r := range v.Live {
		if r.Factor != 1 {
			t.Errorf("an ordinary day: %v", r)
		}
	}
	if len(v.Live) != 46 {
		t.Errorf("%d live rows, want 23 hours of two metrics", len(v.Live))
	}
}

// TestLiveRowsKnowThePastOnly: what happens later that day changes no row that held before, nor the version's name.
func TestLiveRowsKnowThePastOnly(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1)
	crowd(t, db, "O1", "2024-01-22T09", 60)
	before := build(t, db, "2024-01-22", "2024-01-23", withHours)[0]
	crowd(t, db, "O1", "2024-01-22T12", 500)
	after := build(t, db, "2024-01-22", "2024-01-23", withHours)[0]
	if before.Version != after.Version {
		t.Errorf("the version is called %s in the morning and %s in the evening", before.Version, after.Version)
	}
	for i, r := range before.Live {
		if r.Hours <= 12 && !proto.Equal(r, after.Live[i]) {
			t.Errorf("row changed afterwards: %v, then %v", r, after.Live[i])
		}
	}
}

func TestClientsAndNetworksOfAPerson(t *testing.T) {
	db := openFile(t, "")
	day := func(user, date string, uses ...*aerv1.ClientUse) proto.Message {
		return &aerv1.ActivityDay{OrgId: "O1", UserId: user, Day: aerv1.Time(at(t, date+"T00:00:00")), Clients: uses}
	}
	rows := []proto.Message{
		day("U1", "2024-01-01", &aerv1.ClientUse{Family: "chrome", Class: "browser", Ja4: "a", Asn: 1, Sessions: 2},
			&aerv1.ClientUse{Family: "chrome", Class: "browser", Ja4: "b", Asn: 2, Sessions: 1}),
		day("U1", "2024-01-03", &aerv1.ClientUse{Family: "chrome", Class: "browser", Ja4: "b", Asn: 1, Sessions: 1},
			&aerv1.ClientUse{Family: "curl", Class: "library", Sessions: 1}),
	}
	for i := range 40 { // a new client every day, for more days than are remembered
		d := at(t, "2023-12-06T00:00:00").AddDate(0, 0, i).Format("2006-01-02")
		rows = append(rows,
			day("many", d, &aerv1.ClientUse{Family: fmt.Sprintf("f%02d", i), Asn: uint32(100 + i), Sessions: 1}))
	}
	if err := db.Append(t.Context(), warehouse.ActivityDaily, rows...); err != nil {
		t.Fatal(err)
	}
	v := build(t, db, "2024-01-22", "2024-01-23", func(b *Build) { b.Users, b.HabitDays = true, 60 })[0]
	var clients, networks []string
	many := map[string]bool{}
	for _, c := range v.UserClients {
		if c.UserId == "many" {
			many[c.Family] = true
			continue
		}
		clients = append(clients, fmt.Sprint(c.Family, " ", c.Class, " ", c.Days, " ", c.Sessions, " ",
			c.FirstSeen.AsTime().Day(), "-", c.LastSeen.AsTime().Day()))
	}
	for _, n := range v.UserNetworks {
		if n.UserId == "U1" {
			networks = append(networks, fmt.Sprint(n.Asn, " ", n.Days, " ", n.Sessions, " ", n.FirstSeen.AsTime().Day(), "-",
				n.LastSeen.AsTime().Day()))
		}
	}
	equal(t, "clients", clients, "chrome browser 2 4 1-3", "curl library 1 1 3-3")
	equal(t, "networks", networks, "1 2 3 1-3", "2 1 1 1-1")
	if len(many) != 32 || many["f07"] || !many["f08"] || !many["f39"] {
		t.Errorf("of forty clients %d are known, want the last 32: %v", len(many), many)
	}
	if without := build(t, db, "2024-01-22", "2024-01-23", nil)[0]; len(without.UserClients)+
		len(without.UserNetworks) > 0 {
		t.Error("a build without people has clients or networks of theirs")
	}
}
