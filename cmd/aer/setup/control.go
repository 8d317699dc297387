// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"log/slog"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/sinks/kv"
)

// Control is what a run and its workers in other processes tell each other, through the store that they share: whoever
// started the run that it is to drain, and a worker that all is done.
type Control struct {
	store kv.Store
	runID string
}

// OpenControl opens the control of a run. Close the store that is returned with it.
func OpenControl(c config.Config, runID string) (Control, kv.Store, error) {
	store, err := OpenStore(storeName(c.Store, c.Out), false)
	return Control{store, runID}, store, err
}

// controlBucket holds what is said of runs, and is emptied by Forget.
const controlBucket = "runs"

// What is said.
const (
	toldDrain = "drain"
	toldOver  = "over"
)

// controlLook is how often it is looked what was said.
const controlLook = 2 * time.Second

func (k Control) say(ctx context.Context, what string) error {
	return k.store.Update(ctx, func(t kv.Tx) error { return t.Put(controlBucket, kv.Key(k.runID, what), []byte{1}) })
}

func (k Control) said(ctx context.Context, what string) (bool, error) {
	return kv.Read(ctx, k.store, func(t kv.Tx) (bool, error) {
		return t.Get(controlBucket, kv.Key(k.runID, what)) != nil, nil
	})
}

// Drain tells the workers to drain.
func (k Control) Drain(ctx context.Context) error { return k.say(ctx, toldDrain) }

func (k Control) over(ctx context.Context) error { return k.say(ctx, toldOver) }

// WaitOver waits until a worker has said that all is done, or ctx ends.
func (k Control) WaitOver(ctx context.Context) error { return k.wait(ctx, toldOver) }

func (k Control) wait(ctx context.Context, what string) error {
	tick := time.NewTicker(controlLook)
	defer tick.Stop()
	for {
		said, err := k.said(ctx, what)
		if said {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			slog.Warn("it is not known yet what the run is told", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Forget removes what was said.
func (k Control) Forget(ctx context.Context) error {
	return k.store.Update(ctx, func(t kv.Tx) error {
		for _, what := range []string{toldDrain, toldOver} {
			if err := t.Delete(controlBucket, kv.Key(k.runID, what)); err != nil {
				return err
			}
		}
		return nil
	})
}

// draining ends when the run is told to drain. It looks until the parts are closed.
func (k Control) draining(ctx context.Context, p *Parts) context.Context {
	draining, drain := context.WithCancel(context.WithoutCancel(ctx))
	looking, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if k.wait(looking, toldDrain) == nil {
			drain()
		}
	}()
	p.closing(func() error {
		stop()
		<-ended
		drain()
		return nil
	})
	return draining
}
