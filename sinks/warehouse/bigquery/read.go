// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
)

var _ warehouse.Reader = (*Dataset)(nil)

// readMax is how long one query of Read may take, with all of its rows: it is about one day.
const readMax = time.Hour

// Span implements warehouse.Reader. It bills the column of the time only.
func (d *Dataset) Span(ctx context.Context, table warehouse.Table,
	from, until time.Time) (first, last time.Time, n int64, err error) {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return first, last, 0, err
	}
	q := d.between(fmt.Sprintf("MIN(`%s`), MAX(`%s`), COUNT(*)", spec.Time, spec.Time), spec, from, until, "")
	err = each(ctx, q, func(row []bq.Value) error {
		n, _ = row[2].(int64)
		first, _ = row[0].(time.Time) // NULL where there is none
		last, _ = row[1].(time.Time)
		return nil
	})
	if err != nil {
		return first, last, 0, fmt.Errorf("reading the span of %s.%s: %w", d.config, table, err)
	}
	return first.UTC(), last.UTC(), n, nil
}

// Read implements warehouse.Reader, a day at a time: a partition, so that nothing is billed twice.
func (d *Dataset) Read(ctx context.Context, table warehouse.Table, from, until time.Time,
	do func(proto.Message) error) error {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return err
	}
	reads, err := warehouse.NewReads(spec)
	if err != nil {
		return err
	}
	first, last, n, err := d.Span(ctx, table, from, until)
	if err != nil || n == 0 {
		return err
	}
	const day = 24 * time.Hour
	for at := first; !at.After(last); at = at.Truncate(day).Add(day) {
		end := at.Truncate(day).Add(day)
		if end.After(until) {
			end = until
		}
		if err := d.readDay(ctx, reads, spec, at, end, do); err != nil {
			return fmt.Errorf("reading %s.%s: %w", d.config, table, err)
		}
	}
	return nil
}

// readDay gives the rows of [from, until), by time and key: those of one key are beside each other, and the first is
// taken.
func (d *Dataset) readDay(ctx context.Context, reads warehouse.Reads, spec warehouse.Spec, from, until time.Time,
	do func(proto.Message) error) error {
	columns := slices.Concat([]string{spec.Time}, spec.Key, reads.Columns())
	keys, before := 1+len(spec.Key), []any(nil)
	var order []string // by number: the columns of the key may be there twice
	for i := range keys {
		order = append(order, fmt.Sprint(i+1))
	}
	if i := slices.Index(columns, spec.Latest); i >= 0 {
		order = append(order, fmt.Sprint(i+1, " DESC"))
	}
	q := d.between("`"+strings.Join(columns, "`, `")+"`", spec, from, until, "ORDER BY "+strings.Join(order, ", "))
	return each(ctx, q, func(values []bq.Value) error {
		row := plain(values)
		if slices.Equal(before, row[:keys]) {
			return nil
		}
		before = row[:keys]
		m, err := reads.Message(row[keys:])
		if err != nil {
			return err
		}
		return do(m)
	})
}

func (d *Dataset) between(columns string, spec warehouse.Spec, from, until time.Time, order string) *bq.Query {
	q := d.client.Query(fmt.Sprintf("SELECT %s FROM `%s.%s` WHERE `%s` >= @from AND `%s` < @until %s", columns, d.config,
		spec.Name, spec.Time, spec.Time, order))
	q.Parameters = []bq.QueryParameter{{Name: "from", Value: from}, {Name: "until", Value: until}}
	return q
}

// each hands out the rows of a query.
func each(ctx context.Context, q *bq.Query, do func([]bq.Value) error) error {
	ctx, stop := context.WithTimeout(ctx, readMax)
	defer stop()
	it, err := q.Read(ctx)
	for err == nil {
		var row []bq.Value
		if err = it.Next(&row); err == nil {
			err = do(row)
		}
	}
	if errors.Is(err, iterator.Done) {
		return nil
	}
	return err
}

// plain makes of the client's lists those that everybody has.
func plain(values []bq.Value) []any {
	out := make([]any, len(values))
	for i, v := range values {
		if list, ok := v.([]bq.Value); ok {
			v = plain(list)
		}
		out[i] = v
	}
	return out
}
