package source

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"github.com/aer-project/aer/transforms/event"
)

// unreadableCounter is the name, in the namespace "ingest", of the counter of events of which a field could not be read:
// unreadable_client_ip.
func unreadableCounter(f event.Field) string {
	return "unreadable_" + strings.ReplaceAll(f.String(), ".", "_")
}

// unreadableCounters count what could not be read of events, one counter a field.
type unreadableCounters []beam.Counter

func newUnreadableCounters() unreadableCounters {
	var all unreadableCounters
	for _, f := range event.Fields() {
		all = append(all, beam.NewCounter(namespace, unreadableCounter(f)))
	}
	return all
}

// unreadableTold is whether this process has logged an example: one says what to look for, thousands would hide it.
var unreadableTold atomic.Bool

// add counts what u has more than before, of the same source; before may be nil.
func (c unreadableCounters) add(ctx context.Context, u, before *event.Unreadable) {
	if u.First.Field == "" {
		return
	}
	for f, n := range u.Counts {
		if before != nil {
			n -= before.Counts[f]
		}
		if n > 0 {
			c[f].Inc(ctx, int64(n))
		}
	}
	if !unreadableTold.Swap(true) {
		log.Warnf(ctx, "fields of events that cannot be read count as unknown, see the counters ingest/unreadable_*: %s", u)
	}
}
