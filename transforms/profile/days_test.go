// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// seen is the slice of one event, a while after monday noon.
func seen(after time.Duration) *aerv1.Slice {
	return batches([]*aerv1.Event{event(after, "file_viewed")})[0].Slices[0]
}

// TestActiveDaysDoNotDependOnTheOrderOfSlices: days count once, however late their slices come.
func TestActiveDaysDoNotDependOnTheOrderOfSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 63), 1, 30).Draw(t, "days")
		straight, shuffled := New("O", "U"), New("O", "U")
		for _, d := range days {
			Apply(straight, seen(time.Duration(d)*day))
		}
		distinct := map[int]bool{}
		for _, d := range rapid.Permutation(days).Draw(t, "order") {
			distinct[d] = true
			Apply(shuffled, seen(time.Duration(d)*day))
		}
		if straight.ActiveDays != uint32(len(distinct)) || shuffled.ActiveDays != straight.ActiveDays ||
			shuffled.RecentDays != straight.RecentDays {
			t.Fatalf("%d active days of %d, %d in another order", straight.ActiveDays, len(distinct), shuffled.ActiveDays)
		}
		client := seen(0).Facets[0].Client
		a, b := straight.KnownBy(Clients, client), shuffled.KnownBy(Clients, client)
		if (a.Days >= 2) != (len(distinct) >= 2) || (b.Days >= 2) != (a.Days >= 2) {
			t.Fatalf("the client is known from %d days, %d in another order", a.Days, b.Days)
		}
	})
}

// TestActiveDaysAreCountedSinceTheFirst, also those that have left the memory of which they were, and what comes later
// than that counts no more.
func TestActiveDaysAreCountedSinceTheFirst(t *testing.T) {
	p := New("O", "U")
	for d := range 200 {
		Apply(p, seen(time.Duration(d)*2*day))
	}
	Apply(p, seen(397*day))
	Apply(p, seen(333*day))
	if p.ActiveDays != 201 {
		t.Errorf("%d active days, want 201", p.ActiveDays)
	}
}

// TestProfilesOfTheLayoutBeforeAreRead: it did not say which days were active, so none before the last counts again.
func TestProfilesOfTheLayoutBeforeAreRead(t *testing.T) {
	old := NewShard()
	old.Apply(batches([]*aerv1.Event{event(0, "user_login"), event(2*day, "file_viewed")})[0], nil)
	old.Apply(batches([]*aerv1.Event{event(0, "user_login"), event(2*day, "file_viewed")})[1], nil)
	m := old.Profile("O", "U").message()
	m.Schema, m.RecentDays = 1, 0
	raw, err := (&aerv1.ShardState{Profiles: []*aerv1.Profile{m}}).MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	sh, err := LoadShard([][]byte{raw})
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{2 * day, day, 4 * day, 3 * day} {
		sh.Apply(batches([]*aerv1.Event{event(after, "file_viewed")})[0], nil)
	}
	if got := sh.Profile("O", "U"); got.ActiveDays != 4 {
		t.Errorf("%d active days, want 4", got.ActiveDays)
	}
}
