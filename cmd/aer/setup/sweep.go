package setup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/response"
)

// sweep resumes what is left over while the pipeline runs, until the output is closed.
func (o *Output) sweep(ctx context.Context, e *response.Embedded) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // draining goes on after the first interrupt
	ticker := time.NewTicker(response.SweepEvery)
	var running sync.WaitGroup
	running.Go(func() {
		e.Sweep(ctx, ticker.C, func(completed int, err error) {
			if err != nil {
				slog.Warn("responses are still open", "completed", completed, "error", err)
			}
		})
	})
	o.closers = append(o.closers, func() error {
		ticker.Stop()
		cancel()
		running.Wait()
		return nil
	})
}
