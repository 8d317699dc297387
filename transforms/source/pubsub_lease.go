// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// How deadlines are extended.
const (
	// deadlineMin is the shortest deadline that a subscription may have, which is also the default: what a message has
	// that was just pulled, as far as we know.
	deadlineMin = 10 * time.Second
	// leaseFor is how much longer a message is held each time, and so how late it comes again when its process died.
	leaseFor = time.Minute
	// leaseLook is how often it is looked, leaseLeft what a deadline has left at least: two looks may fail.
	leaseLook = 2 * time.Second
	leaseLeft = 3 * leaseLook
	// leaseMax is for how long messages are held after the last bundle of the source: one that hangs, or a process that
	// the runner has left for another, gives them to others while their windows are open.
	leaseMax = 5 * time.Minute
)

// leases keeps messages that were pulled and are not acknowledged from being delivered again while the process lives.
// It is safe for concurrent use.
type leases struct {
	modify func(ctx context.Context, ids []string, deadline time.Duration) error
	stop   context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	pulls map[uint64]*lease // by the chain that they led to
	// held is when it was said last what is held.
	held time.Time
}

// lease is a pull that is held until.
type lease struct {
	acks  []string
	until time.Time
}

// startLeases extends deadlines by modify until Close.
func startLeases(modify func(context.Context, []string, time.Duration) error) *leases {
	ctx, stop := context.WithCancel(context.Background())
	l := &leases{modify: modify, stop: stop, ended: make(chan struct{}), pulls: map[uint64]*lease{}}
	go func() {
		defer close(l.ended)
		tick := time.NewTicker(leaseLook)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				l.extend(ctx, now)
			}
		}
	}()
	return l
}

// extend extends what would come again soon. What fails is tried at the next look.
func (l *leases) extend(ctx context.Context, now time.Time) {
	for chain, ids := range l.due(now) {
		if err := l.modify(ctx, ids, leaseFor); err != nil {
			log.Warnf(ctx, "extending the deadline of %d messages: %v", len(ids), err)
			continue
		}
		l.mu.Lock()
		if p := l.pulls[chain]; p != nil {
			p.until = now.Add(leaseFor)
		}
		l.mu.Unlock()
	}
}

func (l *leases) due(now time.Time) map[uint64][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[uint64][]string{}
	if now.Sub(l.held) > leaseMax {
		return nil
	}
	for chain, p := range l.pulls {
		if p.until.Sub(now) < leaseLeft {
			all[chain] = p.acks
		}
	}
	return all
}

// hold says which pulls are held. Others that were are given back at once: the runner has gone back to a state from
// before them, so that they must come again.
func (l *leases) hold(ctx context.Context, held []*aerv1.HeldPull, now time.Time) {
	l.mu.Lock()
	before := l.pulls
	l.pulls, l.held = map[uint64]*lease{}, now
	for _, h := range held {
		p := before[h.Chain]
		if p == nil {
			p = &lease{acks: h.Acks, until: time.UnixMilli(h.AtMs).Add(deadlineMin)}
		}
		l.pulls[h.Chain] = p
		delete(before, h.Chain)
	}
	l.mu.Unlock()
	l.giveBack(ctx, before)
}

// release says that a pull is acknowledged.
func (l *leases) release(chain uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pulls, chain)
}

// giveBack lets messages come again now instead of at their deadline.
func (l *leases) giveBack(ctx context.Context, pulls map[uint64]*lease) {
	for _, p := range pulls {
		if err := l.modify(ctx, p.acks, 0); err != nil {
			log.Warnf(ctx, "giving %d messages back: %v", len(p.acks), err)
		}
	}
}

// close gives back what is held.
func (l *leases) close(ctx context.Context) {
	l.stop()
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	l.giveBack(ctx, l.pulls)
	l.pulls = nil
}
