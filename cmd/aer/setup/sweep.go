package setup

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/warehouse"
)

// deadLetter keeps what is needed to do by hand what failed for good. The responder itself logs it as an error.
func (o *Output) deadLetter(ctx context.Context, d *aerv1.DeadLetter) error {
	return o.Warehouse.Append(ctx, warehouse.DeadLetters, d)
}

// resume carries on with what is left over and keeps the rows of what got done.
func (o *Output) resume(ctx context.Context, e *response.Embedded) (int, error) {
	done, err := e.Resume(ctx)
	return len(done), errors.Join(err, o.keep(ctx, done))
}

func (o *Output) keep(ctx context.Context, done []*response.Result) error {
	var errs []error
	for _, res := range done {
		errs = append(errs, o.Warehouse.Append(ctx, warehouse.Responses, res.Response))
		if res.Audit != nil {
			errs = append(errs, o.Warehouse.Append(ctx, warehouse.AuditLog, res.Audit))
		}
		var told []proto.Message
		for _, n := range res.Notifications {
			told = append(told, n)
		}
		if len(told) > 0 {
			errs = append(errs, o.Warehouse.Append(ctx, warehouse.Notifications, told...))
		}
	}
	return errors.Join(errs...)
}

// sweep resumes what is left over while the pipeline runs, until the output is closed.
func (o *Output) sweep(ctx context.Context, e *response.Embedded) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // draining goes on after the first interrupt
	ticker := time.NewTicker(response.SweepEvery)
	var running sync.WaitGroup
	running.Go(func() {
		e.Sweep(ctx, ticker.C, func(done []*response.Result, err error) {
			if err = errors.Join(err, o.keep(ctx, done)); err != nil {
				slog.Warn("responses are still open", "completed", len(done), "error", err)
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
