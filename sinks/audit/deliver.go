// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/retry"
)

// deliverAtOnce bounds what is read from the log at once: an entry of changed settings can have half a megabyte.
const deliverAtOnce = 16

// Deliver sends on what a store has written into its own audit log, as changes of settings are, from where the reader
// is. The reader goes on after each entry that the sink has taken, so a sink gets an entry twice, under one id, only if
// the process dies in between. One that a sink refuses for good is logged and left out; any other error ends the call,
// and the next goes on there.
func Deliver(ctx context.Context, from trail.Reader, action string, to Sink) (n int, err error) {
	for {
		records, err := from.Next(ctx, deliverAtOnce)
		if err != nil || len(records) == 0 {
			return n, err
		}
		for _, r := range records {
			if r.Entry.GetAction() == action {
				switch err := to.Append(ctx, r.Entry); {
				case err == nil:
					n++
				case ctx.Err() != nil || retry.Recoverable(err):
					return n, fmt.Errorf("delivering audit entry %q: %w", r.Entry.GetId(), err)
				default:
					slog.Error("an audit entry cannot be delivered", "entry", r.Entry.GetId(), "error", err)
				}
			}
			if err := from.Took(ctx, r.Seq); err != nil {
				return n, err
			}
		}
	}
}
