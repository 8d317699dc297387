// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// line is a download by a person at noon of a day, the n-th of it.
func line(user string, d, n int) string {
	at := monday.AddDate(0, 0, d).Add(12*time.Hour + time.Duration(n)*20*time.Second)
	return fmt.Sprintf(
		`{"id":"%s-%d-%d","time":"%s","org_id":"O","user_id":"%s","session_id":"%s%d","action":"file_downloaded","object":{"type":"file","id":"f%d"},"client":{"ip":"192.0.2.1","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}}`,
		user, d, n, at.Format(time.RFC3339), user, user, d, n)
}

// life is ten days of two people: ada takes 2 files a day and 9 on the fifth, bela 4.
func life() []string {
	var out []string
	for d := range 10 {
		for n := range map[bool]int{false: 2, true: 9}[d == 4] {
			out = append(out, line("ada", d, n))
		}
		for n := range 4 {
			out = append(out, line("bela", d, n))
		}
	}
	return out
}

// at is the day of a line: on one day all is minutes apart.
func at(line string) string { return strings.SplitAfterN(line, `"time":"`, 2)[1][:10] }

func files(t testing.TB, dir string, parts ...[]string) Events {
	t.Helper()
	in := Events{Enrich: func(*aerv1.Event) {}}
	for i, p := range parts {
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", i))
		if err := os.WriteFile(path, []byte(strings.Join(p, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		in.Paths = append(in.Paths, path)
	}
	in.Decode = event.Options{}
	return in
}

func learnt(t testing.TB, in Events, l Learn) []*aerv1.Baseline {
	t.Helper()
	out, err := FromEvents(context.Background(), in, l)
	if err != nil {
		t.Fatal(err)
	}
	return out.Versions
}

// asOf is a day on which days 0 to 9 are all in the history: a week after the last.
var asOf = monday.AddDate(0, 0, 17)

func habit(v *aerv1.Baseline, user string) *aerv1.BaselineUser {
	for _, r := range core.NewIndex(v).User("O", user) {
		if r.Metric == "downloads" && r.Horizon == "24h" {
			return r
		}
	}
	return nil
}

// TestLearn checks numbers that can be counted by hand.
func TestLearn(t *testing.T) {
	v := learnt(t, files(t, t.TempDir(), life()), Learn{AsOf: asOf, People: true})
	if len(v) != 1 {
		t.Fatalf("%d versions, want that of one day", len(v))
	}
	x := core.NewIndex(v[0])
	from, until := x.Valid()
	if !from.Equal(asOf) || !until.Equal(asOf.AddDate(0, 0, 1)) || !strings.HasPrefix(x.Version(), "2026-03-19.") ||
		x.People("O") != 2 {
		t.Errorf("version %s from %s until %s of %d people", x.Version(), from, until, x.People("O"))
	}
	if h := habit(v[0], "ada"); h.GetDays() != 10 || h.GetP50() != 2 || h.GetMax() != 9 {
		t.Errorf("the habit of ada is %v", h)
	}
	if h := habit(v[0], "bela"); h.GetDays() != 10 || h.GetP50() != 4 || h.GetMax() != 4 {
		t.Errorf("the habit of bela is %v", h)
	}
	if none := learnt(t, files(t, t.TempDir(), life()), Learn{AsOf: monday}); len(none) != 0 {
		t.Errorf("%d versions of no history", len(none))
	}
	if many := learnt(t, files(t, t.TempDir(), life()), Learn{Since: asOf.AddDate(0, 0, -2), AsOf: asOf}); len(many) != 3 {
		t.Errorf("%d versions of three days", len(many))
	}
}

// TestWhatIsLeftOutIsNotLearnt: the day on which ada took nine files is missing, and nothing else.
func TestWhatIsLeftOutIsNotLearnt(t *testing.T) {
	day4 := monday.AddDate(0, 0, 4)
	v := learnt(t, files(t, t.TempDir(), life()),
		Learn{AsOf: asOf, People: true, Leave: []Period{{"O", "ada", day4.Add(12 * time.Hour), day4.Add(13 * time.Hour)}}})
	if h := habit(v[0], "ada"); h.GetDays() != 9 || h.GetMax() != 2 {
		t.Errorf("the habit of ada is %v", h)
	}
	if h := habit(v[0], "bela"); h.GetDays() != 10 {
		t.Errorf("the habit of bela is %v", h)
	}
}

// TestTheOrderOfEventsDoesNotMatter: shuffled within the lateness and split over files, they give the same version,
// byte for byte.
func TestTheOrderOfEventsDoesNotMatter(t *testing.T) {
	want := learnt(t, files(t, t.TempDir(), life()), Learn{AsOf: asOf, People: true})[0]
	dir := t.TempDir()
	budget := 3 // each check opens a database
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		if budget--; budget < 0 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		lines := life()
		for i := range lines {
			if j := min(len(lines)-1, i+r.IntN(3)); at(lines[i]) == at(lines[j]) {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
		cut := r.IntN(len(lines))
		got := learnt(t, files(t, dir, lines[:cut], lines[cut:]), Learn{AsOf: asOf, People: true})
		if len(got) != 1 || !proto.Equal(got[0], want) {
			rt.Fatalf("version %s, want %s", got[0].Version, want.Version)
		}
	})
}

// TestARollingHistoryForgetsAnAttack: versions are derived again without the days that a first replay responded to.
func TestARollingHistoryForgetsAnAttack(t *testing.T) {
	lines := life()
	for d := 10; d < 20; d++ {
		for n := range 3 {
			lines = append(lines, line("bela", d, n))
		}
	}
	tor := strings.Replace(line("ada", 10, 0), "192.0.2.1", "192.0.2.66", 1)
	in := files(t, t.TempDir(), slices.Concat(lines, []string{tor}))
	in.Enrich = func(ev *aerv1.Event) {
		ev.Client.Facts = &aerv1.ClientFacts{Tor: ev.Client.Ip == "192.0.2.66"}
	}
	h, err := Record(context.Background(), in, Learn{}, true)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	all, err := h.Rolling(context.Background(), nil)
	if err != nil || len(all.Versions) == 0 {
		t.Fatalf("%d versions, %v", len(all.Versions), err)
	}
	cfg := local.Config{Detectors: detector.NewSet(detector.All(), nil), Baseline: core.NewVersions(all.Versions)}
	attacked, err := Attacked(context.Background(), in, cfg, decision.Config{Mode: aerv1.ModeReplay}, nil)
	if err != nil || len(attacked) != 1 || attacked[0].UserID != "ada" ||
		attacked[0].From.Truncate(day) != monday.AddDate(0, 0, 10) {
		t.Fatalf("attacked: %v, %v", attacked, err)
	}
	clean, err := h.Rolling(context.Background(), attacked)
	if err != nil || len(clean.Versions) != len(all.Versions) {
		t.Fatalf("%d versions, %v", len(clean.Versions), err)
	}
	days := func(v *aerv1.Baseline) uint32 {
		return core.NewIndex(v).Org("O", "events", "24h", "").GetUserDays()
	}
	last := len(clean.Versions) - 1
	if a, b := days(all.Versions[last]), days(clean.Versions[last]); a-b != 1 {
		t.Errorf("%d days of people before and %d after, want one less", a, b)
	}
	if all.Versions[0].Version != clean.Versions[0].Version {
		t.Error("a version from before the attack has changed")
	}
}

// TestAWarehouseTeachesTheSame as the events that it was filled from, and a file that does not exist is not made.
func TestAWarehouseTeachesTheSame(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in, path := files(t, dir, life()), filepath.Join(dir, "w.duckdb")
	db, err := duckdb.Open(ctx, path, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := &activityRows{ctx: ctx, open: func() (warehouse.Writer, error) { return db, nil }}
	_, err = in.taken(ctx, rows.add, nil)
	if err := errors.Join(err, rows.finish(false)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	l := Learn{AsOf: asOf, People: true}
	got, err := FromWarehouse(ctx, path, l)
	if want := learnt(t, in, l); err != nil || len(got.Versions) != 1 || !proto.Equal(got.Versions[0], want[0]) {
		t.Errorf("%d versions, %v", len(got.Versions), err)
	}
	none := filepath.Join(dir, "none.duckdb")
	if _, err := FromWarehouse(ctx, none, l); err == nil || !strings.Contains(err.Error(), none) {
		t.Errorf("no file: %v", err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a file was made")
	}
}
