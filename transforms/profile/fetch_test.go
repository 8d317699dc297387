// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestWhatIsFetchedIsStillTheProfile, also where an earlier slice of the batch began it, or began it anew because it
// was idle; and batches longer than what is fetched at once are recorded as slice by slice.
func TestWhatIsFetchedIsStillTheProfile(t *testing.T) {
	user := func(id string) func(*aerv1.Event) { return func(ev *aerv1.Event) { ev.UserId = id } }
	var old, back []*aerv1.Event
	for i := range 2*fetchedAtOnce + 3 {
		id := fmt.Sprintf("U%02d", i)
		if i%3 > 0 { // known, some of whom are idle by then
			old = append(old, event(time.Duration(i%3)*100*day, "user_login", user(id)))
		}
		back = append(back, event(290*day, "file_viewed", user(id)))
		refused := attempt(290*day, "198.51.100.7", false)
		refused.UserId = id
		back = append(back, refused)
	}
	whole, single := NewShard(), NewShard()
	for _, b := range slices.Concat(batches(old), batches(back)) {
		whole.Apply(b, nil)
		for _, s := range b.Slices {
			single.Apply(&aerv1.Batch{WindowEndMs: b.WindowEndMs, Slices: []*aerv1.Slice{s}}, nil)
		}
	}
	if !bytes.Equal(bytes.Join(Chunks(t, whole), nil), bytes.Join(Chunks(t, single), nil)) {
		t.Error("the profiles differ from those of slice by slice")
	}
}
