// SPDX-License-Identifier: Apache-2.0

package watermark

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const hour = int64(3_600_000)

// feed observes one event an hour of each of some users, for some hours.
func feed(e *Estimator, users, hours int) {
	for h := range hours {
		for u := range users {
			e.Observe(uint64(u), int64(h)*hour)
		}
	}
}

func TestEstimator(t *testing.T) {
	future := 10_000 * hour
	for name, c := range map[string]struct {
		run  func(e *Estimator)
		want int64
		ok   bool
	}{
		"nothing":     {func(*Estimator) {}, 0, false},
		"one user":    {func(e *Estimator) { feed(e, 1, 100) }, 0, false},
		"two users":   {func(e *Estimator) { feed(e, 2, 100) }, 0, false},
		"three users": {func(e *Estimator) { feed(e, 3, 100) }, 99 * hour, true},
		"one from the future, first": {func(e *Estimator) { e.Observe(99, future); feed(e, 5, 100) }, 99 * hour,
			true},
		"one from the future, last": {func(e *Estimator) { feed(e, 5, 100); e.Observe(99, future) }, 99 * hour,
			true},
		"two of one user from the future": {
			func(e *Estimator) { feed(e, 5, 100); e.Observe(99, future); e.Observe(99, future+hour) }, 99 * hour, true},
		"two users from the future": {
			func(e *Estimator) { e.Observe(98, future); e.Observe(99, future); feed(e, 5, 100) }, 99 * hour, true},
		"a thousand of one user among others": {func(e *Estimator) { feed(e, 5, 100); storm(e, 1000, future) }, 99 * hour,
			true},
		"three users after a gap": {func(e *Estimator) {
			feed(e, 5, 100)
			for u := range uint64(3) {
				e.Observe(u, future+int64(u))
			}
		}, future, true},
		"the future in a file of one user": {
			func(e *Estimator) { e.Observe(0, future); feed(e, 1, 2048); e.Observe(0, future) }, 1535 * hour, true},
		"a file of two users": {func(e *Estimator) { feed(e, 2, 1024) }, 768 * hour, true},
		"newest first":        {func(e *Estimator) { backwards(e, 5, 100) }, 99 * hour, true},
		"every event is believed": {
			func(e *Estimator) { e.Quorum = 1; e.Observe(1, hour); e.Observe(1, future); e.Observe(2, 0) }, future, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := &Estimator{}
			c.run(e)
			if ms, ok := e.NowMS(); ms != c.want || ok != c.ok {
				t.Errorf("time is %d h (%t), want %d h (%t)", ms/hour, ok, c.want/hour, c.ok)
			}
		})
	}
}

func storm(e *Estimator, n int, ms int64) {
	for range n {
		e.Observe(99, ms)
	}
}

func backwards(e *Estimator, users, hours int) {
	for h := range hours {
		for u := range users {
			e.Observe(uint64(u), int64(hours-1-h)*hour)
		}
	}
}

func TestBound(t *testing.T) {
	w := &Witnesses{}
	if got := w.Bound(50, 10); got != 10 {
		t.Errorf("without witnesses %d is believed, want the publication", got)
	}
	if got := w.Bound(5, 10); got != 5 {
		t.Errorf("an event before its publication counts as %d", got)
	}
	for u := range uint64(3) {
		w.Observe(u, 30+int64(u))
	}
	if got := w.Bound(50, 10); got != 30 {
		t.Errorf("with witnesses %d is believed, want what all have reached", got)
	}
	again := &Witnesses{}
	again.Restore(w.State())
	if a, _ := again.NowMS(); a != 30 || !slices.Equal(again.State(), w.State()) {
		t.Errorf("restored: %v, want %v", again.State(), w.State())
	}
}

// Time is what the definition says, the third latest of the users' latest events, whatever the order in which they
// came; it never goes back and never passes the newest event.
func TestWitnessesAreTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type obs struct {
			user uint64
			ms   int64
		}
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) obs {
			return obs{rapid.Uint64Range(0, 6).Draw(t, "user"), rapid.Int64Range(0, 50).Draw(t, "ms")}
		}), 0, 60).Draw(t, "events")
		w, before := &Witnesses{}, int64(-1)
		newest := map[uint64]int64{}
		for _, o := range list {
			w.Observe(o.user, o.ms)
			if old, seen := newest[o.user]; !seen || o.ms > old {
				newest[o.user] = o.ms
			}
			var all []int64
			for _, ms := range newest {
				all = append(all, ms)
			}
			slices.Sort(all)
			got, ok := w.NowMS()
			if ok != (len(all) >= Quorum) || ok && (got != all[len(all)-Quorum] || got < before) {
				t.Fatalf("time is %d (%t) after %v", got, ok, list)
			}
			if ok {
				before = got
			}
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	e := &Estimator{}
	for i := 0; b.Loop(); i++ {
		e.Observe(uint64(i%500), int64(i))
	}
}
