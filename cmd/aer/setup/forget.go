package setup

import (
	"context"
	"log/slog"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retention"
)

// forget lets stores forget what is old enough while the pipeline runs. A store may be nil.
func (o *Output) forget(ctx context.Context, c retention.Config, stores ...kv.Store) {
	o.background(ctx, retention.Every, func(ctx context.Context) {
		for _, s := range stores {
			if s == nil {
				continue
			}
			if _, err := retention.Forget(ctx, s, c, time.Now()); err != nil && ctx.Err() == nil {
				slog.Warn("what is old is not forgotten yet", "error", err)
			}
		}
	})
}
