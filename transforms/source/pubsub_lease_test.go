// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// deadlines notes what deadlines messages are given.
type deadlines struct {
	set []string
	err error
}

func (d *deadlines) modify(_ context.Context, ids []string, deadline time.Duration) error {
	for _, id := range ids {
		d.set = append(d.set, fmt.Sprint(id, " ", deadline))
	}
	slices.Sort(d.set)
	return d.err
}

// want checks what was set since it was asked last.
func (d *deadlines) want(t *testing.T, when string, want ...string) {
	t.Helper()
	if !slices.Equal(d.set, want) {
		t.Errorf("%s: set %q, want %q", when, d.set, want)
	}
	d.set = nil
}

func heldPull(chain uint64, at time.Time, acks ...string) *aerv1.HeldPull {
	return &aerv1.HeldPull{Chain: chain, AtMs: at.UnixMilli(), Acks: acks}
}

// A lease is extended before its end, not earlier, and not for ever; what is held no more is given back unless it was
// acknowledged.
func TestLeases(t *testing.T) {
	d := &deadlines{}
	l := &leases{modify: d.modify, stop: func() {}, ended: make(chan struct{}), pulls: map[uint64]*lease{}}
	close(l.ended)
	hold := func(after time.Duration, pulls ...*aerv1.HeldPull) { l.hold(t.Context(), pulls, t0.Add(after)) }
	look := func(after time.Duration) { l.extend(t.Context(), t0.Add(after)) }
	a, b := heldPull(1, t0, "a1", "a2"), heldPull(2, t0.Add(3*time.Second), "b")
	hold(0, a)
	look(4 * time.Second)
	d.want(t, "not yet")
	hold(4*time.Second, a, b)
	look(5 * time.Second)
	d.want(t, "before its end", "a1 1m0s", "a2 1m0s")
	d.err = errors.New("unavailable")
	look(8 * time.Second)
	d.err = nil
	look(10 * time.Second)
	d.want(t, "again what failed", "b 1m0s", "b 1m0s")
	look(30 * time.Second)
	d.want(t, "held for a minute")
	look(60 * time.Second)
	d.want(t, "and again", "a1 1m0s", "a2 1m0s")
	l.release(1)
	hold(time.Minute, b)
	d.want(t, "acknowledged")
	c := heldPull(3, t0, "c")
	hold(time.Minute, c)
	d.want(t, "the runner went back and on another way", "b 0s")
	look(2*time.Minute + leaseMax)
	d.want(t, "no bundle has come for too long")
	l.close(t.Context())
	d.want(t, "the end", "c 0s")
}
