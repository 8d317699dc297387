// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var sameAddr = cmpopts.EquateComparable(netip.Addr{})

func at(s int64) time.Time { return time.Unix(s, 0).UTC() }

func mustSet(t testing.TB, grace time.Duration, intervals ...Interval) *Set {
	t.Helper()
	s, err := NewSet(intervals, grace)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestListedByEventTime(t *testing.T) {
	const hour = 3600
	s := mustSet(t, 3*time.Hour,
		Interval{Addr: addr("192.0.2.1"), From: 10 * hour, Until: 20 * hour},
		Interval{Addr: addr("192.0.2.1"), From: 22 * hour, Until: 30 * hour}, // flapped: two hours apart
		Interval{Addr: addr("192.0.2.1"), From: 50 * hour, Until: 60 * hour}, // away and back
		Interval{Addr: addr("192.0.2.2"), From: 10 * hour, Until: 11 * hour, Open: true},
		Interval{Addr: addr("2001:db8::1"), From: 10 * hour, Until: 20 * hour},
		Interval{Addr: addr("::ffff:198.51.100.7"), From: 10 * hour, Until: 20 * hour},
	)
	for _, tt := range []struct {
		name  string
		addr  string
		hour  float64
		until int64 // in hours; 0 = not listed
	}{
		{"not yet an exit", "192.0.2.1", 9.9, 0},
		{"first moment", "192.0.2.1", 10, 30},
		{"within", "192.0.2.1", 15, 30},
		{"in the gap that is joined", "192.0.2.1", 21, 30},
		{"within the grace", "192.0.2.1", 33, 30},
		{"former exit", "192.0.2.1", 33.1, 0},
		{"between two times as an exit", "192.0.2.1", 49, 0},
		{"back again", "192.0.2.1", 55, 60},
		{"long after", "192.0.2.1", 1000, 0},
		{"open: still listed", "192.0.2.2", 1000, 11},
		{"open: not yet", "192.0.2.2", 9, 0},
		{"a relay that is no exit", "192.0.2.3", 15, 0},
		{"IPv6", "2001:db8::1", 15, 20},
		{"IPv6 with a zone", "2001:db8::1%eth0", 15, 20},
		{"IPv4 in IPv6 asked", "::ffff:192.0.2.1", 15, 30},
		{"IPv4 in IPv6 listed", "198.51.100.7", 15, 20},
		{"before 1970", "192.0.2.1", -5, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			until, ok := s.Listed(addr(tt.addr), at(int64(tt.hour*hour)))
			if ok != (tt.until != 0) || ok && until != at(tt.until*hour) {
				t.Errorf("Listed = %v, %v, want until hour %d", until, ok, tt.until)
			}
		})
	}
	if s.Addresses() != 4 || s.Len() != 5 {
		t.Errorf("%d addresses and %d intervals, want 4 and 5", s.Addresses(), s.Len())
	}
	if _, ok := s.Listed(netip.Addr{}, at(15*hour)); ok {
		t.Error("the zero address is listed")
	}
}

func TestEmptySet(t *testing.T) {
	for _, s := range []*Set{nil, {}, mustSet(t, time.Hour)} {
		if _, ok := s.Listed(addr("192.0.2.1"), at(1)); ok || s.Len() != 0 || s.Addresses() != 0 || len(s.Intervals()) != 0 {
			t.Error("an empty set lists something")
		}
	}
}

func TestNewSetErrors(t *testing.T) {
	for name, iv := range map[string]Interval{
		"ends before it begins": {Addr: addr("192.0.2.1"), From: 2, Until: 1},
		"no address":            {From: 1, Until: 2},
		"before 1970":           {Addr: addr("192.0.2.1"), From: -1, Until: 2},
		"after 2106":            {Addr: addr("192.0.2.1"), From: 1, Until: 1 << 32},
	} {
		if _, err := NewSet([]Interval{iv}, time.Hour); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewSet(nil, -time.Second); err == nil {
		t.Error("negative grace: no error")
	}
}

// genIntervals draws intervals of few addresses in a short time, so that they touch and overlap.
var genIntervals = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
	from := rapid.Int64Range(0, 200).Draw(t, "from")
	return Interval{
		Addr: netip.AddrFrom4([4]byte{192, 0, 2, rapid.Byte().Draw(t, "addr") % 3}),
		From: from, Until: from + rapid.Int64Range(0, 30).Draw(t, "length"),
		Open: rapid.IntRange(0, 9).Draw(t, "open") == 0,
	}
}), 0, 40)

func TestMergeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		intervals := genIntervals.Draw(t, "intervals")
		grace := time.Duration(rapid.Int64Range(0, 20).Draw(t, "grace")) * time.Second
		set := func(ivs []Interval) *Set {
			s, err := NewSet(ivs, grace)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		whole := set(intervals)

		shuffled := slices.Clone(intervals)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(whole.Intervals(), set(shuffled).Intervals(), sameAddr); diff != "" {
			t.Fatalf("the order matters:\n%s", diff)
		}
		cut := rapid.IntRange(0, len(intervals)).Draw(t, "cut")
		parts := append(set(intervals[:cut]).Intervals(), set(intervals[cut:]).Intervals()...)
		if diff := cmp.Diff(whole.Intervals(), set(parts).Intervals(), sameAddr); diff != "" {
			t.Fatalf("merging merged parts differs from merging all:\n%s", diff)
		}
		checkAgainstDefinition(t, whole, intervals, int64(grace/time.Second))
	})
}

// checkAgainstDefinition compares Listed with a plain statement of what it means, at each second.
func checkAgainstDefinition(t *rapid.T, s *Set, intervals []Interval, grace int64) {
	for last := range byte(3) {
		a := netip.AddrFrom4([4]byte{192, 0, 2, last})
		openFrom := int64(-1)
		for _, iv := range s.Intervals() {
			if iv.Addr == a && iv.Open {
				openFrom = iv.From
			}
		}
		for sec := int64(0); sec < 300; sec++ {
			want := openFrom >= 0 && sec >= openFrom
			for _, iv := range intervals {
				want = want || iv.Addr == a && iv.From <= sec && sec <= iv.Until+grace
			}
			if _, got := s.Listed(a, at(sec)); got != want {
				t.Fatalf("Listed(%s, %d) = %v, want %v", a, sec, got, want)
			}
		}
	}
}

func BenchmarkListed(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var intervals []Interval
	for range 142_078 { // a history of six years, merged
		from := r.Int64N(180_000_000)
		a := netip.AddrFrom4([4]byte{byte(r.IntN(3)), byte(r.IntN(256)), byte(r.IntN(24)), 1})
		intervals = append(intervals, Interval{Addr: a, From: from, Until: from + r.Int64N(100_000)})
	}
	s := mustSet(b, DefaultGrace, intervals...)
	hit, miss := intervals[0], addr("198.51.100.1")
	b.Run("exit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Listed(hit.Addr, at(hit.From))
		}
	})
	b.Run("other", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Listed(miss, at(hit.From))
		}
	})
}
