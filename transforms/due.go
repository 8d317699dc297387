package transforms

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"
)

// A dueBuffer holds elements of one key until the watermark has passed them, so that they are processed in event-time
// order whatever the order of their arrival. Three uses: batches of a shard, findings of a user, decisions of an
// organisation.
//
// An element is due once the watermark is beyond its timestamp, that is from its timestamp plus one millisecond. Holding
// one costs a single blind write and no read: its timer is named after the time it fires and the watermark it holds back,
// so settings never meet. Late elements go the same way; their timers fire at once.
//
// The cells are fields of the DoFn itself, because Beam looks for them there.
type dueBuffer struct {
	pending *state.Bag[[]byte]
	due     *timers.EventTime
}

// hold keeps an element whose parts have timestamps from firstMS to lastMS. The timer fires when all of them are due and
// holds the watermark at the first, so that what comes of them is not late for the stages behind.
func (b dueBuffer) hold(sp state.Provider, tp timers.Provider, firstMS, lastMS int64, element []byte) error {
	if err := b.pending.Add(sp, element); err != nil {
		return fmt.Errorf("holding an element until %d: %w", lastMS, err)
	}
	tag := strconv.FormatInt(firstMS, 36) + ":" + strconv.FormatInt(lastMS, 36)
	b.due.Set(tp, at(lastMS+1), timers.WithTag(tag), timers.WithOutputTimestamp(at(firstMS)))
	return nil
}

// take removes and returns everything held. What is not yet due must be put back with keep; the timers that were set for
// it are still there.
func (b dueBuffer) take(sp state.Provider) ([][]byte, error) {
	held, ok, err := b.pending.Read(sp)
	if err != nil {
		return nil, fmt.Errorf("reading held elements: %w", err)
	}
	if !ok || len(held) == 0 {
		return nil, nil
	}
	if err := b.pending.Clear(sp); err != nil {
		return nil, fmt.Errorf("clearing held elements: %w", err)
	}
	return held, nil
}

// keep puts back an element that is not yet due.
func (b dueBuffer) keep(sp state.Provider, element []byte) error {
	if err := b.pending.Add(sp, element); err != nil {
		return fmt.Errorf("putting a held element back: %w", err)
	}
	return nil
}

// dueUntilMS is the timestamp up to which elements are due when the timer of this tag has fired. The tag says it, because
// OnTimer is told only what the timer held, not when it was set to fire.
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

// takeDue takes what is due when the timer of the tag has fired out of the buffer, in no order, and puts the rest back.
func takeDue[T any](b dueBuffer, sp state.Provider, tag string, decode func([]byte) (T, error), timestampMS func(T) int64) ([]T, error) {
	until, err := dueUntilMS(tag)
	if err != nil {
		return nil, err
	}
	held, err := b.take(sp)
	if err != nil {
		return nil, err
	}
	var due []T
	for _, raw := range held {
		v, err := decode(raw)
		if err != nil {
			return nil, err
		}
		if timestampMS(v) <= until {
			due = append(due, v)
			continue
		}
		if err := b.keep(sp, raw); err != nil {
			return nil, err
		}
	}
	return due, nil
}

// setExpiry has the state of a key dropped at a time unless something comes before and sets it anew. It holds no
// watermark back.
func setExpiry(t *timers.EventTime, tp timers.Provider, when time.Time) {
	t.Set(tp, when, timers.WithTag(expireTag), timers.WithNoOutputTimestamp())
}
