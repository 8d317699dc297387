// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestRowsAreShared: a row that stays is one message in all versions, and a name that stays one string.
func TestRowsAreShared(t *testing.T) {
	var list []*aerv1.Baseline
	for i := range 3 {
		v := version(fmt.Sprint(i), 24*i, 24*(i+1))
		v.Orgs = []*aerv1.BaselineOrg{{OrgId: "O1", Metric: "downloads", P90: 7},
			{OrgId: "O1", Metric: "reads", P90: float64(i)}}
		v.Users = []*aerv1.BaselineUser{{OrgId: "O1", UserId: "U1", Days: 3}}
		list = append(list, v)
	}
	got, err := Read(bytes.NewReader(encoded(t, list...)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if !proto.Equal(got[i], list[i]) {
			t.Errorf("version %d: %v, want %v", i, got[i], list[i])
		}
	}
	if got[0].Orgs[0] != got[1].Orgs[0] || got[1].Orgs[0] != got[2].Orgs[0] || got[0].Users[0] != got[2].Users[0] {
		t.Error("equal rows are not shared")
	}
	if got[0].Orgs[1] == got[1].Orgs[1] {
		t.Error("different rows are shared")
	}
	if unsafe.StringData(got[0].Orgs[1].OrgId) != unsafe.StringData(got[2].Users[0].OrgId) {
		t.Error("equal names are not shared")
	}
}

// TestReadGivesWhatWriteTook, whatever it was.
func TestReadGivesWhatWriteTook(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var list []*aerv1.Baseline
		for i := range rapid.IntRange(0, 4).Draw(rt, "versions") {
			v := version(fmt.Sprint(i), i, rapid.SampledFrom([]int{0, i + 1}).Draw(rt, "until"))
			v.HabitDays = rapid.Uint32Range(0, 30).Draw(rt, "habit")
			for range rapid.IntRange(0, 5).Draw(rt, "rows") {
				org := rapid.SampledFrom([]string{"", "O1", "O2", "Ö"}).Draw(rt, "org")
				n := rapid.Uint32Range(0, 3).Draw(rt, "n")
				v.Orgs = append(v.Orgs, &aerv1.BaselineOrg{OrgId: org, Users: n, P90: float64(n) / 3})
				v.Methods = append(v.Methods, &aerv1.BaselineMethod{OrgId: org, Calls: n})
				v.Hours = append(v.Hours, &aerv1.BaselineHour{OrgId: org, HourOfWeek: n})
				v.UserClients = append(v.UserClients, &aerv1.BaselineUserClient{OrgId: org, UserId: org,
					FirstSeen: aerv1.Time(monday)})
			}
			list = append(list, v)
		}
		var b bytes.Buffer
		if err := Write(&b, list...); err != nil {
			rt.Fatal(err)
		}
		got, err := Read(&b)
		if err != nil || len(got) != len(list) {
			rt.Fatalf("%d versions, want %d: %v", len(got), len(list), err)
		}
		for i := range got {
			if !proto.Equal(got[i], list[i]) {
				rt.Fatalf("version %d: %v, want %v", i, got[i], list[i])
			}
		}
	})
}

// packed is raw bytes as a compressed file.
func packed(t testing.TB, raw []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(raw, nil)
}

// TestNothingLargerThanItsLimit: what claims to be huge is refused before memory is taken for it.
func TestNothingLargerThanItsLimit(t *testing.T) {
	field := func(n protowire.Number, size int) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.BytesType), uint64(size))
	}
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"a version":      {protowire.AppendVarint(nil, 1<<40), "want at most"},
		"a row":          {append(protowire.AppendVarint(nil, 1<<20), field(4, 1<<19)...), "want at most"},
		"a row too long": {append(protowire.AppendVarint(nil, 4), append(field(4, 100), make([]byte, 100)...)...), "ends"},
		"what is no row": {append(protowire.AppendVarint(nil, 1<<21),
			bytes.Repeat(append(field(99, 60_000), make([]byte, 60_000)...), 3)...), "no rows"},
		"a group": {append(protowire.AppendVarint(nil, 2), protowire.AppendTag(nil, 4, protowire.StartGroupType)...),
			"wire type"},
		"field 0": {[]byte{2, 0, 0}, "field number 0"},
		"cut":     {protowire.AppendVarint(nil, 100), "unexpected EOF"},
		"no text": {append(protowire.AppendVarint(nil, 5), append(field(4, 3), 0x0a, 1, 0xff)...), "UTF-8"},
	} {
		if _, err := Read(bytes.NewReader(packed(t, c.raw))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestMerge(t *testing.T) {
	a, b, b2, c := version("a", 0, 24), version("b", 24, 48), version("b2", 24, 48), version("c", 48, 0)
	names := func(list []*aerv1.Baseline) string {
		s := ""
		for _, v := range list {
			s += v.Version + " "
		}
		return strings.TrimSpace(s)
	}
	for _, x := range []struct {
		what             string
		have, add        []*aerv1.Baseline
		replace          bool
		want, added, out string
		fails            bool
	}{
		{"into nothing, in any order", nil, []*aerv1.Baseline{b, a}, false, "a b", "b a", "", false},
		{"behind", []*aerv1.Baseline{a}, []*aerv1.Baseline{b}, false, "a b", "b", "", false},
		{"the same again", []*aerv1.Baseline{a, b}, []*aerv1.Baseline{version("b", 24, 48)}, false, "a b", "", "", false},
		{"another content", []*aerv1.Baseline{a, b}, []*aerv1.Baseline{b2}, false, "", "", "", true},
		{"another content, replacing", []*aerv1.Baseline{a, b}, []*aerv1.Baseline{b2}, true, "a b2", "b2", "b", false},
		{"overlapping", []*aerv1.Baseline{a, b}, []*aerv1.Baseline{version("x", 12, 36)}, false, "", "", "", true},
		{"overlapping, replacing", []*aerv1.Baseline{a, b, c}, []*aerv1.Baseline{version("x", 12, 36)}, true, "x c",
			"x", "a b", false},
		{"behind an open one", []*aerv1.Baseline{c}, []*aerv1.Baseline{version("d", 72, 0)}, false, "c d", "d", "", false},
		{"two that meet", nil, []*aerv1.Baseline{b, b2}, false, "", "", "", true},
	} {
		m, err := Merge(x.have, x.add, x.replace)
		if (err != nil) != x.fails || names(m.Versions) != x.want || names(m.Added) != x.added || names(m.Replaced) != x.out {
			t.Errorf("%s: %q, added %q, replaced %q, %v", x.what, names(m.Versions), names(m.Added), names(m.Replaced), err)
		}
	}
}

// TestEstimate fills the weights in by hand: n/(n+20).
func TestEstimate(t *testing.T) {
	org := func(id string, users uint32, p90 float64) *aerv1.BaselineOrg {
		return &aerv1.BaselineOrg{OrgId: id, Metric: "reads", Horizon: "1h", Users: users, P50: 1, P90: p90, Max: 100}
	}
	user := func(days uint32, p90 float64) *aerv1.BaselineUser {
		return &aerv1.BaselineUser{OrgId: "O", UserId: "U", Metric: "reads", Horizon: "1h", Days: days, P50: p90,
			P90: p90, Max: p90}
	}
	for _, c := range []struct {
		what    string
		orgs    []*aerv1.BaselineOrg
		users   []*aerv1.BaselineUser
		value   float64
		weights string
		level   Level
	}{
		{"all three", []*aerv1.BaselineOrg{org("O", 180, 20), org("*", 980, 10)}, []*aerv1.BaselineUser{user(20, 59)}, 39,
			"0.50 0.45 0.05", LevelUser},
		{"nobody's own", []*aerv1.BaselineOrg{org("O", 180, 20), org("*", 980, 10)}, nil, 19, "0.00 0.90 0.10", LevelOrg},
		{"a few days only", []*aerv1.BaselineOrg{org("O", 180, 20), org("*", 980, 10)}, []*aerv1.BaselineUser{user(9, 59)},
			19, "0.00 0.90 0.10", LevelOrg},
		{"a small organisation", []*aerv1.BaselineOrg{org("O", 99, 20), org("*", 980, 10)}, nil, 10,
			"0.00 0.00 1.00", LevelEveryone},
		{"too few in all", []*aerv1.BaselineOrg{org("O", 9, 20), org("*", 99, 10)}, nil, 0, "0.00 0.00 0.00", ""},
		{"only the person", nil, []*aerv1.BaselineUser{user(20, 59)}, 59, "1.00 0.00 0.00", LevelUser},
	} {
		x := NewIndex(&aerv1.Baseline{Orgs: c.orgs, Users: c.users})
		e := x.Estimate(Ask{OrgID: "O", UserID: "U", Metric: "reads", Horizon: "1h", Quantile: Q90}, DefaultSupport)
		got := fmt.Sprintf("%.2f %.2f %.2f", e.Parts[0].Weight, e.Parts[1].Weight, e.Parts[2].Weight)
		if got != c.weights || e.Value < c.value-0.01 || e.Value > c.value+0.01 || e.Level() != c.level {
			t.Errorf("%s: %v with weights %s at level %q, want %v, %s, %q", c.what, e.Value, got, e.Level(), c.value,
				c.weights, c.level)
		}
		for _, p := range e.Parts {
			if (p.Weight == 0) != (p.Cold != "") {
				t.Errorf("%s: level %s has weight %v and says %q", c.what, p.Level, p.Weight, p.Cold)
			}
			if p.Level == LevelUser && len(c.users) > 0 && !p.Flat {
				t.Errorf("%s: days that are all alike are not marked", c.what)
			}
		}
	}
}

func TestHoursAndTheDaySoFar(t *testing.T) {
	noon := monday.Add(12 * time.Hour)
	live := func(from int, factor float64) *aerv1.BaselineLive {
		return &aerv1.BaselineLive{OrgId: "O", Metric: "users", Factor: factor,
			ValidFrom:  aerv1.Time(noon.Add(time.Duration(from) * time.Hour)),
			ValidUntil: aerv1.Time(noon.Add(time.Duration(from+1) * time.Hour))}
	}
	x := NewIndex(&aerv1.Baseline{
		Hours: []*aerv1.BaselineHour{{OrgId: "O", Metric: "users", HourOfWeek: 12, Factor: 2},
			{OrgId: "O", Metric: "users", HourOfWeek: 167, Factor: 0.1}},
		Live: []*aerv1.BaselineLive{live(0, 1.5), live(1, 9), live(2, 0.2)},
	})
	if x.Hour("O", "users", noon).GetFactor() != 2 || x.Hour("O", "users", monday.Add(-time.Second)).GetFactor() != 0.1 ||
		x.Hour("P", "users", noon) != nil {
		t.Error("hours of the week: wrong answer")
	}
	for after, want := range map[time.Duration]float64{-time.Second: 1, 0: 1.5, time.Hour - 1: 1.5,
		time.Hour: maxLiveFactor, 2 * time.Hour: 1, 3 * time.Hour: 1} {
		if got := x.LiveFactor("O", "users", noon.Add(after)); got != want {
			t.Errorf("%v after noon the day counts %v, want %v", after, got, want)
		}
	}
}
