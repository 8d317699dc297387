// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// slice makes a slice of user U1 of O1 at a time.
func slice(t testing.TB, when string, change func(*aerv1.Slice)) proto.Message {
	t.Helper()
	s := &aerv1.Slice{OrgId: "O1", UserId: "U1", UserType: aerv1.UserMember, WindowStartMs: at(t, when).UnixMilli(),
		WindowMs: 10_000, Events: 1}
	change(s)
	return s
}

func downloads(hashes ...uint64) func(*aerv1.Slice) {
	return func(s *aerv1.Slice) { s.Downloads = &aerv1.ObjectSet{Hashes: hashes}; s.DownloadBytes = 100 }
}

func calls(class, method string, n, errs uint32) func(*aerv1.Slice) {
	return func(s *aerv1.Slice) {
		s.Methods = []*aerv1.MethodCount{{Class: class, Method: method, Calls: n, Errors: errs}}
	}
}

func client(session, family, ja4 string, asn, events uint32) func(*aerv1.Slice) {
	return func(s *aerv1.Slice) {
		s.Facets = []*aerv1.Facet{{SessionId: session, Events: events, Client: &aerv1.FacetClient{Family: family, Ja4: ja4,
			Class: aerv1.ClassBrowser, Asn: asn}}}
	}
}

func fill(t testing.TB, db *DB, rows ...proto.Message) {
	t.Helper()
	if err := db.Append(t.Context(), warehouse.Activity, rows...); err != nil {
		t.Fatal(err)
	}
}

func refresh(t testing.TB, db *DB, from, until string) {
	t.Helper()
	if err := db.RefreshActivity(t.Context(), at(t, from), at(t, until)); err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestActivityHourly(t *testing.T) {
	db := openFile(t, "")
	repeated := slice(t, "2024-03-05T10:00:00", downloads(1, 2))
	fill(t, db,
		repeated, repeated, // delivered twice, counts once
		slice(t, "2024-03-05T10:04:50", downloads(2, 3)), // same five minutes: objects 1 2 3
		// next five minutes; the hour has 1 2 3 4
		slice(t, "2024-03-05T10:05:00", downloads(3, 4)),
		slice(t, "2024-03-05T10:10:00", calls("browser", "files.list", 3, 1)),          // five minutes with 3 calls
		slice(t, "2024-03-05T10:20:00", calls("browser", "files.list", 2, 0)),          // and with 2
		slice(t, "2024-03-05T10:21:00", calls("library", "users.list", 4, 4)),          // another class
		slice(t, "2024-03-05T10:30:00", client("S1", "chrome", "t13d", 64500, 2)),      // one session, two clients
		slice(t, "2024-03-05T10:31:00", client("S1", "firefox", "t13e", 64500, 1)),     //
		slice(t, "2024-03-05T10:32:00", client("", "chrome", "t13d", 64500, 1)),        // no session known
		slice(t, "2024-03-05T11:00:00", downloads(5)),                                  // next hour
		slice(t, "2024-03-06T00:00:00", func(s *aerv1.Slice) { s.UserId = "outside" }), // next day: not asked for
	)
	refresh(t, db, "2024-03-05T00:00:00", "2024-03-06T00:00:00")
	equal(t, "hours", texts(t, db, `SELECT concat_ws(' ', strftime(hour, '%H'), user_type, events, sessions, downloads, reads, download_bytes, downloads_5m, download_bytes_5m)
		FROM activity_hourly_v ORDER BY hour`),
		"10 member 9 1 4 0 300 3 200",
		"11 member 1 0 1 0 100 1 100")
	equal(t, "calls",
		texts(t, db,
			`SELECT concat_ws(' ', c.class, c.calls, c.errors, c.calls_5m) FROM activity_hourly_v CROSS JOIN UNNEST(calls) AS u(c) ORDER BY 1`),
		"browser 5 1 3",
		"library 4 4 4")
	equal(t, "methods",
		texts(t, db,
			`SELECT concat_ws(' ', m.class, m.method, m.calls) FROM activity_hourly_v CROSS JOIN UNNEST(methods) AS u(m) ORDER BY 1`),
		"browser files.list 5",
		"library users.list 4")
	equal(t, "clients",
		texts(t, db,
			`SELECT concat_ws(' ', c.family, c.ja4, c.asn, c.sessions, c.events) FROM activity_hourly_v CROSS JOIN UNNEST(clients) AS u(c) ORDER BY 1`),
		"chrome t13d 64500 1 3",
		"firefox t13e 64500 1 1")
}

func TestActivityDaily(t *testing.T) {
	db := openFile(t, "")
	fill(t, db,
		slice(t, "2024-03-01T10:00:00", downloads(1, 2, 3)),
		slice(t, "2024-03-01T12:00:00", downloads(3, 4)),
		slice(t, "2024-03-07T23:59:50", downloads(4, 5)), // the sixth day after: the week still sees 1 2 3 4
		slice(t, "2024-03-08T00:00:00", downloads(6)),    // the seventh: it does not
		slice(t, "2024-03-01T10:00:10", calls("browser", "m", 7, 0)),
		slice(t, "2024-03-01T15:00:00", calls("browser", "m", 5, 0)),
		slice(t, "2024-03-07T15:00:00", calls("browser", "m", 1, 0)),
	)
	refresh(t, db, "2024-03-01T00:00:00", "2024-03-09T00:00:00")
	query := `SELECT concat_ws(' ', strftime(day, '%d'), v.metric, v.horizon, v.class, CAST(v.value AS BIGINT)) FROM activity_daily_v CROSS JOIN UNNEST("values") AS u(v)
		WHERE v.metric = $1 ORDER BY day, v.horizon`
	equal(t, "downloads", texts(t, db, query, "downloads"),
		"01 downloads 15m  3", "01 downloads 1h  3", "01 downloads 24h  4", "01 downloads 5m  3", "01 downloads 7d  4",
		"07 downloads 15m  2", "07 downloads 1h  2", "07 downloads 24h  2", "07 downloads 5m  2", "07 downloads 7d  5",
		"08 downloads 15m  1", "08 downloads 1h  1", "08 downloads 24h  1", "08 downloads 5m  1", "08 downloads 7d  3")
	// Objects 1 to 4 are new on the first, 5 on the seventh (4 is known), 6 on the eighth.
	equal(t, "new downloads", texts(t, db, query, "new_downloads"),
		"01 new_downloads 15m  3", "01 new_downloads 1h  3", "01 new_downloads 24h  4", "01 new_downloads 5m  3",
		"01 new_downloads 7d  4",
		"07 new_downloads 15m  1", "07 new_downloads 1h  1", "07 new_downloads 24h  1", "07 new_downloads 5m  1",
		"07 new_downloads 7d  5",
		"08 new_downloads 15m  1", "08 new_downloads 1h  1", "08 new_downloads 24h  1", "08 new_downloads 5m  1",
		"08 new_downloads 7d  2")
	equal(t, "calls", texts(t, db, query, "calls"),
		"01 calls 1h browser 7", "01 calls 24h browser 12", "01 calls 5m browser 7", "01 calls 7d browser 12",
		"07 calls 1h browser 1", "07 calls 24h browser 1", "07 calls 5m browser 1", "07 calls 7d browser 13")
	equal(t, "bytes", texts(t, db, query, "download_bytes"),
		"01 download_bytes 1h  100", "01 download_bytes 24h  200", "01 download_bytes 5m  100", "01 download_bytes 7d  200",
		"07 download_bytes 1h  100", "07 download_bytes 24h  100", "07 download_bytes 5m  100", "07 download_bytes 7d  300",
		"08 download_bytes 1h  100", "08 download_bytes 24h  100", "08 download_bytes 5m  100", "08 download_bytes 7d  200")
	equal(t, "metrics",
		texts(t, db, `SELECT DISTINCT v.metric FROM activity_daily_v CROSS JOIN UNNEST("values") AS u(v) ORDER BY 1`),
		"calls", "download_bytes", "downloads", "events", "new_downloads") // reads were zero and have no row
}

// TestRefreshIsRepeatable: late slices come, the day is done again, nothing is counted twice.
func TestRefreshIsRepeatable(t *testing.T) {
	db := openFile(t, "")
	fill(t, db, slice(t, "2024-03-01T10:00:00", downloads(1)), slice(t, "2024-03-02T10:00:00", downloads(2)))
	refresh(t, db, "2024-03-01T00:00:00", "2024-03-03T00:00:00")
	fill(t, db, slice(t, "2024-03-01T10:00:00", downloads(9)))
	refresh(t, db, "2024-03-01T12:00:00", "2024-03-01T13:00:00") // any time of the day means the day
	equal(t, "hours",
		texts(t, db, `SELECT concat_ws(' ', strftime(hour, '%d'), downloads) FROM activity_hourly ORDER BY hour`), "01 2",
		"02 1")
	if err := db.RefreshActivity(t.Context(), at(t, "2024-03-02T00:00:00"), at(t, "2024-03-02T00:00:00")); err == nil {
		t.Error("an empty span was taken")
	}
}

// TestSketchedSetsAreEstimated: two slices whose sets were cut to their smallest hashes. What both know is what lies
// below the smaller of the two cuts.
func TestSketchedSetsAreEstimated(t *testing.T) {
	db := openFile(t, "")
	const eighth = 1 << 61 // of the hash space
	cut := func(hashes ...uint64) func(*aerv1.Slice) {
		return func(s *aerv1.Slice) { s.Reads = &aerv1.ObjectSet{Hashes: hashes, Sketched: true} }
	}
	fill(t, db,
		// knows all below 2/8: three
		slice(t, "2024-03-05T10:00:00", cut(1, 2, 3, 2*eighth)),
		// knows all below 6/8, which as INT64 is negative
		slice(t, "2024-03-05T10:00:10", cut(3, 4, 5, 6*eighth)),
		// exact
		slice(t, "2024-03-05T10:00:20", func(s *aerv1.Slice) { s.Reads = &aerv1.ObjectSet{Hashes: []uint64{7, 7 * eighth}} }),
	)
	refresh(t, db, "2024-03-05T00:00:00", "2024-03-06T00:00:00")
	// Below 2/8: 1 2 3 4 5 7 = 6 in a quarter of the space, so 24 in all.
	equal(t, "reads", texts(t, db, `SELECT concat_ws(' ', reads, reads_5m) FROM activity_hourly`), "24 24")
}

// TestForgottenObjectsAreNewAgain: what was touched more than MemoryDays ago counts as new, whether days are derived
// together or one by one.
func TestForgottenObjectsAreNewAgain(t *testing.T) {
	db := openFile(t, "")
	fill(t, db,
		slice(t, "2024-03-01T10:00:00", downloads(1, 2)),
		slice(t, "2024-03-20T10:00:00", downloads(2)),    // nineteen days later: known
		slice(t, "2024-04-10T10:00:00", downloads(1, 2)), // forty days after 1, twenty-one after 2
	)
	want := []string{"2024-03-01 2", "2024-03-20 0", "2024-04-10 1"}
	query := "SELECT concat_ws(' ', CAST(hour AS DATE), new_downloads) FROM activity_hourly_v ORDER BY hour"
	refresh(t, db, "2024-03-01T00:00:00", "2024-04-11T00:00:00")
	equal(t, "together", texts(t, db, query), want...)
	for _, d := range []string{"2024-03-01", "2024-03-20", "2024-04-10"} {
		refresh(t, db, d+"T00:00:00", d+"T23:00:00")
	}
	equal(t, "one by one", texts(t, db, query), want...)
}

// TestOnlyPeopleTeach: what apps do under a person's name, and what was refused under it, is in no hour and no day, and
// no touch of an object of theirs makes it old to the person. An attack by an app excludes no day of the person's.
func TestOnlyPeopleTeach(t *testing.T) {
	as := func(kind, app string, change func(*aerv1.Slice)) func(*aerv1.Slice) {
		return func(s *aerv1.Slice) { change(s); s.ActorKind, s.AppId = kind, app }
	}
	record := func(db *DB, alone bool) {
		rows := []proto.Message{
			slice(t, "2024-03-05T10:00:00", downloads(1, 2)),
			slice(t, "2024-03-05T10:10:00", calls("browser", "files.list", 3, 1)),
			slice(t, "2024-03-05T10:30:00", client("S1", "chrome", "t13d", 64500, 2)),
		}
		if !alone {
			rows = append(rows,
				slice(t, "2024-03-05T09:00:00", as(aerv1.ActorApp, "A1", downloads(1, 2, 3, 4, 5))),
				slice(t, "2024-03-05T10:00:00", as(aerv1.ActorApp, "A1", downloads(7, 8, 9))),
				slice(t, "2024-03-05T10:00:00", as(aerv1.ActorAttempt, "", client("S1", "curl", "t13e", 64501, 2))),
				slice(t, "2024-03-05T10:10:00", as(aerv1.ActorApp, "", calls("library", "users.list", 400, 1))),
				slice(t, "2024-03-06T10:10:00", as(aerv1.ActorAttempt, "", calls("library", "users.list", 400, 1))))
			app := &aerv1.Anomaly{Id: "a", OrgId: "O1", UserId: "U1", ActorKind: aerv1.ActorApp,
				Time: aerv1.Time(at(t, "2024-03-05T10:00:00"))}
			if err := db.Append(t.Context(), warehouse.Anomalies, app); err != nil {
				t.Fatal(err)
			}
			responded := &aerv1.Decision{Id: "d", AnomalyId: "a", OrgId: "O1", UserId: "U1", Outcome: aerv1.Decision_RESPOND,
				ActorKind: aerv1.ActorApp, Time: app.Time}
			if err := db.Append(t.Context(), warehouse.Decisions, responded); err != nil {
				t.Fatal(err)
			}
		}
		fill(t, db, rows...)
		refresh(t, db, "2024-03-05T00:00:00", "2024-03-07T00:00:00")
	}
	alone, mixed := openFile(t, ""), openFile(t, "")
	record(alone, true)
	record(mixed, false)
	for _, table := range []string{"activity_hourly_v", "activity_daily_v", "excluded_days_v"} {
		q := "SELECT CAST(r AS VARCHAR) FROM " + table + " AS r ORDER BY 1"
		equal(t, table, texts(t, mixed, q), texts(t, alone, q)...)
	}
	if n := len(texts(t, alone, "SELECT CAST(r AS VARCHAR) FROM activity_daily_v AS r")); n != 1 {
		t.Errorf("%d days: the test says nothing", n)
	}
}
