// SPDX-License-Identifier: Apache-2.0

package source

import (
	"time"

	"github.com/aer-project/aer/transforms/activity"
)

// LateCounter counts, in the namespace ingest, the events that came so late that their window had been given up: an
// engine drops them from all windows without a word, so that only the source, which knows how far it had come, can
// tell. Events of Dataflow's own source are counted by Dataflow (droppedDueToLateness).
const LateCounter = "events_late"

// Keep is how long windows take events in. Zero keeps them for ever.
type Keep struct {
	WindowMS int32
	Lateness time.Duration
}

// drops says whether the window of an event at ms was given up when the source had come to watermarkMS (0 = unknown).
func (k Keep) drops(ms, watermarkMS int64) bool {
	if k.WindowMS == 0 || watermarkMS == 0 {
		return false
	}
	end := activity.WindowStartMS(ms, int64(k.WindowMS)) + int64(k.WindowMS)
	return end+k.Lateness.Milliseconds() <= watermarkMS
}
