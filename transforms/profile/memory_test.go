// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// TestTouchedAgreesWithAPlainCount compares the memory with a list of everything, while it has not had to forget.
func TestTouchedAgreesWithAPlainCount(t *testing.T) {
	type touch struct {
		hash uint64
		at   int64
	}
	rapid.Check(t, func(t *rapid.T) {
		var m *aerv1.ObjectMemory
		var touches []touch
		now := int64(1_700_000_000)
		for range rapid.IntRange(1, 60).Draw(t, "slices") {
			now += rapid.Int64Range(0, 3000).Draw(t, "pause")
			set := &aerv1.ObjectSet{}
			for range rapid.IntRange(0, 5).Draw(t, "objects") {
				h := rapid.Uint64Range(1, 30).Draw(t, "object")
				set.Hashes = append(set.Hashes, h)
				touches = append(touches, touch{h, now})
			}
			m = remember(m, set, uint32(now))
		}
		horizon := rapid.SampledFrom([]int64{1, 300, 3600, 86_400}).Draw(t, "horizon")
		first, recent, fresh := map[uint64]int64{}, map[uint64]bool{}, 0
		for _, x := range touches {
			if _, ok := first[x.hash]; !ok {
				first[x.hash] = x.at
			}
			if x.at > now-horizon && !recent[x.hash] {
				recent[x.hash] = true
				if first[x.hash] > now-horizon {
					fresh++
				}
			}
		}
		if d, f := Touched(m, now, horizon); d != len(recent) || f != fresh {
			t.Fatalf("distinct %d, fresh %d; a plain count gives %d and %d", d, f, len(recent), fresh)
		}
		if !slices.IsSorted(m.GetHashes()) {
			t.Fatal("not sorted")
		}
	})
}

func TestObjectsTouchedLongestAgoAreForgotten(t *testing.T) {
	var m *aerv1.ObjectMemory
	for i := range 1100 {
		m = remember(m, &aerv1.ObjectSet{Hashes: []uint64{uint64(i) * 7919 % 100_003}}, uint32(1000+i))
	}
	if len(m.Hashes) != maxObjects || len(m.FirstS) != maxObjects || len(m.LastS) != maxObjects {
		t.Fatalf("%d objects, %d and %d times", len(m.Hashes), len(m.FirstS), len(m.LastS))
	}
	if oldest := slices.Min(m.LastS); oldest != 1000+1100-maxObjects {
		t.Errorf("the oldest is of second %d", oldest)
	}
	if d, f := Touched(m, 2099, 10); d != 10 || f != 10 {
		t.Errorf("the last ten seconds hold %d objects, %d fresh, want 10 and 10", d, f)
	}
	if got := remember(nil, nil, 1); got != nil {
		t.Error("nothing touched must leave nothing")
	}
}

func TestFreshIsWhatTheUserNeverTouchedBefore(t *testing.T) {
	p := applied(event(-2*day, "file_downloaded", object("F1")), event(0, "file_downloaded", object("F1")),
		event(time.Second, "file_downloaded", object("F2")))
	for name, want := range map[string]float64{
		"downloads_1h": 2, "new_downloads_1h": 1, "downloads_7d": 2, "new_downloads_7d": 2, "new_downloads_15m": 1,
		"reads_24h": 0, "new_reads_24h": 0,
	} {
		if got := ByName(name).Value(p, at(10*time.Second)); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := ByName("downloads_1h").Value(p, at(2*time.Hour)); got != 0 {
		t.Errorf("two hours later %v downloads in the last hour", got)
	}
}

// TestCallsAtTheBordersOfWindows: five minutes are the five buckets of a minute that end with the one judged in.
func TestCallsAtTheBordersOfWindows(t *testing.T) {
	p := applied(event(0, "api_call", method("a.b")), event(4*time.Minute+59*time.Second, "api_call", method("a.b")),
		event(59*time.Minute, "api_call", method("c.d")))
	for _, c := range []struct {
		metric string
		end    time.Duration
		want   float64
	}{
		{"calls_5m", 10 * time.Second, 1}, {"calls_5m", 5 * time.Minute, 2}, {"calls_5m", 5*time.Minute + 10*time.Second, 1},
		{"calls_5m", 9 * time.Minute, 1}, {"calls_5m", 9*time.Minute + 10*time.Second, 0},
		{"calls_1h", time.Hour, 3}, {"calls_1h", time.Hour + 10*time.Second, 2}, {"calls_24h", 24 * time.Hour, 3},
		{"calls_24h", 24*time.Hour + 10*time.Second, 0},
	} {
		if got := ByName(c.metric).Value(p, at(c.end)); got != c.want {
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
	if b := p.Minutes[0]; b.CallsInteractive != 1 || b.CallsAutomated != 1 || b.Events != 3 {
		t.Errorf("bucket %v", b)
	}
}

// TestBucketsKeepTheirHorizon, also where the indexes are near the end of 32 bits, as those of times before 1970 are.
func TestBucketsKeepTheirHorizon(t *testing.T) {
	var list []*aerv1.Bucket
	for i := range uint32(200) {
		list = addBucket(list, &aerv1.Bucket{Index: 1000 + i, Events: 1}, minutesKept)
	}
	if len(list) != minutesKept+1 || list[0].Index != 1199-minutesKept {
		t.Errorf("%d buckets from %d", len(list), list[0].Index)
	}
	list = addBucket(list, &aerv1.Bucket{Index: 1190, Events: 1}, minutesKept)
	list = addBucket(list, &aerv1.Bucket{Index: 7, Events: 1}, minutesKept) // too late to matter
	if got := Sum(list, 1199, 10); got.Events != 11 || len(list) != minutesKept+1 {
		t.Errorf("the last ten minutes hold %d events in %d buckets, want 11", got.Events, len(list))
	}
	for _, ev := range []time.Duration{-time.Hour, -2 * day} {
		p := New("O", "U")
		old := &aerv1.Event{Id: "1", Time: aerv1.Time(time.Unix(0, 0).Add(ev)), OrgId: "O", UserId: "U",
			Action: "api_call", ApiMethod: "m"}
		Apply(p, activity.Summarise(old, activity.DefaultWindowMS))
	}
}

func TestHabitIsTheRankAmongEarlierDays(t *testing.T) {
	p := &aerv1.Profile{}
	for _, x := range []struct {
		day   uint32
		value float64
	}{{100, 5}, {101, 2}, {101, 9}, {101, 4}, {102, 7}, {103, 0}} {
		p.Peaks = notePeak(p.Peaks, "m", x.day, x.value)
	}
	for _, c := range []struct {
		before uint32
		rank   int
		value  float64
		days   int
	}{
		{103, 1, 9, 3}, {103, 2, 7, 3}, {103, 3, 5, 3}, {103, 4, 0, 3}, // a day's highest, not its last; no day of nothing
		{102, 2, 5, 2}, {101, 2, 0, 1}, {100, 1, 0, 0}, // the lag: the day itself and later ones do not count
		{101 + 183, 1, 9, 2}, {102 + 183, 1, 7, 1}, {103 + 183, 1, 0, 0}, // half a year
	} {
		if value, days := Habit(p, "m", c.before, c.rank); value != c.value || days != c.days {
			t.Errorf("before day %d, rank %d: %v of %d days, want %v of %d", c.before, c.rank, value, days, c.value, c.days)
		}
	}
	if value, days := Habit(p, "never", 103, 1); value != 0 || days != 0 {
		t.Errorf("a metric never seen has a habit of %v", value)
	}
}

// TestPeaksAreTheHighestDays compares with a list of all days of half a year.
func TestPeaksAreTheHighestDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		days := map[uint32]float64{}
		var list []*aerv1.Peaks
		for d := uint32(1000); d < 1000+uint32(rapid.IntRange(1, 180).Draw(t, "days")); d++ {
			for range r.IntN(4) {
				v := float64(1 + r.IntN(40))
				days[d] = max(days[d], v)
				list = notePeak(list, "m", d, v)
			}
		}
		want := make([]string, 0, len(days))
		for d, v := range days {
			want = append(want, fmt.Sprintf("%03.0f on %d", v, d))
		}
		slices.Sort(want)
		slices.Reverse(want)
		want = want[:min(len(want), maxPeaks)]
		var got []string
		if len(list) > 0 {
			for i, d := range list[0].Days {
				got = append(got, fmt.Sprintf("%03.0f on %d", list[0].Values[i], d))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

func TestPeaksAreForgottenAfterHalfAYear(t *testing.T) {
	list := notePeak(nil, "m", 100, 50)
	list = notePeak(list, "m", 100+183, 1)
	if len(list[0].Days) != 2 {
		t.Errorf("half a year later: %v", list[0].Days)
	}
	if list = notePeak(list, "m", 100+184, 1); slices.Contains(list[0].Days, 100) {
		t.Errorf("a day later: %v", list[0].Days)
	}
}

func TestByNamePanicsOnATypo(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a metric that does not exist must be found in tests")
		}
	}()
	ByName("downloads_1y")
}

// TestAWeekIsSevenWholeDays, today as far as it has come; shorter horizons slide.
func TestAWeekIsSevenWholeDays(t *testing.T) {
	midnight := at(0) / dayMS * dayMS
	week, day := ByName("new_downloads_7d"), ByName("new_downloads_24h")
	for _, after := range []int64{1, hourMS, dayMS - 1, dayMS} {
		if got, want := week.FromMS(midnight+after), midnight-6*dayMS; got != want {
			t.Errorf("%d ms into the day the week begins %d ms before midnight, want %d", after, midnight-got, midnight-want)
		}
		if got, want := day.FromMS(midnight+after), midnight+after-dayMS; got != want {
			t.Errorf("%d ms into the day the day begins at %d, want %d", after, got, want)
		}
	}
}
