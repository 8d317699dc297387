// SPDX-License-Identifier: Apache-2.0

package perturb

import (
	"cmp"
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"time"
)

// tolerance is how far out of order the input may be without a trace of it in the order of the output.
const tolerance = MaxDisorder

// heldMaxBytes bounds what waits for its turn. Past it the first goes at once and is counted: at 500 bytes an event
// that is 700 a second for the longest wait.
const heldMaxBytes = 256 << 20

// lineOverheadBytes is what holding a line costs besides its text.
const lineOverheadBytes = 128

// output damages lines and writes them in the order in which they arrive.
type output struct {
	w      io.Writer
	c      Config
	report Report
	held   arrivals
	bytes  int
	taken  int
	newest time.Time
	// newestWritten is the time of the youngest event written.
	newestWritten time.Time
}

// fate is what happens to one line. All of it is drawn for every line, so that one rate does not change another's luck.
type fate struct {
	dropped, duplicated bool
	delay, second       time.Duration
	strip               []string
	tie                 uint64
}

func (c Config) fate(raw []byte) fate {
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, c.Seed) // a hash does not fail
	h.Write(raw)
	sum := h.Sum(nil)
	r := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])))
	f := fate{tie: binary.BigEndian.Uint64(sum[16:])}
	f.dropped = r.Float64() < c.Drop
	f.duplicated = r.Float64() < c.Duplicates
	f.delay = time.Duration(r.Float64() * float64(c.Disorder))
	f.second = time.Duration(r.Float64() * float64(c.Disorder))
	for _, name := range Stripped {
		if r.Float64() < c.Strip {
			f.strip = append(f.strip, name)
		}
	}
	return f
}

func (o *output) take(l line) error {
	o.report.Read++
	if l.event == nil {
		o.report.Other++
		o.hold(arrival{raw: l.raw, at: l.at, tie: math.MaxUint64}) // behind the events of its time
		return o.release()
	}
	if l.at.After(o.newest) {
		o.newest = l.at
	}
	f := o.c.fate(l.raw)
	o.countFields(l.event, f)
	if f.dropped {
		o.report.Dropped++
		return o.release()
	}
	a := arrival{raw: l.event.without(l.raw, o.lost(l.event, f)), event: l.at, at: l.at.Add(f.delay), tie: f.tie}
	o.hold(a)
	if f.duplicated {
		o.report.Duplicated++
		a.at = l.at.Add(f.second)
		o.hold(a)
	}
	return o.release()
}

// lost are the fields that an event has and loses.
func (o *output) lost(m *members, f fate) []string {
	var names []string
	for _, name := range f.strip {
		if m.has(name) {
			names = append(names, name)
		}
	}
	return names
}

func (o *output) countFields(m *members, f fate) {
	for _, name := range Stripped {
		if m.has(name) {
			o.report.Had[name]++
		}
	}
	if f.dropped {
		return
	}
	for _, name := range o.lost(m, f) {
		o.report.Stripped[name]++
	}
}

func (o *output) hold(a arrival) {
	o.bytes += len(a.raw) + lineOverheadBytes
	a.turn = o.taken
	o.taken++
	heap.Push(&o.held, a)
}

// release writes what nothing that is still to be read can come before.
func (o *output) release() error {
	for len(o.held) > 0 {
		due := o.held[0].at.Before(o.newest.Add(-tolerance))
		if !due && o.bytes <= heldMaxBytes {
			return nil
		}
		if !due {
			o.report.Early++
		}
		if err := o.write(); err != nil {
			return err
		}
	}
	return nil
}

func (o *output) finish() error {
	for len(o.held) > 0 {
		if err := o.write(); err != nil {
			return err
		}
	}
	return nil
}

// write writes the first of what is held.
func (o *output) write() error {
	a := heap.Pop(&o.held).(arrival)
	o.bytes -= len(a.raw) + lineOverheadBytes
	o.report.Written++
	if !a.event.IsZero() {
		if behind := o.newestWritten.Sub(a.event); behind > 0 {
			o.report.OutOfOrder++
			o.report.DisorderMaxS = max(o.report.DisorderMaxS, behind.Seconds())
		} else {
			o.newestWritten = a.event
		}
	}
	_, err := o.w.Write(append(a.raw, '\n'))
	return err
}

// arrival is a line with the time at which it arrives; event is its own time, zero for a line that is no event.
type arrival struct {
	raw       []byte
	event, at time.Time
	tie       uint64
	turn      int
}

// arrivals is a heap by arrival, then by what the text says; lines that are no event stay in the order of reading.
type arrivals []arrival

func (h arrivals) Len() int { return len(h) }
func (h arrivals) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return cmp.Or(cmp.Compare(h[i].tie, h[j].tie), cmp.Compare(h[i].turn, h[j].turn)) < 0
}
func (h arrivals) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *arrivals) Push(x any)   { *h = append(*h, x.(arrival)) }
func (h *arrivals) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = arrival{}
	*h = old[:len(old)-1]
	return last
}
