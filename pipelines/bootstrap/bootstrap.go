// SPDX-License-Identifier: Apache-2.0

// Package bootstrap reads from the warehouse what earlier runs saw, found and decided, so that a run that begins with
// empty state is not blind: a first start beside a warehouse that has history, another number of shards, another
// engine, or state that this version cannot read.
//
//	activity              what people did, in slices of some seconds  ─▶ profiles
//	findings, decisions   what was found, and what was decided about it ─▶ episodes, cooldowns, common causes, budgets
//
// Both are folds of these rows and of nothing else, so that what comes of them is what the earlier run had in its
// state, as far back as is read. Rows of responses are not needed: a reset counts from its decision on, whether or not
// it could be carried out.
//
// # What cannot be the same
//
//   - What profiles and histories know from before the days that are read: profiles remember habits for half a year and
//     which of the last 64 days somebody was there; a common cause holds for a week, a cooldown as long as was chosen.
//   - What the earlier run had taken in and not written: after a drain (the first interrupt) that is nothing. The
//     windows that were open then were closed early, and what comes later in them is a slice of its own, as of late
//     events: every count is the same, and a finding may be told at another event. Findings that waited for company
//     were decided about without it.
//   - After a crash, events whose slices were written and that were not acknowledged yet come again and count twice; a
//     source that is sought back further than the last slice has the same effect.
//   - Where settings or baselines have changed: what was decided stands and is not decided anew, but what was folded is
//     folded by what is chosen now.
//
// # What it costs
//
// Memory follows the people and not the days: slices are read in the order of time, about 50,000 at once, and become
// part of a profile. Measured on 28 November 2026 with 2.46 million rows of 30 days of 10,600 people (the labelled set
// many times over; DuckDB, two busy cores of an AMD EPYC): 22 µs of processor time a row, 45,000 a second on one core,
// 55 s in all; then 160 MB of heap, and 24 MB on their way into a pipeline. The process had 1.25 GB at its peak with
// GOGC=300, of which DuckDB may take 512 MB. People of that set make 8 to 12 slices a day; with 100, a month of 10,000
// people is 30 million rows and 11 minutes, and takes hardly more memory.
//
// BigQuery bills the columns of the days that are read, once: of activity 700 bytes a row, 1.7 GB for the 2.46 million.
//
// The table of findings is there for this. A finding takes 900 bytes, as an anomaly does: in the labelled set, which
// has an attack for nearly everybody, there are 7 for 100 slices. How many there are where nothing is wrong was not
// measured: of anomalies it is 0.7 in 10,000 days of a person.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/memory"
)

// Config says what is read.
type Config struct {
	// Rows are where earlier runs have written.
	Rows warehouse.Reader
	// History is how far back, from the newest slice.
	History time.Duration
	// Shards is the number of the run that begins.
	Shards int
	// Progress, if set, is told now and then how many slices of how many were read.
	Progress func(read, total int64)
}

// ErrNothing says that the warehouse has no slices: there is nothing to begin from.
var ErrNothing = errors.New("the warehouse has no rows of activity")

// Report is what was read.
type Report struct {
	Slices, Findings, Decisions int64
	Profiles                    int
	// From is what was read from on, Newest the time of the newest slice.
	From, Newest time.Time
}

// progressEvery is how many slices are read between two calls of Progress.
const progressEvery = 50_000

// forever is beyond every row.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Read reads. The newest row, and not the clock, is what History is counted from: a memory is as old as it is.
func Read(ctx context.Context, c Config) (*memory.Memory, Report, error) {
	_, newest, _, err := c.Rows.Span(ctx, warehouse.Activity, time.Unix(0, 0), forever)
	if err == nil && newest.IsZero() {
		err = ErrNothing
	}
	if err != nil {
		return nil, Report{}, err
	}
	r := reader{Config: c, ctx: ctx, memory: memory.New(c.Shards),
		report: Report{From: newest.Add(-c.History), Newest: newest}}
	if err := r.slices(); err != nil {
		return nil, r.report, fmt.Errorf("recording what people did: %w", err)
	}
	if err := r.findings(); err != nil {
		return nil, r.report, fmt.Errorf("recording what was found and decided: %w", err)
	}
	r.report.Profiles = r.memory.Profiles()
	return r.memory, r.report, nil
}

type reader struct {
	Config
	ctx    context.Context // of the one call that reads
	memory *memory.Memory
	report Report
}

func (r *reader) slices() error {
	_, _, total, err := r.Rows.Span(r.ctx, warehouse.Activity, r.report.From, forever)
	if err != nil {
		return err
	}
	return r.each(warehouse.Activity, func(m proto.Message) {
		r.memory.Record(m.(*aerv1.Slice))
		if r.report.Slices++; r.Progress != nil && r.report.Slices%progressEvery == 0 {
			r.Progress(r.report.Slices, total)
		}
	})
}

// findings pairs what was found with what was decided about it.
func (r *reader) findings() error {
	before := map[string]*aerv1.Decision{}
	if err := r.each(warehouse.Decisions, func(m proto.Message) {
		d := m.(*aerv1.Decision)
		before[d.AnomalyId] = d
		r.report.Decisions++
	}); err != nil {
		return err
	}
	return r.each(warehouse.Findings, func(m proto.Message) {
		a := m.(*aerv1.Anomaly)
		r.memory.Findings = append(r.memory.Findings, decision.Decided{Anomaly: a, Before: before[a.Id]})
		r.report.Findings++
	})
}

func (r *reader) each(table warehouse.Table, do func(proto.Message)) error {
	return r.Rows.Read(r.ctx, table, r.report.From, forever, func(m proto.Message) error {
		do(m)
		return r.ctx.Err()
	})
}
