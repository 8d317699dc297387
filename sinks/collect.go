// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Collector is a warehouse.Writer for replays: it keeps anomalies, decisions and dead letters, each id once, and
// gives them in order when the run has ended. What they are few of fits into memory; slices and findings are left out.
type Collector struct {
	mu        sync.Mutex
	anomalies map[string]*aerv1.Anomaly
	decisions map[string]*aerv1.Decision
	dead      map[string]*aerv1.DeadLetter
}

// NewCollector starts with nothing.
func NewCollector() *Collector {
	return &Collector{
		anomalies: map[string]*aerv1.Anomaly{}, decisions: map[string]*aerv1.Decision{}, dead: map[string]*aerv1.DeadLetter{},
	}
}

// Append implements warehouse.Writer. Tables of which nothing is kept are taken and dropped.
func (c *Collector) Append(_ context.Context, table warehouse.Table, rows ...proto.Message) error {
	if table == warehouse.Findings {
		return nil // of which anomalies are those that are told
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rows {
		switch m := r.(type) {
		case *aerv1.Anomaly:
			c.anomalies[m.Id] = m
		case *aerv1.Decision:
			c.decisions[m.Id] = m
		case *aerv1.DeadLetter:
			c.dead[m.Id] = m
		}
	}
	return nil
}

// Close implements warehouse.Writer.
func (c *Collector) Close() error { return nil }

// Anomalies are those collected, by (known_at, id).
func (c *Collector) Anomalies() []*aerv1.Anomaly {
	return collected(c, c.anomalies, func(a *aerv1.Anomaly) (time.Time, string) { return a.KnownAt.AsTime(), a.Id })
}

// Decisions are those collected, by (time, id of the anomaly).
func (c *Collector) Decisions() []*aerv1.Decision {
	return collected(c, c.decisions, func(d *aerv1.Decision) (time.Time, string) { return d.Time.AsTime(), d.AnomalyId })
}

// DeadLetters are those collected, by (source, offset, id).
func (c *Collector) DeadLetters() []*aerv1.DeadLetter {
	return collected(c, c.dead, func(d *aerv1.DeadLetter) (time.Time, string) {
		return time.Time{}, d.Source + "\x00" + d.Offset + "\x00" + d.Id
	})
}

func collected[M any](c *Collector, byID map[string]M, key func(M) (time.Time, string)) []M {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]M, 0, len(byID))
	for _, m := range byID {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b M) int {
		at, as := key(a)
		bt, bs := key(b)
		if c := at.Compare(bt); c != 0 {
			return c
		}
		return strings.Compare(as, bs)
	})
	return out
}
