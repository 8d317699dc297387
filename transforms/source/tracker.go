// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// whole is the part of an SDF that our sources share. A source is one restriction, which is never split on the runner's
// wish, only handed on: Prism loses data behind a source that splits and sets its own watermark.
type whole struct{}

// CreateInitialRestriction implements the SDF: everything there is.
func (whole) CreateInitialRestriction([]byte) *aerv1.SourceState { return &aerv1.SourceState{} }

// SplitRestriction implements the SDF.
func (whole) SplitRestriction(_ []byte, s *aerv1.SourceState) []*aerv1.SourceState {
	return []*aerv1.SourceState{s}
}

// RestrictionSize implements the SDF; there is nothing to balance.
func (whole) RestrictionSize([]byte, *aerv1.SourceState) float64 { return 1 }

// CreateTracker implements the SDF.
func (whole) CreateTracker(s *aerv1.SourceState) *sdf.LockRTracker {
	return sdf.NewLockRTracker(newTracker(s))
}

// InitialWatermarkEstimatorState implements the SDF: nothing is known before the first record.
func (whole) InitialWatermarkEstimatorState(et beam.EventTime, _ *aerv1.SourceState, _ []byte) int64 {
	return et.Milliseconds()
}

// CreateWatermarkEstimator implements the SDF.
func (whole) CreateWatermarkEstimator(ms int64) *sdf.ManualWatermarkEstimator {
	return &sdf.ManualWatermarkEstimator{State: time.UnixMilli(ms)}
}

// WatermarkEstimatorState implements the SDF.
func (whole) WatermarkEstimatorState(we *sdf.ManualWatermarkEstimator) int64 {
	return we.State.UnixMilli()
}

// finished is claimed by a source that has nothing more to give.
type finished struct{}

// tracker tracks what a source is to read. A claim is the number of a record (int64), counted from 0, what a pull leads
// to (*aerv1.PullState), or finished.
type tracker struct {
	rest *aerv1.SourceState // never changed, only replaced
	next int64              // the first record that was not claimed
	pull *aerv1.PullState   // to go on from
	err  error
}

func newTracker(s *aerv1.SourceState) *tracker { return &tracker{rest: s, next: s.Read, pull: s.Pull} }

// TryClaim implements sdf.RTracker.
func (t *tracker) TryClaim(pos any) bool {
	if t.IsDone() {
		return false
	}
	switch p := pos.(type) {
	case int64:
		if p != t.next {
			t.err = fmt.Errorf("claiming record %d: the next one is %d", p, t.next)
			return false
		}
		t.next++
	case *aerv1.PullState:
		t.pull = p
	case finished:
		t.rest = &aerv1.SourceState{Read: t.rest.Read, End: t.next, Done: true}
	default:
		t.err = fmt.Errorf("claiming %T in a source: want a record, a pull or finished", pos)
		return false
	}
	return true
}

// TrySplit implements sdf.RTracker: it gives up what was not claimed, and only at a checkpoint (fraction 0). The
// primary is the records that were claimed, so that it can be read again if its bundle fails.
func (t *tracker) TrySplit(fraction float64) (primary, residual any, err error) {
	if fraction > 0 || t.IsDone() {
		return t.rest, nil, nil
	}
	residual = &aerv1.SourceState{Read: t.next, End: t.rest.End, Pull: t.pull}
	t.rest = &aerv1.SourceState{Read: t.rest.Read, End: t.next, Done: t.next == t.rest.Read}
	return t.rest, residual, nil
}

// GetError implements sdf.RTracker.
func (t *tracker) GetError() error { return t.err }

// GetProgress implements sdf.RTracker.
func (t *tracker) GetProgress() (done, remaining float64) {
	if t.IsDone() {
		return 1, 0
	}
	return 0, 1
}

// IsDone implements sdf.RTracker.
func (t *tracker) IsDone() bool { return t.rest.Done || t.rest.End > 0 && t.next >= t.rest.End }

// GetRestriction implements sdf.RTracker.
func (t *tracker) GetRestriction() any { return t.rest }

// IsBounded implements sdf.RTracker.
func (t *tracker) IsBounded() bool { return false }
