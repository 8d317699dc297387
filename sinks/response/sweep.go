// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"time"
)

// SweepEvery is how often a running pipeline should Resume: often enough that a revocation, useful for ten minutes,
// gets a dozen attempts after a server has come back.
const SweepEvery = 30 * time.Second

// lookEvery is how many ticks pass at most between two looks into the ledger while this process knows of nothing left
// over: another process may have left something over, or somebody may have had a response tried again.
const lookEvery = 10

// Sweep resumes what is left over at each tick until ctx ends or the ticks do, so that the backlog of an outage drains
// while the stream goes on. took is given how many responses each sweep completed and the errors of what is still open;
// it is not called when there was nothing to do.
func (r *Responder) Sweep(ctx context.Context, ticks <-chan time.Time, took func(completed int, err error)) {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-ticks:
			if !ok {
				return
			}
		}
		if !r.leftover.Swap(false) && n%lookEvery != 0 {
			continue
		}
		completed, err := r.Resume(ctx)
		if err != nil {
			r.leftover.Store(true)
		}
		if completed > 0 || err != nil && ctx.Err() == nil {
			took(completed, err)
		}
	}
}
