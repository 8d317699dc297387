package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// DuckDBFile is the database in the folder of results.
const DuckDBFile = "warehouse.duckdb"

// Places says where results go.
type Places struct {
	// Dir is the folder of everything.
	Dir string
	// NDJSON and DuckDB are the copies of the warehouse that are written.
	NDJSON, DuckDB bool
	// Enforce opens what responses need. Sender is the address that mail comes from.
	Enforce bool
	Sender  string
	// Messages says how people are told; nil means by the outbox. Audit says where audit entries go besides the store.
	Messages *channels.Config
	Audit    audit.Config
	// Sessions says where sessions are ended; the zero value means in the store's own table.
	Sessions adapters.Config
}

// Output is where the results of a run go. Close it when the run has ended.
type Output struct {
	sinks.Output
	// Store holds sessions, settings, people, ledger and audit log; nil without Enforce.
	Store kv.Store
	// Resume carries on with responses that an earlier run began, and says how many it completed; nil without Enforce.
	Resume  func(context.Context) (int, error)
	closers []func() error
	audit   *audit.Audit
}

// OpenOutput opens the embedded sinks, seeding the store with what j knows of settings and people.
func OpenOutput(ctx context.Context, p Places, j *Judge) (o *Output, err error) {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of results: %w", err)
	}
	o = &Output{}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	if o.audit, err = audit.Open(ctx, p.Audit, p.Dir); err != nil {
		return o, err
	}
	o.closers = append(o.closers, o.audit.Close)
	if o.Warehouse, err = o.openWarehouse(ctx, p); err != nil {
		return o, err
	}
	if p.Enforce {
		if o.Responder, err = o.openResponder(ctx, p, j); err != nil {
			return o, err
		}
	}
	if j.store != nil {
		err = o.tellChanges(ctx, p, j.store)
	}
	return o, err
}

func (o *Output) openWarehouse(ctx context.Context, p Places) (warehouse.Writer, error) {
	var writers warehouse.Tee
	if p.NDJSON {
		w, err := warehouse.OpenNDJSON(p.Dir)
		if err != nil {
			return nil, err
		}
		o.closers = append(o.closers, w.Close)
		writers = append(writers, withoutActivity{w})
	}
	if p.DuckDB {
		w, err := duckdb.Open(ctx, filepath.Join(p.Dir, DuckDBFile), duckdb.Options{})
		if err != nil {
			return nil, err
		}
		o.closers = append(o.closers, w.Close)
		writers = append(writers, w)
		if err := o.bringFeedback(ctx, p.Dir, w); err != nil {
			return nil, err
		}
	}
	if p.Enforce && o.audit.Findings() != nil {
		writers = append(writers, o.audit.Findings())
	}
	return writers, nil
}

func (o *Output) openResponder(ctx context.Context, p Places, j *Judge) (sinks.Responder, error) {
	secrets := &secret.Loader{}
	o.closers = append(o.closers, secrets.Close)
	opt := response.EmbeddedOptions{
		Sender: p.Sender, Defaults: settings.Default, Messages: p.Messages, Secrets: secrets, Audit: o.audit,
		Warehouse: o.Warehouse,
	}
	if p.Sessions.Kind != "" {
		opt.Sessions = o.openSessions(ctx, p.Sessions, secrets, j)
	}
	if j.live {
		opt.Settings, opt.Directory = j.chosen.Settings(), j.chosen.Directory()
	}
	e, err := response.OpenEmbedded(ctx, p.Dir, opt)
	if err != nil {
		return nil, err
	}
	o.closers = append(o.closers, e.Close)
	o.Store = e.Store
	o.Resume = e.Resume
	o.sweep(ctx, e)
	if j.live {
		return e, nil
	}
	if _, err := stored.Import(ctx, e.Store, j.Chosen, j.Directories); err != nil {
		return nil, err
	}
	return e, nil
}

// openSessions opens the adapter once the store is there.
func (o *Output) openSessions(ctx context.Context, c adapters.Config, secrets *secret.Loader, j *Judge) func(kv.Store) (sessions.Sessions, error) {
	return func(s kv.Store) (sessions.Sessions, error) {
		opt := adapters.Options{Store: s, Secrets: secrets, Now: time.Now}
		if j.live {
			opt.Directory = j.chosen.Directory()
		}
		a, err := adapters.Open(ctx, c, opt)
		if err != nil {
			return nil, err
		}
		o.closers = append(o.closers, a.Close)
		return a, nil
	}
}

// Close closes everything that was opened, the last first.
func (o *Output) Close() error {
	var errs []error
	for i := len(o.closers) - 1; i >= 0; i-- {
		errs = append(errs, o.closers[i]())
	}
	o.closers = nil
	return errors.Join(errs...)
}

// withoutActivity leaves slices to the database: as text they would be larger than the events they summarise.
type withoutActivity struct{ warehouse.Writer }

// Append implements warehouse.Writer.
func (w withoutActivity) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	if table == warehouse.Activity {
		return nil
	}
	return w.Writer.Append(ctx, table, rows...)
}
