// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"iter"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/watermark"
)

const (
	// DefaultReorderDelay is the disorder that Reorder repairs by default: the pipeline's allowed lateness.
	DefaultReorderDelay = 10 * time.Minute
	// defaultReorderEvents bounds what Reorder holds, at 1 to 2 KB an event.
	defaultReorderEvents = 100_000
)

// Reorder puts a stream into order of (time, id) as far as a bounded buffer allows: an event is held until time has
// gone on by delay (as package watermark tells it, so that one event from the future does not end the order), or until
// more than limit events are held, when the oldest goes. An event that comes later still is passed on at once, out of
// order; it is late for everything behind, too. Dead letters are passed on when they come. Zero or less means the
// defaults.
//
// With limit not reached, the result depends on the events only, not on the order in which they came, if none is out of
// order by more than delay.
func Reorder(in iter.Seq2[*aerv1.Event, *aerv1.DeadLetter], delay time.Duration,
	limit int) iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	if delay <= 0 {
		delay = DefaultReorderDelay
	}
	positive(&limit, defaultReorderEvents)
	return func(yield func(*aerv1.Event, *aerv1.DeadLetter) bool) {
		var held queue[inOrder]
		var newest watermark.Estimator
		for ev, dead := range in {
			if dead != nil {
				if !yield(nil, dead) {
					return
				}
				continue
			}
			held.push(inOrder{ev})
			newest.Observe(watermark.User(ev.OrgId, ev.UserId), ev.Time.AsTime().UnixMilli())
			now, known := newest.NowMS()
			for len(held) > 0 && (len(held) > limit || known && now-held[0].Time.AsTime().UnixMilli() > delay.Milliseconds()) {
				if !yield(held.pop().Event, nil) {
					return
				}
			}
		}
		for len(held) > 0 {
			if !yield(held.pop().Event, nil) {
				return
			}
		}
	}
}

// compareTime orders events by time.
func compareTime(a, b *aerv1.Event) int {
	if c := cmp.Compare(a.Time.Seconds, b.Time.Seconds); c != 0 {
		return c
	}
	return cmp.Compare(a.Time.Nanos, b.Time.Nanos)
}

// Compare orders events by time, then id: the order in which they are processed.
func Compare(a, b *aerv1.Event) int {
	if c := compareTime(a, b); c != 0 {
		return c
	}
	return cmp.Compare(a.Id, b.Id)
}

// inOrder is an event with its place in the order of processing.
type inOrder struct{ *aerv1.Event }

func (e inOrder) Before(than inOrder) bool { return Compare(e.Event, than.Event) < 0 }
