// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"context"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// OnceRemembers is how many deliveries a Once remembers: at 40 bytes each, a fraction of a megabyte.
const OnceRemembers = 8192

// Once keeps a process from delivering a notification twice to a server that does not look for duplicates itself. What
// an earlier process delivered it does not know: that takes the ledger, and the server. The zero Once is ready for use.
type Once struct {
	mu    sync.Mutex
	busy  map[string]chan struct{}
	done  map[string]bool
	order []string
}

// Do delivers n unless that was done. Calls about one notification at once wait for the first of them.
func (o *Once) Do(ctx context.Context, n *aerv1.Notification, deliver func(context.Context) error) error {
	key := Key(n)
	for {
		wait, first := o.begin(key)
		if first {
			err := deliver(ctx)
			o.end(key, err == nil)
			return err
		}
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin says whether the caller is the one to deliver, or what it must wait for; neither if it is done.
func (o *Once) begin(key string) (wait chan struct{}, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done[key] {
		return nil, false
	}
	if b := o.busy[key]; b != nil {
		return b, false
	}
	if o.busy == nil {
		o.busy, o.done = map[string]chan struct{}{}, map[string]bool{}
	}
	o.busy[key] = make(chan struct{})
	return nil, true
}

func (o *Once) end(key string, delivered bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.busy[key])
	delete(o.busy, key)
	if !delivered {
		return
	}
	o.done[key] = true
	if o.order = append(o.order, key); len(o.order) > OnceRemembers {
		delete(o.done, o.order[0])
		o.order = o.order[1:]
	}
}
