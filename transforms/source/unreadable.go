// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"github.com/aer-project/aer/transforms/event"
)

// unreadableCounter is the name, in the namespace "ingest", of the counter of events of which a field could not be
// read: unreadable_client_ip.
func unreadableCounter(f event.Field) string {
	return "unreadable_" + strings.ReplaceAll(f.String(), ".", "_")
}

func unreadableCounters() (all []beam.Counter) {
	for _, f := range event.Fields() {
		all = append(all, beam.NewCounter(namespace, unreadableCounter(f)))
	}
	return all
}

// countUnreadable counts what u has more than before, of the same source; before may be nil.
func (in *intake) countUnreadable(ctx context.Context, u, before *event.Unreadable) {
	if u.First.Field == "" {
		return
	}
	for f, n := range u.Counts {
		if before != nil {
			n -= before.Counts[f]
		}
		if n > 0 {
			in.unreadable[f].Inc(ctx, int64(n))
		}
	}
	if !in.process.UnreadableTold.Swap(true) {
		log.Warnf(ctx, "fields of events that cannot be read count as unknown, see the counters ingest/unreadable_*: %s", u)
	}
}
