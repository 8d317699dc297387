// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
)

// bulkMax is how many users one resetBulk takes.
const bulkMax = 1000

// batcher resets users one by one while the rate limit allows it, and together when they have to wait.
type batcher struct {
	client *client
	mu     sync.Mutex
	queue  []*waiter
	// A goroutine is at work.
	running bool
}

type waiter struct {
	user aerv1.UserID
	done chan error
	// A batch with it was refused: it is asked for alone.
	alone bool
}

// reset returns when the user was reset, or why not. A caller that goes away before its turn leaves nothing behind;
// later it is told what came of it.
func (b *batcher) reset(ctx context.Context, user aerv1.UserID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", errNothingDone, err)
	}
	w := &waiter{user: user, done: make(chan error, 1)}
	b.mu.Lock()
	b.queue = append(b.queue, w)
	if !b.running {
		b.running = true
		go b.work(context.WithoutCancel(ctx)) // serves all who wait, not only this caller
	}
	b.mu.Unlock()
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if b.withdraw(w) {
			return fmt.Errorf("waiting for a turn: %w: %w", errNothingDone, ctx.Err())
		}
		return <-w.done // it is on its way, and bounded by the client's timeout
	}
}

func (b *batcher) withdraw(w *waiter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.queue, w)
	if i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
	}
	return i >= 0
}

// work serves the queue until it is empty. Whoever comes while it waits for the rate limit goes with the next batch.
func (b *batcher) work(ctx context.Context) {
	for {
		_ = b.client.limits[methodReset].Wait(ctx) // ctx never ends, and the burst is at least one
		batch := b.next()
		if len(batch) == 0 {
			return
		}
		b.serve(ctx, batch)
	}
}

// next takes the next batch off the queue: those who must be asked for alone one at a time, the others together.
func (b *batcher) next() []*waiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.queue), bulkMax)
	if i := slices.IndexFunc(b.queue[:n], func(w *waiter) bool { return w.alone }); i >= 0 {
		n = max(i, 1)
	}
	batch := slices.Clone(b.queue[:n])
	b.queue = slices.Delete(b.queue, 0, n)
	b.running = n > 0
	return batch
}

// serve resets a batch. One user that cannot be reset must not spare the others: if all are refused together, they go
// back into the queue, to be asked for alone. There whoever has no time left can still withdraw.
func (b *batcher) serve(ctx context.Context, batch []*waiter) {
	if len(batch) == 1 {
		w := batch[0]
		err := b.client.callNow(ctx, methodReset, map[string]any{"user_id": w.user}, nil)
		if err != nil && !errors.Is(err, errNone) {
			err = fmt.Errorf("calling %s: %w", methodReset, err)
		}
		w.done <- err
		return
	}
	var users []aerv1.UserID
	for _, w := range batch {
		if !slices.Contains(users, w.user) {
			users = append(users, w.user)
		}
	}
	err := b.client.resetBulk(ctx, users)
	if err == nil || retry.Recoverable(err) && !errors.Is(err, errNone) {
		for _, w := range batch {
			w.done <- err
		}
		return
	}
	for _, w := range batch {
		w.alone = true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(batch, b.queue...)
}
