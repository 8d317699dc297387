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
// order whatever the order of their arrival. Four uses: batches of a shard, findings of a user, decisions of an
// organisation about what is new, and those that ask a budget.
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

// timed is something with the timestamp after which it is due, Unix milliseconds.
type timed struct {
	ms   int64
	data []byte
}

// hold keeps things until the watermark has passed all of them. Until then it is held at the first, so that
// what comes of them is not late for the stages behind.
func (b dueBuffer) hold(sp state.Provider, tp timers.Provider, things ...timed) error {
	if len(things) == 0 {
		return nil
	}
	first, last := things[0].ms, things[0].ms
	for _, t := range things {
		first, last = min(first, t.ms), max(last, t.ms)
	}
	if err := b.pending.Add(sp, encodeTimed(things)); err != nil {
		return fmt.Errorf("holding what is due at %d: %w", last, err)
	}
	tag := strconv.FormatInt(first, 36) + ":" + strconv.FormatInt(last, 36)
	b.due.Set(tp, at(last+1), timers.WithTag(tag), timers.WithOutputTimestamp(at(first)))
	return nil
}

// wait keeps a thing until the watermark has passed its time without holding the watermark back: what comes of it is late for
// the stages behind, which must not mind.
func (b dueBuffer) wait(sp state.Provider, tp timers.Provider, t timed) error {
	if err := b.pending.Add(sp, encodeTimed([]timed{t})); err != nil {
		return fmt.Errorf("keeping what waits until %d: %w", t.ms, err)
	}
	b.due.Set(tp, at(t.ms+1), timers.WithTag("wait:"+strconv.FormatInt(t.ms, 36)), timers.WithNoOutputTimestamp())
	return nil
}

// takeUntil removes and returns what is due until a time, in no order.
func (b dueBuffer) takeUntil(sp state.Provider, untilMS int64) (due []timed, err error) {
	return b.take(sp, ":"+strconv.FormatInt(untilMS, 36))
}

// take removes and returns what is due now that the timer of the tag has fired, in no order. The rest is put back as one
// element; the timers that were set for it are still there.
func (b dueBuffer) take(sp state.Provider, tag string) (due []timed, err error) {
	until, err := dueUntilMS(tag)
	if err != nil {
		return nil, err
	}
	held, _, err := b.pending.Read(sp)
	if err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	var rest []timed
	for _, raw := range held {
		things, err := decodeTimed(raw)
		if err != nil {
			return nil, fmt.Errorf("reading what is held: %w", err)
		}
		for _, t := range things {
			if t.ms <= until {
				due = append(due, t)
			} else {
				rest = append(rest, t)
			}
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	if err := b.pending.Clear(sp); err != nil {
		return nil, fmt.Errorf("clearing what was held: %w", err)
	}
	if len(rest) == 0 {
		return due, nil
	}
	if err := b.pending.Add(sp, encodeTimed(rest)); err != nil {
		return nil, fmt.Errorf("putting back what is not due: %w", err)
	}
	return due, nil
}

func encodeTimed(things []timed) []byte {
	size := 10
	for _, t := range things {
		size += len(t.data) + 15
	}
	p := packer{buf: make([]byte, 0, size)}
	p.int(int64(len(things)))
	for _, t := range things {
		p.int(t.ms)
		p.bytes(t.data)
	}
	return p.buf
}

func decodeTimed(b []byte) ([]timed, error) {
	u := unpacker{buf: b}
	things := make([]timed, u.count())
	for i := range things {
		things[i] = timed{ms: u.int(), data: u.bytes()}
	}
	return things, u.err
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

// setExpiry has the state of a key dropped at a time unless something comes before and sets it anew. It holds no
// watermark back.
func setExpiry(t *timers.EventTime, tp timers.Provider, when time.Time) {
	t.Set(tp, when, timers.WithTag(expireTag), timers.WithNoOutputTimestamp())
}
