// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// Dataset is what tables and views live in. Every call needs a context with a deadline: the client repeats what a
// server fails at until then.
type Dataset struct {
	config Config
	client *bq.Client
	live   *bq.Dataset
}

// OpenDataset makes a client with the credentials of the environment. Close it.
func OpenDataset(ctx context.Context, c Config) (*Dataset, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("opening the warehouse: %w", err)
	}
	client, err := c.rest(ctx)
	if err != nil {
		return nil, err
	}
	return &Dataset{c, client, client.Dataset(c.Dataset)}, nil
}

// Close releases the client.
func (d *Dataset) Close() error { return d.client.Close() }

// Change is one difference between a dataset and what this version writes to.
type Change struct {
	Kind ChangeKind `json:"change"`
	// Name is the dataset, a table, a view, or a column as table.column.
	Name string `json:"name"`
	// Note says more of a column that cannot be changed.
	Note string `json:"note,omitempty"`

	do func(context.Context) error
}

// ChangeKind is what has to be done.
type ChangeKind string

// What may have to be done. Refused is what nobody does: it would lose what is there.
const (
	CreateDataset ChangeKind = "create dataset"
	CreateTable   ChangeKind = "create table"
	AddColumn     ChangeKind = "add column"
	CreateView    ChangeKind = "create view"
	ReplaceView   ChangeKind = "replace view"
	Refused       ChangeKind = "refused"
)

// Plan compares the dataset with what this version writes to, and gives what has to be done, in order.
func (d *Dataset) Plan(ctx context.Context) ([]Change, error) {
	plan, missing, err := d.planTables(ctx)
	if err != nil {
		return nil, err
	}
	views, err := sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: d.config.String()}.Views()
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		more, err := d.planView(ctx, v, missing)
		if err != nil {
			return nil, fmt.Errorf("looking at view %s.%s: %w", d.config, v.Name, err)
		}
		plan = append(plan, more...)
	}
	return plan, nil
}

// planTables says also whether the dataset is missing.
func (d *Dataset) planTables(ctx context.Context) (plan []Change, missing bool, err error) {
	_, err = d.live.Metadata(ctx)
	missing = isNotFound(err)
	if err != nil && !missing {
		return nil, false, fmt.Errorf("looking at dataset %s: %w", d.config, err)
	}
	if missing {
		plan = append(plan, Change{Kind: CreateDataset, Name: d.config.String(), do: d.create})
	}
	for _, s := range warehouse.Specs() {
		more, err := d.planTable(ctx, s, missing)
		if err != nil {
			return nil, false, fmt.Errorf("looking at table %s.%s: %w", d.config, s.Name, err)
		}
		plan = append(plan, more...)
	}
	return plan, missing, nil
}

// Check says whether rows of this version can be written: ErrNotReady, with what is missing, if not. It does not look
// at views, which another version may have made.
func (d *Dataset) Check(ctx context.Context) error {
	plan, missing, err := d.planTables(ctx)
	if err != nil {
		return err
	}
	verb := "migrate"
	if missing {
		plan, verb = plan[:1], "init"
	}
	var errs []error
	for _, c := range plan {
		errs = append(errs, c)
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: run aer warehouse %s\n%w", ErrNotReady, verb, errors.Join(errs...))
}

// Error says what has to be done: a change that was not made is what is wrong.
func (c Change) Error() string {
	if c.Note == "" {
		return fmt.Sprintf("%s %s", c.Kind, c.Name)
	}
	return fmt.Sprintf("%s %s: %s", c.Kind, c.Name, c.Note)
}

func (d *Dataset) create(ctx context.Context) error {
	return d.live.Create(ctx, &bq.DatasetMetadata{Location: d.config.Location,
		Description: "What AER saw, found, decided and did."})
}

// planTable compares a table.
func (d *Dataset) planTable(ctx context.Context, s warehouse.Spec, absent bool) ([]Change, error) {
	want, err := wanted(s)
	if err != nil {
		return nil, err
	}
	table := d.live.Table(string(s.Name))
	creation := []Change{{Kind: CreateTable, Name: string(s.Name), do: func(ctx context.Context) error {
		return table.Create(ctx, &bq.TableMetadata{Description: s.Doc, Schema: want,
			TimePartitioning: &bq.TimePartitioning{Type: bq.DayPartitioningType, Field: s.Time},
			Clustering:       &bq.Clustering{Fields: s.Cluster}})
	}}}
	if absent {
		return creation, nil
	}
	live, err := table.Metadata(ctx)
	if isNotFound(err) {
		return creation, nil
	}
	if err != nil {
		return nil, err
	}
	return tableChanges(table, s, live, want), nil
}

// moveAway is what to do about a table that cannot be changed into what is wanted.
const moveAway = "move the table away (bq cp, then bq rm) and run aer warehouse migrate again, or name another dataset"

// tableChanges lists what a live table lacks. All of its columns are added at once.
func tableChanges(table *bq.Table, s warehouse.Spec, live *bq.TableMetadata, want bq.Schema) (out []Change) {
	if p := live.TimePartitioning; p == nil || p.Field != s.Time || p.Type != "" && p.Type != bq.DayPartitioningType {
		out = append(out, Change{Kind: Refused, Name: string(s.Name),
			Note: fmt.Sprintf("it is not partitioned by the day of %s: %s", s.Time, moveAway)})
	}
	var diff difference
	merged := merge(live.Schema, want, "", &diff)
	for _, r := range diff.Refused {
		out = append(out, Change{Kind: Refused, Name: string(s.Name) + "." + r.Column,
			Note: fmt.Sprintf("it is %s, and this version writes %s: %s", r.Live, r.Wanted, moveAway)})
	}
	update := func(ctx context.Context) error {
		_, err := table.Update(ctx, bq.TableMetadataToUpdate{Schema: merged}, live.ETag)
		return err
	}
	for i, name := range diff.Missing {
		c := Change{Kind: AddColumn, Name: string(s.Name) + "." + name}
		if i == 0 {
			c.do = update
		}
		out = append(out, c)
	}
	return out
}

// planView compares a view.
func (d *Dataset) planView(ctx context.Context, v sqlgen.View, absent bool) ([]Change, error) {
	table := d.live.Table(v.Name)
	creation := []Change{{Kind: CreateView, Name: v.Name, do: func(ctx context.Context) error {
		return table.Create(ctx, &bq.TableMetadata{Description: v.Doc, ViewQuery: v.Query})
	}}}
	if absent {
		return creation, nil
	}
	live, err := table.Metadata(ctx)
	switch {
	case isNotFound(err):
		return creation, nil
	case err != nil:
		return nil, err
	case live.ViewQuery == v.Query:
		return nil, nil
	}
	return []Change{{Kind: ReplaceView, Name: v.Name, do: func(ctx context.Context) error {
		_, err := table.Update(ctx, bq.TableMetadataToUpdate{ViewQuery: v.Query, Description: v.Doc}, live.ETag)
		return err
	}}}, nil
}

// IDs gives the ids of a table's rows.
func (d *Dataset) IDs(ctx context.Context, table warehouse.Table) (ids []string, err error) {
	it, err := d.client.Query(fmt.Sprintf("SELECT DISTINCT id FROM `%s.%s`", d.config, table)).Read(ctx)
	for err == nil {
		var row []bq.Value
		if err = it.Next(&row); err == nil {
			id, _ := row[0].(string) // NULL is nobody's
			ids = append(ids, id)
		}
	}
	if !errors.Is(err, iterator.Done) {
		return nil, fmt.Errorf("reading the ids of %s.%s: %w", d.config, table, err)
	}
	return ids, nil
}

// Apply does what a plan says. A plan in which something is refused is not begun.
func (d *Dataset) Apply(ctx context.Context, plan []Change) error {
	var refused []error
	for _, c := range plan {
		if c.Kind == Refused {
			refused = append(refused, c)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("changing dataset %s: %w", d.config, errors.Join(refused...))
	}
	for _, c := range plan {
		if c.do == nil {
			continue
		}
		if err := c.do(ctx); err != nil {
			return fmt.Errorf("changing dataset %s: %s %s: %w", d.config, c.Kind, c.Name, err)
		}
	}
	return nil
}

func isNotFound(err error) bool {
	var e *googleapi.Error
	return errors.As(err, &e) && e.Code == http.StatusNotFound
}
