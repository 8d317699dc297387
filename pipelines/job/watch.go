// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
)

// Watch says what is heard while a job runs.
type Watch struct {
	// Signals drain the job the first time and cancel it the second time; none = never.
	Signals []os.Signal
	// Drain is called at the first signal, Cancel at the second or when the context ends.
	Drain  func()
	Cancel func()
}

// Start passes signals, and the end of ctx, on to the job until inner ends. The returned function says whether the job
// was cancelled so, and why.
func (w Watch) Start(ctx, inner context.Context) func() error {
	signals := make(chan os.Signal, 2)
	if len(w.Signals) > 0 {
		signal.Notify(signals, w.Signals...)
	}
	var mu sync.Mutex
	var cause error
	cancel := func(why error) {
		mu.Lock()
		cause = why
		mu.Unlock()
		w.Cancel()
	}
	go func() {
		defer signal.Stop(signals)
		done, draining := ctx.Done(), false
		for {
			select {
			case <-inner.Done():
				return
			case <-done:
				cancel(fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)))
				done = nil
			case sig := <-signals:
				if draining {
					cancel(fmt.Errorf("%w: second signal (%v)", ErrCancelled, sig))
					continue
				}
				draining = true
				w.Drain()
			}
		}
	}()
	return func() error {
		mu.Lock()
		defer mu.Unlock()
		return cause
	}
}
