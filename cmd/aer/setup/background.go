// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retention"
	"github.com/aer-project/aer/sinks/settings/follow"
	"github.com/aer-project/aer/transforms/baseline"
)

// feedbackEvery is how often new feedback is looked for. Baselines are built once a day.
const feedbackEvery = 30 * time.Second

// task is work that goes on beside the pipeline.
type task struct {
	needed bool
	every  time.Duration
	// run goes on until its context ends or the ticks do.
	run func(ctx context.Context, ticks <-chan time.Time)
	// last is done once more after that; it may be nil.
	last func(context.Context)
}

// background is all of it.
func (p *Parts) background() []task {
	return []task{
		{p.copies != nil, copiesEvery, each(p.updateFiles), nil},
		{true, follow.DefaultEvery, func(ctx context.Context, _ <-chan time.Time) { p.chosen.Run(ctx, follow.DefaultEvery) },
			nil},
		{true, follow.DefaultEvery, func(ctx context.Context, _ <-chan time.Time) { p.files.Run(ctx, follow.DefaultEvery) },
			nil},
		{p.baseline != nil, baseline.DefaultRefresh, p.followBaselines, nil},
		{true, follow.DefaultEvery, each(p.tellChanges), p.tellChanges},
		{p.feedback != nil, feedbackEvery, each(p.bringFeedback), p.bringFeedback},
		{p.response != nil, response.SweepEvery, p.sweep, nil},
		{true, retention.Every, each(p.forget), p.forget},
		{p.messages != nil, channels.FlushEvery,
			func(ctx context.Context, t <-chan time.Time) { p.messages.Run(ctx, t) }, nil},
	}
}

// startBackground does it until the parts are closed. A pipeline that drains after an interrupt still needs it.
func (p *Parts) startBackground(ctx context.Context) error {
	last := context.WithoutCancel(ctx)
	running, stop := context.WithCancel(last)
	tasks := p.background()
	var wg sync.WaitGroup
	for _, t := range tasks {
		if !t.needed {
			continue
		}
		wg.Go(func() {
			ticker := time.NewTicker(t.every)
			defer ticker.Stop()
			t.run(running, ticker.C)
		})
	}
	p.closing(func() error {
		stop()
		wg.Wait()
		for _, t := range tasks {
			if t.needed && t.last != nil {
				t.last(last)
			}
		}
		return nil
	})
	return nil
}

// each does something at each tick.
func each(do func(context.Context)) func(context.Context, <-chan time.Time) {
	return func(ctx context.Context, ticks <-chan time.Time) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
				do(ctx)
			}
		}
	}
}

func (p *Parts) followBaselines(ctx context.Context, ticks <-chan time.Time) {
	p.baseline.Follow(ctx, ticks, func(changed bool, err error) {
		switch {
		case err != nil:
			slog.Warn("keeping the last good baselines", "error", err)
		case changed:
			slog.Info("baselines were read again, because the file has changed")
		default:
			slog.Info("the file of baselines can be read again")
		}
	})
}

// tellChanges sends those changes of settings on that are new: since an earlier run, and those that come.
func (p *Parts) tellChanges(ctx context.Context) {
	for _, d := range p.changes {
		n, err := audit.Deliver(ctx, d.from, aerv1.ActionSettingsChanged, d.to)
		if err != nil && ctx.Err() == nil {
			slog.Warn("changes of settings are not in the audit log of all sinks yet", "error", err)
		}
		if n > 0 {
			slog.Debug("changes of settings were sent to an audit sink", "entries", n)
		}
	}
}

// bringFeedback brings new feedback in the folder into the database. What cannot be read or written is said and holds
// up nothing.
func (p *Parts) bringFeedback(ctx context.Context) {
	n, bad, err := p.feedback.Bring(ctx)
	for _, b := range bad {
		slog.Warn("feedback cannot be read", "error", b)
	}
	if err != nil {
		slog.Warn("feedback is not in the warehouse yet", "error", err)
	}
	if n > 0 {
		slog.Info("feedback was brought into the warehouse", "rows", n)
	}
}

// forget lets the stores forget what is old enough.
func (p *Parts) forget(ctx context.Context) {
	stores := []kv.Store{p.store}
	if p.Ledger != nil && p.Ledger != p.store {
		stores = append(stores, p.Ledger)
	}
	for _, s := range stores {
		if _, err := retention.Forget(ctx, s, p.c.Retention, time.Now()); err != nil && ctx.Err() == nil {
			slog.Warn("what is old is not forgotten yet", "error", err)
		}
	}
}

// sweep resumes what is left over.
func (p *Parts) sweep(ctx context.Context, ticks <-chan time.Time) {
	p.response.Sweep(ctx, ticks, func(completed int, err error) {
		if err != nil {
			slog.Warn("responses are still open", "completed", completed, "error", err)
		}
	})
}
