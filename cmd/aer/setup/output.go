// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/bigquery"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

// DuckDBFile is the database in the folder of results.
const DuckDBFile = "warehouse.duckdb"

func (p *Parts) openAudit(ctx context.Context) (err error) {
	if err := os.MkdirAll(p.c.Out, 0o755); err != nil {
		return fmt.Errorf("making the folder of results: %w", err)
	}
	if p.audit, err = audit.Open(ctx, p.c.Audit, p.c.Out); err != nil {
		return err
	}
	p.closing(p.audit.Close)
	return nil
}

func (p *Parts) openWarehouse(ctx context.Context) error {
	var writers warehouse.Tee
	if p.c.Warehouse.NDJSON {
		w, err := warehouse.OpenNDJSON(p.c.Out)
		if err != nil {
			return err
		}
		p.closing(w.Close)
		writers = append(writers, withoutMemory{w})
	}
	db, err := p.openDatabase(ctx)
	if err != nil {
		return err
	}
	if db != nil {
		p.closing(db.Close)
		writers = append(writers, db)
		p.bringFeedback(ctx)
	}
	if p.c.Mode == aerv1.ModeEnforce && p.audit.Findings() != nil {
		writers = append(writers, p.audit.Findings())
	}
	p.Output.Warehouse = writers
	return nil
}

// openDatabase opens the warehouse's database, and finds out which feedback it has; nil if there is none.
func (p *Parts) openDatabase(ctx context.Context) (warehouse.Writer, error) {
	switch p.c.Warehouse.Kind {
	case config.WarehouseDuckDB:
		db, err := duckdb.Open(ctx, filepath.Join(p.c.Out, DuckDBFile), duckdb.Options{})
		if err != nil {
			return nil, err
		}
		if p.feedback, err = feedback.RowsOf(ctx, p.c.Out, db); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		p.rows = db
		return db, nil
	case config.WarehouseBigQuery:
		return p.openBigQuery(ctx)
	}
	return nil, nil
}

// bigQueryMax is how long BigQuery may take to answer at the start: its client repeats what fails until then.
const bigQueryMax = 2 * time.Minute

// openBigQuery makes sure that the tables are there before the first row is written.
func (p *Parts) openBigQuery(ctx context.Context) (warehouse.Writer, error) {
	limited, stop := context.WithTimeout(ctx, bigQueryMax)
	defer stop()
	d, err := bigquery.OpenDataset(limited, p.c.Warehouse.BigQuery)
	if err != nil {
		return nil, err
	}
	p.closing(d.Close)
	p.rows = d
	if err := d.Check(limited); err != nil {
		return nil, err
	}
	known, err := d.IDs(limited, warehouse.Feedback)
	if err != nil {
		return nil, err
	}
	w, err := bigquery.Open(ctx, p.c.Warehouse.BigQuery, bigquery.Options{})
	if err != nil {
		return nil, err
	}
	p.feedback = feedback.NewRows(p.c.Out, w, known)
	return w, nil
}

// withoutMemory leaves to the database what runs remember: slices, which as text would be larger than the events they
// summarise, and findings, of which people read those that became anomalies.
type withoutMemory struct{ warehouse.Writer }

// Append implements warehouse.Writer.
func (w withoutMemory) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	if table == warehouse.Activity || table == warehouse.Findings {
		return nil
	}
	return w.Writer.Append(ctx, table, rows...)
}

// delivery brings the audit entries of changed settings, which their store writes itself, to one sink.
type delivery struct {
	from trail.Reader
	to   audit.Sink
}

// openChanges finds where each sink was left by an earlier run with the same sink and folder: a store may serve several
// runs, and while one sink is down the others get nothing twice.
func (p *Parts) openChanges(context.Context) error {
	dir, err := filepath.Abs(p.c.Out)
	if err != nil {
		return fmt.Errorf("telling of changed settings: %w", err)
	}
	tell := func(sink string, to audit.Sink) {
		p.changes = append(p.changes, delivery{trail.NewReader(p.store, aerv1.NewID("audit_reader", dir, sink)), to})
	}
	tell("warehouse", audit.Warehouse{Writer: p.Output.Warehouse})
	for i, c := range p.c.Audit.Sinks {
		name, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("telling of changed settings: %w", err)
		}
		tell(string(name), p.audit.Tee[i])
	}
	return nil
}
