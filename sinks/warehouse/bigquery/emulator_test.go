// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"fmt"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// emulator starts BigQuery's emulator and gives a dataset in it that is not there yet.
func emulator(t *testing.T) Config {
	t.Helper()
	api, storage := outside.BigQuery(t)
	return Config{Project: outside.BigQueryProject, Dataset: "aer", Endpoint: api, StorageEndpoint: storage}
}

// limited is a context that no call may outlast.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	return ctx
}

// opened is a dataset that need not be there.
func opened(t *testing.T, c Config) *Dataset {
	t.Helper()
	d, err := OpenDataset(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// prepared is a dataset that is there.
func prepared(t *testing.T, c Config) *Dataset {
	t.Helper()
	d := opened(t, c)
	plan, err := d.Plan(limited(t))
	must(t, err)
	must(t, d.Apply(limited(t), plan))
	return d
}

// query gives the rows of a query, and its columns.
func query(t *testing.T, d *Dataset, text string, parameters ...bq.QueryParameter) (rows [][]bq.Value, columns bq.Schema) {
	t.Helper()
	q := d.client.Query(text)
	q.Parameters = parameters
	it, err := q.Read(limited(t))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for {
		var row []bq.Value
		err := it.Next(&row)
		if err == iterator.Done { //nolint:errorlint // the package says to compare
			return rows, it.Schema
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		rows = append(rows, row)
	}
}

// TestIntegrationWriter: the contract of every writer, with rows read back through SQL.
func TestIntegrationWriter(t *testing.T) {
	c := emulator(t)
	n := 0
	warehousetest.Run(t, func(t *testing.T) warehousetest.Harness {
		n++
		c := c
		c.Dataset = fmt.Sprint("aer", n)
		d := opened(t, c)
		plan, _, err := d.planTables(limited(t))
		must(t, err)
		must(t, d.Apply(limited(t), plan))
		return warehousetest.Harness{
			Open: func(t *testing.T) warehouse.Writer {
				w, err := Open(t.Context(), c, Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = w.Close() })
				return w
			},
			IDs: func(t *testing.T, table warehouse.Table) (ids []string) {
				spec, err := warehouse.SpecOf(table)
				if err != nil {
					t.Fatal(err)
				}
				key := spec.Key[0] // not all columns: the emulator cannot give back a STRUCT within an ARRAY of STRUCTs
				rows, _ := query(t, d, fmt.Sprintf("SELECT CAST(%s AS STRING) FROM `%s.%s`", key, c.Dataset, table))
				for _, r := range rows {
					ids = append(ids, r[0].(string))
				}
				return ids
			},
		}
	})
}
