package setup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

// feedbackEvery is how often new feedback is looked for. Baselines are built once a day.
const feedbackEvery = 30 * time.Second

// bringFeedback brings the feedback in dir into the database: what is there now, what comes while the pipeline runs, and when
// it ends what is new since. Feedback that cannot be read or written is said and holds up nothing.
func (o *Output) bringFeedback(ctx context.Context, dir string, db feedback.Database) error {
	rows, err := feedback.RowsOf(ctx, dir, db)
	if err != nil {
		return err
	}
	bring := func(ctx context.Context) {
		n, bad, err := rows.Bring(ctx)
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
	bring(ctx)
	o.background(ctx, feedbackEvery, bring)
	return nil
}

// background calls do at intervals until the output is closed, and then once more.
func (o *Output) background(ctx context.Context, every time.Duration, do func(context.Context)) {
	last := context.WithoutCancel(ctx)
	ctx, cancel := context.WithCancel(last) // draining goes on after the first interrupt
	ticker := time.NewTicker(every)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				do(ctx)
			}
		}
	})
	o.closers = append(o.closers, func() error {
		ticker.Stop()
		cancel()
		running.Wait()
		do(last)
		return nil
	})
}
