// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// A dueBuffer holds elements of one key until the watermark has passed them, so that they are processed in event-time
// order whatever the order of their arrival: the batches of a shard, and what decision.Stages look at.
//
// An element is due once the watermark is beyond its timestamp, that is from its timestamp plus one millisecond.
// Holding one costs a single blind write and no read: its timer is named after the time it fires and the watermark it
// holds back, so settings never meet. Late elements go the same way; their timers fire at once.
//
// The cells are fields of the DoFn itself, because Beam looks for them there.
type dueBuffer struct {
	pending *state.Bag[[]byte]
	due     *timers.EventTime
	wrote   func(bytes int) // may be nil
}

// expireTag is the tag of the timers that drop state of which nothing more was heard.
const expireTag = "expire"

// hold keeps things until the watermark has passed all of them. Until then it is held at the first, so that
// what comes of them is not late for the stages behind.
func (b dueBuffer) hold(sp state.Provider, tp timers.Provider, things ...*aerv1.PendingThing) error {
	if len(things) == 0 {
		return nil
	}
	first, last := things[0].DueMs, things[0].DueMs
	for _, t := range things {
		first, last = min(first, t.DueMs), max(last, t.DueMs)
	}
	if err := b.add(sp, things...); err != nil {
		return fmt.Errorf("holding what is due at %d: %w", last, err)
	}
	tag := strconv.FormatInt(first, 36) + ":" + strconv.FormatInt(last, 36)
	b.due.Set(tp, at(last+1), timers.WithTag(tag), timers.WithOutputTimestamp(at(first)))
	return nil
}

// wait keeps a thing until the watermark has passed its time without holding the watermark back: what comes of it is
// late for the stages behind, which must not mind.
func (b dueBuffer) wait(sp state.Provider, tp timers.Provider, t *aerv1.PendingThing) error {
	if err := b.add(sp, t); err != nil {
		return fmt.Errorf("keeping what waits until %d: %w", t.DueMs, err)
	}
	b.due.Set(tp, at(t.DueMs+1), timers.WithTag("wait:"+strconv.FormatInt(t.DueMs, 36)), timers.WithNoOutputTimestamp())
	return nil
}

// take removes and returns what is due now that the timer of the tag has fired, in no order, and until when it is. The
// rest is put back; the timers that were set for it are still there.
func (b dueBuffer) take(sp state.Provider, tag string) (due []*aerv1.PendingThing, untilMS int64, err error) {
	untilMS, err = dueUntilMS(tag)
	if err != nil {
		return nil, 0, err
	}
	held, err := b.read(sp)
	if err != nil {
		return nil, 0, err
	}
	var rest []*aerv1.PendingThing
	for _, t := range held {
		if t.DueMs <= untilMS {
			due = append(due, t)
		} else {
			rest = append(rest, t)
		}
	}
	if len(due) == 0 {
		return nil, untilMS, nil
	}
	if err := b.pending.Clear(sp); err != nil {
		return nil, 0, fmt.Errorf("clearing what was held: %w", err)
	}
	if err := b.add(sp, rest...); err != nil {
		return nil, 0, fmt.Errorf("putting back what is not due: %w", err)
	}
	return due, untilMS, nil
}

// drain removes and returns all that is held.
func (b dueBuffer) drain(sp state.Provider) ([]*aerv1.PendingThing, error) {
	held, err := b.read(sp)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	if err := b.pending.Clear(sp); err != nil {
		return nil, fmt.Errorf("clearing what was held: %w", err)
	}
	return held, nil
}

func (b dueBuffer) read(sp state.Provider) (held []*aerv1.PendingThing, err error) {
	cells, _, err := b.pending.Read(sp)
	if err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	for _, raw := range cells {
		things, err := readPending(raw)
		if err != nil {
			return nil, fmt.Errorf("reading what is held: %w", err)
		}
		held = append(held, things...)
	}
	return held, nil
}

func (b dueBuffer) add(sp state.Provider, things ...*aerv1.PendingThing) error {
	for _, part := range inCells(things, (*aerv1.PendingThing).SizeVT) {
		raw, err := (&aerv1.Pending{Version: aerv1.ShardVersion, Things: part}).MarshalVT()
		if err != nil {
			return err
		}
		if err := b.pending.Add(sp, raw); err != nil {
			return err
		}
		if b.wrote != nil {
			b.wrote(len(raw))
		}
	}
	return nil
}

// dueUntilMS is the timestamp up to which elements are due when the timer of this tag has fired. The tag says it,
// because OnTimer is told only what the timer held, not when it was set to fire.
func dueUntilMS(tag string) (int64, error) {
	_, last, ok := strings.Cut(tag, ":")
	if !ok {
		return 0, fmt.Errorf("timer tag %q is not one of ours", tag)
	}
	ms, err := strconv.ParseInt(last, 36, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the time in timer tag %q: %w", tag, err)
	}
	return ms, nil
}

// clear drops the state of a key that has expired. What is still held has a timer of its own, which may fire after this
// one, and sets the expiry anew.
func (b dueBuffer) clear(sp state.Provider, cell *state.Value[[]byte]) error {
	if held, _, err := b.pending.Read(sp); err != nil || len(held) > 0 {
		return err
	}
	return cell.Clear(sp)
}

// setExpiry has the state of a key dropped at a time unless something comes before and sets it anew. It holds no
// watermark back.
func setExpiry(t *timers.EventTime, tp timers.Provider, when time.Time) {
	t.Set(tp, when, timers.WithTag(expireTag), timers.WithNoOutputTimestamp())
}
