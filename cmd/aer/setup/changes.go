package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	follower "github.com/aer-project/aer/sinks/settings/follow"
)

// tellChanges sends the audit entries of changed settings, which the store of settings writes itself, to the warehouse and to
// the audit sinks: those that are new since an earlier run with the same sink and folder, and those that come.
func (o *Output) tellChanges(ctx context.Context, p Places, chosen kv.Store) error {
	dir, err := filepath.Abs(p.Dir)
	if err != nil {
		return fmt.Errorf("telling of changed settings: %w", err)
	}
	type delivery struct {
		from trail.Reader
		to   audit.Sink
	}
	all := []delivery{{trail.NewReader(chosen, reader(dir, "warehouse")), audit.Warehouse{Writer: o.Warehouse}}}
	for i, c := range p.Audit.Sinks { // each by itself: while one is down the others get nothing twice
		name, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("telling of changed settings: %w", err)
		}
		all = append(all, delivery{trail.NewReader(chosen, reader(dir, string(name))), o.audit.Tee[i]})
	}
	o.background(ctx, follower.DefaultEvery, func(ctx context.Context) {
		for _, d := range all {
			n, err := audit.Deliver(ctx, d.from, aerv1.ActionSettingsChanged, d.to)
			if err != nil && ctx.Err() == nil {
				slog.Warn("changes of settings are not in the audit log of all sinks yet", "error", err)
			}
			if n > 0 {
				slog.Debug("changes of settings were sent to an audit sink", "entries", n)
			}
		}
	})
	return nil
}

// reader names the reader of a sink of a folder: a store may serve several runs.
func reader(dir, sink string) string { return aerv1.NewID("audit_reader", dir, sink) }
