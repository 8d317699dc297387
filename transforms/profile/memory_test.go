// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// TestFreshAgreesWithAPlainCount compares the memory with a list of everything, while it has not had to forget. Slices
// may be late, and judged as of a moment before the latest.
func TestFreshAgreesWithAPlainCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o Objects
		first := map[uint64]int64{}
		now := int64(1_700_000_000)
		for range rapid.IntRange(1, 60).Draw(t, "slices") {
			now += rapid.Int64Range(0, 3000).Draw(t, "pause")
			at := now - rapid.SampledFrom([]int64{0, 0, 0, 600}).Draw(t, "late")
			set := &aerv1.ObjectSet{}
			for range rapid.IntRange(0, 5).Draw(t, "objects") {
				h := rapid.Uint64Range(1, 60).Draw(t, "object")
				set.Hashes = append(set.Hashes, h)
				if f, ok := first[h]; !ok || at < f {
					first[h] = at
				}
			}
			o.remember(set, uint32(at))
		}
		horizon := rapid.SampledFrom([]int64{1, 300, 3600, 86_400}).Draw(t, "horizon")
		end := now - rapid.Int64Range(0, 1000).Draw(t, "before")
		fresh := 0
		for _, at := range first {
			if at > end-horizon && at <= end {
				fresh++
			}
		}
		if got := o.Fresh(end, horizon); got != fresh {
			t.Fatalf("%d fresh; a plain count gives %d", got, fresh)
		}
		if !slices.IsSortedFunc(o.All(), func(a, b Object) int { return compareObjects(a, b.Hash) }) ||
			!reflect.DeepEqual(objectsOf(o.All()), o) {
			t.Fatalf("%v is not in order", o)
		}
	})
}

func TestObjectsTouchedLongestAgoAreForgotten(t *testing.T) {
	var o Objects
	for i := range 1100 {
		o.remember(&aerv1.ObjectSet{Hashes: []uint64{uint64(i) * 7919 % 100_003}}, uint32(1000+i))
	}
	if len(o.list) != maxObjects || len(o.firsts) != maxObjects {
		t.Fatalf("%d objects, %d first times", len(o.list), len(o.firsts))
	}
	oldest := slices.MinFunc(o.list, func(a, b Object) int { return cmp.Compare(a.LastS, b.LastS) })
	if oldest.LastS != 1000+1100-maxObjects || o.firsts[0] != oldest.FirstS {
		t.Errorf("the oldest is %v", oldest)
	}
	if n := o.Fresh(2099, 10); n != 10 {
		t.Errorf("the last ten seconds hold %d fresh objects, want 10", n)
	}
}

// TestObjectsOfTimesBefore1970: their seconds wrap around, which must break nothing.
func TestObjectsOfTimesBefore1970(t *testing.T) {
	var o Objects
	for i := range int64(2 * fewObjects) {
		s := []int64{-1, 5, -100}[i%3]
		o.remember(&aerv1.ObjectSet{Hashes: []uint64{uint64(i), 7}}, uint32(s))
	}
	if !slices.IsSorted(o.firsts) || len(o.firsts) != len(o.list) {
		t.Errorf("first times %v of %v", o.firsts, o.list)
	}
}

func TestFreshIsWhatTheUserNeverTouchedBefore(t *testing.T) {
	p := applied(event(-2*day, "file_downloaded", object("F1")), event(0, "file_downloaded", object("F1")),
		event(time.Second, "file_downloaded", object("F2")))
	for m, want := range map[Metric]uint32{
		NewDownloads1h: 1, NewDownloads7d: 2, NewDownloads15m: 1, NewReads24h: 0,
	} {
		if got := m.Value(p, at(10*time.Second)); got != want {
			t.Errorf("%s is %v, want %v", m, got, want)
		}
	}
	if got := NewDownloads1h.Value(p, at(2*time.Hour)); got != 0 {
		t.Errorf("two hours later %v new downloads in the last hour", got)
	}
}

// TestCallsAtTheBordersOfWindows: five minutes are the five buckets of a minute that end with the one judged in.
func TestCallsAtTheBordersOfWindows(t *testing.T) {
	p := applied(event(0, "api_call", method("a.b")), event(4*time.Minute+59*time.Second, "api_call", method("a.b")),
		event(59*time.Minute, "api_call", method("c.d")))
	for _, c := range []struct {
		metric Metric
		end    time.Duration
		want   uint32
	}{
		{Calls5m, 10 * time.Second, 1}, {Calls5m, 5 * time.Minute, 2}, {Calls5m, 5*time.Minute + 10*time.Second, 1},
		{Calls5m, 9 * time.Minute, 1}, {Calls5m, 9*time.Minute + 10*time.Second, 0},
		{Calls1h, time.Hour, 3}, {Calls1h, time.Hour + 10*time.Second, 2},
		{Calls1h, 2 * time.Hour, 0},
	} {
		if got := c.metric.Value(p, at(c.end)); got != c.want {
			t.Errorf("%s at +%v is %v, want %v", c.metric, c.end, got, c.want)
		}
	}
	if got := RecentCalls(p, at(time.Hour), hourMS); got["a.b"] != 2 || got["c.d"] != 1 {
		t.Errorf("calls of the last hour %v", got)
	}
	if got := RecentCalls(p, at(5*time.Minute), 5*minuteMS); got["a.b"] != 2 || got["c.d"] != 0 {
		t.Errorf("calls of the first five minutes %v", got)
	}
}

func TestPollingAndOtherClientsCalls(t *testing.T) {
	curl := &aerv1.Client{UserAgent: "curl/8", Facts: &aerv1.ClientFacts{Class: "library", Family: "curl"}}
	p := applied(event(0, "api_call", method("client.counts")), event(time.Second, "api_call", method("a.b")),
		event(2*time.Second, "api_call", method("a.b"), from(curl)))
	if m := p.Minutes[0]; m.Calls != 2 {
		t.Errorf("minute %v", m)
	}
}

// TestMinutesKeepTheirHorizon, also where the indexes are near the end of 32 bits, as those of times before 1970 are.
func TestMinutesKeepTheirHorizon(t *testing.T) {
	p := New("O", "U")
	call := func(minute int64) {
		s := &aerv1.Slice{WindowStartMs: minute * minuteMS, WindowMs: 10_000, Last: &aerv1.EventRef{TimeMs: minute * minuteMS},
			Methods: []*aerv1.MethodCount{{Method: "m", Calls: 1}}}
		Apply(p, s)
	}
	for i := range int64(200) {
		call(1000 + i)
	}
	if len(p.Minutes) != minutesKept+1 || p.Minutes[0].Index != 1199-minutesKept {
		t.Errorf("%d minutes from %d", len(p.Minutes), p.Minutes[0].Index)
	}
	call(1195)
	call(7) // too late to matter
	if got := Calls5m.Value(p, 1200*minuteMS); got != 6 || len(p.Minutes) != minutesKept+1 {
		t.Errorf("the last five minutes hold %d calls in %d minutes, want 6", got, len(p.Minutes))
	}
	for _, ev := range []time.Duration{-time.Hour, -2 * day} {
		p := New("O", "U")
		old := &aerv1.Event{Id: "1", Time: aerv1.Time(time.Unix(0, 0).Add(ev)), OrgId: "O", UserId: "U",
			Action: "api_call", ApiMethod: "m"}
		Apply(p, activity.Summarise(old, activity.DefaultWindowMS))
	}
}

func TestHabitIsTheRankAmongEarlierDays(t *testing.T) {
	p := New("O", "U")
	p.peaks.note(Calls1h, 102, 70) // metrics do not mix
	p.peaks.note(NewReads5m, 102, 70)
	for _, x := range []Peak{{100, 5}, {101, 2}, {101, 9}, {101, 4}, {102, 7}, {103, 0}} {
		p.peaks.note(NewReads1h, x.Day, x.Value)
	}
	for _, c := range []struct {
		before uint32
		rank   int
		value  uint32
		days   int
	}{
		{103, 1, 9, 3}, {103, 2, 7, 3}, {103, 3, 5, 3}, {103, 4, 0, 3}, // a day's highest, not its last; no day of nothing
		{102, 2, 5, 2}, {101, 2, 0, 1}, {100, 1, 0, 0}, // the lag: the day itself and later ones do not count
		{101 + 183, 1, 9, 2}, {102 + 183, 1, 7, 1}, {103 + 183, 1, 0, 0}, // half a year
	} {
		if value, days := p.Habit(NewReads1h, c.before, c.rank); value != c.value || days != c.days {
			t.Errorf("before day %d, rank %d: %v of %d days, want %v of %d", c.before, c.rank, value, days, c.value, c.days)
		}
	}
	if value, days := p.Habit(NewReads24h, 103, 1); value != 0 || days != 0 {
		t.Errorf("a metric never seen has a habit of %v", value)
	}
}

// TestPeaksAreTheHighestDays compares with a list of all days of half a year.
func TestPeaksAreTheHighestDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		days := map[uint32]uint32{}
		p := New("O", "U")
		for d := uint32(1000); d < 1000+uint32(rapid.IntRange(1, 180).Draw(t, "days")); d++ {
			for range r.IntN(4) {
				v := 1 + r.Uint32N(40)
				days[d] = max(days[d], v)
				p.peaks.note(NewReads1h, d, v)
			}
		}
		want := make([]string, 0, len(days))
		for d, v := range days {
			want = append(want, fmt.Sprintf("%03d on %d", v, d))
		}
		slices.Sort(want)
		slices.Reverse(want)
		want = want[:min(len(want), maxPeaks)]
		var got []string
		for _, k := range p.Peaks(NewReads1h) {
			got = append(got, fmt.Sprintf("%03d on %d", k.Value, k.Day))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

func TestPeaksAreForgottenAfterHalfAYear(t *testing.T) {
	p := New("O", "U")
	p.peaks.note(Calls1h, 100, 50)
	p.peaks.note(Calls1h, 100+183, 1)
	if len(p.Peaks(Calls1h)) != 2 {
		t.Errorf("half a year later: %v", p.Peaks(Calls1h))
	}
	if p.peaks.note(Calls1h, 100+184, 1); slices.ContainsFunc(p.Peaks(Calls1h), func(k Peak) bool { return k.Day == 100 }) {
		t.Errorf("a day later: %v", p.Peaks(Calls1h))
	}
}

// TestMetricsAreInTheOrderOfTheirNames, in which they are stored.
func TestMetricsAreInTheOrderOfTheirNames(t *testing.T) {
	for m := Metric(1); m < MetricCount; m++ {
		if m.String() <= (m - 1).String() {
			t.Errorf("%s comes after %s", m, m-1)
		}
	}
}

// TestAWeekIsSevenWholeDays, today as far as it has come; shorter horizons slide.
func TestAWeekIsSevenWholeDays(t *testing.T) {
	midnight := at(0) / dayMS * dayMS
	week, day := NewDownloads7d, NewDownloads24h
	for _, after := range []int64{1, hourMS, dayMS - 1, dayMS} {
		if got, want := week.FromMS(midnight+after), midnight-6*dayMS; got != want {
			t.Errorf("%d ms into the day the week begins %d ms before midnight, want %d", after, midnight-got, midnight-want)
		}
		if got, want := day.FromMS(midnight+after), midnight+after-dayMS; got != want {
			t.Errorf("%d ms into the day the day begins at %d, want %d", after, got, want)
		}
	}
}
