package baseline

import (
	"bytes"
	"context"
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

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/profile"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// line is a download by a person at noon of a day, the n-th of it.
func line(user string, d, n int) string {
	at := monday.AddDate(0, 0, d).Add(12*time.Hour + time.Duration(n)*20*time.Second)
	return fmt.Sprintf(`{"id":"%s-%d-%d","time":"%s","org_id":"O","user_id":"%s","session_id":"%s%d","action":"file_downloaded","object":{"type":"file","id":"f%d"},"client":{"ip":"192.0.2.1","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}}`,
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
	if !from.Equal(asOf) || !until.Equal(asOf.AddDate(0, 0, 1)) || !strings.HasPrefix(x.Version(), "2026-03-19.") || x.People("O") != 2 {
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
	v := learnt(t, files(t, t.TempDir(), life()), Learn{AsOf: asOf, People: true, Leave: []Period{{"O", "ada", day4.Add(12 * time.Hour), day4.Add(13 * time.Hour)}}})
	if h := habit(v[0], "ada"); h.GetDays() != 9 || h.GetMax() != 2 {
		t.Errorf("the habit of ada is %v", h)
	}
	if h := habit(v[0], "bela"); h.GetDays() != 10 {
		t.Errorf("the habit of bela is %v", h)
	}
}

// TestTheOrderOfEventsDoesNotMatter: shuffled within the lateness and split over files, they give the same version, byte for byte.
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

func TestPeriods(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.ndjson")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"id":"a1","type":"tor","org_id":"O","user_id":"U","severity":"high","time":"2026-03-05T10:00:00Z","known_at":"2026-03-05T10:00:10Z","window":{"start":"2026-03-01T00:00:00Z","end":"2026-03-05T10:00:10Z"}}
{"id":"d1","anomaly_id":"a1","org_id":"O","user_id":"U","outcome":"RESPOND","time":"2026-03-05T10:00:10Z"}
{"id":"d2","anomaly_id":"a2","org_id":"O","user_id":"V","outcome":"LOG_ONLY","time":"2026-03-05T10:00:10Z"}
{"id":"d3","anomaly_id":"a3","org_id":"O","user_id":"W","outcome":"PERSISTING","time":"2026-03-06T10:00:00Z"}

{"id":"f1","anomaly_id":"a4","org_id":"O","user_id":"X","verdict":"true_positive","anomaly_time":"2026-03-07T10:00:00Z"}
{"id":"f2","anomaly_id":"a5","org_id":"O","user_id":"Y","verdict":"false_positive","anomaly_time":"2026-03-07T10:00:00Z"}
{"org_id":"O","user_id":"Z","from":"2026-03-01","until":"2026-03-03"}
{"id":"d4","anomaly_id":"a1","org_id":"P","user_id":"U","outcome":"RESPOND","time":"2026-03-05T10:00:10Z"}
`)
	got, err := ReadPeriods([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, p := range got {
		text = append(text, fmt.Sprintf("%s/%s %s %s", p.OrgID, p.UserID, p.From.Format("01-02"), p.Until.Format("01-02")))
	}
	want := []string{"O/U 03-01 03-05", "O/W 03-06 03-06", "O/X 03-07 03-07", "O/Z 03-01 03-03", "P/U 03-05 03-05"}
	if !slices.Equal(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	for bad, says := range map[string]string{
		`{"org_id":"O"}`: ":1: want a decision", `{"org_id":"O","user_id":"U","from":"yesterday"}`: "neither a day",
		`{"org_id":"O","user_id":"U","from":"2026-03-05","until":"2026-03-01"}`: "is before", `{`: ":1:",
		`{"id":"f","verdict":"true_positive"}`: "no anomaly_time",
	} {
		write(bad + "\n")
		if _, err := ReadPeriods([]string{path}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", bad, err, says)
		}
	}
}

func TestAddToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baselines")
	a := &aerv1.Baseline{Version: "a", ValidFrom: aerv1.Time(monday), ValidUntil: aerv1.Time(monday.AddDate(0, 0, 1))}
	other := &aerv1.Baseline{Version: "other", ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil}
	if m, err := AddToFile(path, []*aerv1.Baseline{a}, false); err != nil || len(m.Added) != 1 {
		t.Fatalf("%v, %v", m, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := AddToFile(path, []*aerv1.Baseline{a}, false); err != nil || len(m.Known) != 1 || len(m.Added) != 0 {
		t.Errorf("the same again: %v, %v", m, err)
	}
	if _, err := AddToFile(path, []*aerv1.Baseline{other}, false); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "immutable") {
		t.Errorf("another content: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	if m, err := AddToFile(path, []*aerv1.Baseline{other}, true); err != nil || len(m.Replaced) != 1 || len(m.Versions) != 1 {
		t.Errorf("replacing: %v, %v", m, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := AddToFile(path, []*aerv1.Baseline{a}, true); err == nil {
		t.Error("a file that cannot be read was overwritten")
	}
}

// TestShow: the thresholds shown are those of the rules, and what is not known is said.
func TestShow(t *testing.T) {
	v := &aerv1.Baseline{Version: "v", ValidFrom: aerv1.Time(monday), ValidUntil: aerv1.Time(monday.AddDate(0, 0, 1))}
	for _, org := range []string{"O", core.Everyone} {
		v.Orgs = append(v.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: "events", Horizon: "24h", Users: 180})
		for _, metric := range []string{"downloads", "new_downloads"} {
			v.Orgs = append(v.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: metric, Horizon: "1h", Users: 180, P90: 50, P50: 1, Max: 90})
		}
	}
	x := core.NewIndex(v)
	noon := monday.Add(12 * time.Hour)
	find := func(a Answer, metric string) Threshold {
		for _, r := range a.Thresholds {
			if r.Metric == metric {
				return r
			}
		}
		t.Fatalf("no threshold of %s", metric)
		return Threshold{}
	}
	known := find(Show(x, Question{OrgID: "O", At: noon}), "new_downloads_1h")
	if known.Medium != 100 || known.Low != 150 || known.High != 75 || known.OrgWeight != 0.9 || known.EveryoneWeight < 0.099 || known.Formula == "" {
		t.Errorf("a known organisation: %+v", known)
	}
	stranger := Show(x, Question{OrgID: "P", UserID: "U", At: noon})
	if r := find(stranger, "new_downloads_1h"); r.Medium != 100 || r.OrgWeight != 0 || r.EveryoneWeight != 1 {
		t.Errorf("an unknown organisation: %+v", r)
	}
	nobody := Show(nil, Question{OrgID: "P", UserID: "U", At: noon})
	if r := find(nobody, "new_downloads_1h"); r.EveryoneWeight != 0 || r.Medium <= 0 || r.weight() != "prior" {
		t.Errorf("without a version: %+v", r)
	}
	p := profile.New("O", "U")
	p.FirstMs = noon.Add(-time.Hour).UnixMilli()
	if r := find(Show(x, Question{OrgID: "O", UserID: "U", At: noon, Profile: p}), "new_downloads_1h"); r.Medium <= 100 {
		t.Errorf("the first hour of an account: %+v", r)
	}
	late := Show(x, Question{OrgID: "O", At: noon.AddDate(0, 0, 9)})
	for what, c := range map[string]struct {
		a    Answer
		says string
	}{"unknown": {stranger, "not known (cold start)"}, "no version": {nobody, "prior"}, "late": {late, "8 days old"}} {
		var b bytes.Buffer
		c.a.Print(term.New(&b))
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), c.says) {
			t.Errorf("%s: does not say %q:\n%s", what, c.says, b.String())
		}
	}
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
	h, err := Record(context.Background(), in, Learn{})
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
	if err != nil || len(attacked) != 1 || attacked[0].UserID != "ada" || attacked[0].From.Truncate(day) != monday.AddDate(0, 0, 10) {
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
	if _, err := in.record(ctx, db, nil); err != nil {
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
