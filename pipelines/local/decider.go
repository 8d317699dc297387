// SPDX-License-Identifier: Apache-2.0

package local

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

// Decider decides about findings, writes them with their decisions to an output in the order of a replay, and counts
// both.
type Decider struct {
	stream *decision.Stream
	order  decision.Ordered
	out    Output
	sum    *Summary
}

// NewDecider counts into sum.
func NewDecider(cfg decision.Config, out Output, sum *Summary) *Decider {
	sum.Outcomes = map[aerv1.Decision_Outcome]int{}
	return &Decider{stream: decision.NewStream(cfg), out: out, sum: sum}
}

// Add takes a finding, in the order of decision.CompareAnomalies.
func (d *Decider) Add(f *aerv1.Anomaly) error {
	return d.write(d.order.Add(d.stream.Add(f), f.GetKnownAt().AsTime()))
}

// Remember takes in findings of earlier runs (memory.Memory), before any other, and writes the decisions that those
// still owed.
func (d *Decider) Remember(findings []decision.Decided) error {
	for _, f := range findings {
		owed := d.stream.Remember(f.Anomaly, f.Before)
		if err := d.write(d.order.Add(owed, f.Anomaly.GetKnownAt().AsTime())); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes what still waits, when no more findings come.
func (d *Decider) Flush() error {
	return d.write(append(d.order.Add(d.stream.Flush(), time.UnixMilli(0)), d.order.Flush()...))
}

func (d *Decider) write(decided []decision.Decided) error {
	for _, x := range decided {
		d.sum.Anomalies++
		d.sum.Outcomes[x.Decision.Outcome]++
		if err := d.out.Anomaly(x.Anomaly); err != nil {
			return fmt.Errorf("writing an anomaly: %w", err)
		}
		if err := d.out.Decision(x.Decision); err != nil {
			return fmt.Errorf("writing a decision: %w", err)
		}
	}
	return nil
}
