// SPDX-License-Identifier: Apache-2.0

package source

import (
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"

	"github.com/aer-project/aer/transforms/event"
)

// Counted is what a run took in.
type Counted struct {
	Events, DeadLetters int
	// Late is the sum of LateCounter.
	Late int
	// First and Last are the times of the earliest and the latest event; zero if there was none.
	First, Last time.Time
	// Unreadable has no example.
	Unreadable event.Unreadable
}

// CountedIn reads the counters of a decoder.
func CountedIn(res *metrics.Results) Counted {
	var n Counted
	sums := map[string]*int{"events": &n.Events, "dead_letters": &n.DeadLetters, LateCounter: &n.Late}
	for _, f := range event.Fields() {
		sums[unreadableCounter(f)] = &n.Unreadable.Counts[f]
	}
	for _, c := range res.AllMetrics().Counters() {
		if sum := sums[c.Name()]; c.Namespace() == namespace && sum != nil {
			*sum += int(c.Result())
		}
	}
	var times []time.Time
	for _, d := range res.AllMetrics().Distributions() {
		if r := d.Result(); d.Namespace() == namespace && d.Name() == timesDistribution && r.Count > 0 {
			times = append(times, time.UnixMilli(r.Min).UTC(), time.UnixMilli(r.Max).UTC())
		}
	}
	if len(times) > 0 {
		n.First, n.Last = slices.MinFunc(times, time.Time.Compare), slices.MaxFunc(times, time.Time.Compare)
	}
	return n
}
