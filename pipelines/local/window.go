// SPDX-License-Identifier: Apache-2.0

package local

import (
	"cmp"
	"slices"

	"github.com/aer-project/aer/transforms/activity"
)

// manyEvents is from how many on the events of a shard's window are summarised when they come and no longer wait until
// the window closes, so that memory follows what slices hold: ten thousand events of one busy user are one slice. Below
// it, to wait takes less time and memory: the slices of all windows are then made in the same little memory.
const manyEvents = 1024

// window is an open window of a shard.
type window struct {
	startMS int64
	// waiting are the events that wait for the window to close.
	waiting []*activity.Entry
	// many holds those that do not, nil until there are many.
	many *activity.Accumulator
}

// windows are those that are open, in order. Memory of closed ones is used again.
type windows struct {
	open []*window
	free []*window
}

// at gives the window that begins at startMS, and opens it if need be.
func (w *windows) at(startMS int64) *window {
	if n := len(w.open); n > 0 && w.open[n-1].startMS == startMS {
		return w.open[n-1] // most events come in order
	}
	i, found := slices.BinarySearchFunc(w.open, startMS,
		func(x *window, startMS int64) int { return cmp.Compare(x.startMS, startMS) })
	if !found {
		w.open = slices.Insert(w.open, i, w.fresh(startMS))
	}
	return w.open[i]
}

func (w *windows) fresh(startMS int64) *window {
	n := len(w.free)
	if n == 0 {
		return &window{startMS: startMS}
	}
	x := w.free[n-1]
	w.free = w.free[:n-1]
	x.startMS, x.many = startMS, nil
	return x
}

// until takes out the windows that begin before beginMS and gives each to closed.
func (w *windows) until(beginMS int64, closed func(*window)) {
	n := 0
	for n < len(w.open) && w.open[n].startMS < beginMS {
		x := w.open[n]
		closed(x)
		n++
	}
	w.free = append(w.free, w.open[:n]...)
	w.open = slices.Delete(w.open, 0, n)
}
