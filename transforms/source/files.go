// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"context"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func init() { beam.RegisterDoFn(&filesFn{}) }

// DefaultClaim is how many records one bundle reads. Everything that follows handles a bundle at a time, so this is the
// lever between throughput and memory (5 k to 20 k doubled the throughput on Prism).
const DefaultClaim = 20_000

// Files says which files to read.
type Files struct {
	// Paths are NDJSON files, plain or compressed; "-" is standard input. They are merged by event time.
	Paths []string
	// Disorder is how far out of order events may be without being late; 0 means event.DefaultReorderDelay.
	Disorder time.Duration
	// Claim is the number of records of a bundle; 0 means DefaultClaim.
	Claim int
}

// filesFn reads files in the order of event time, as event.Reorder makes it, so many records at a time, and lets the
// watermark follow, so that windows close while the rest is still being read and memory does not grow with the files. A
// record is claimed before it is emitted. To go on where the files are not open, as many records are skipped as were
// read.
type filesFn struct {
	whole
	Files
	Intake intake
}

// Setup names the counters and finds the process.
func (fn *filesFn) Setup(ctx context.Context) error { return fn.Intake.setup(ctx) }

// ProcessElement reads as many records as a bundle takes.
func (fn *filesFn) ProcessElement(
	ctx context.Context, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker, _ []byte, events emitEvent, dead emitDead,
) (sdf.ProcessContinuation, error) {
	if fn.Intake.full() && !fn.Intake.draining() {
		return sdf.ResumeProcessingIn(5 * time.Millisecond), nil
	}
	in, err := fn.open(rt.GetRestriction().(*aerv1.SourceState).Read)
	if err != nil {
		return sdf.StopProcessing(), err
	}
	more, ended := fn.read(ctx, in, we, rt, events, dead)
	in.count(ctx, &fn.Intake)
	if ended {
		return sdf.StopProcessing(), in.end()
	}
	fn.Intake.process.Keep(filesKey{}, in)
	if !more {
		return sdf.StopProcessing(), nil
	}
	return sdf.ResumeProcessingIn(0), nil
}

// read emits records until the bundle has enough, the files have ended or the rest belongs to another bundle; more is
// true in the first case.
func (fn *filesFn) read(
	ctx context.Context, in *fileReader, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker,
	events emitEvent, dead emitDead,
) (more, ended bool) {
	before := we.State.UnixMilli()
	watermark := before
	for range cmp.Or(fn.Claim, DefaultClaim) {
		ev, letter, ok := in.peek()
		switch {
		case !ok:
			return false, rt.TryClaim(finished{})
		case !rt.TryClaim(in.read):
			return false, false
		}
		in.take()
		if letter != nil {
			fn.Intake.dead.Inc(ctx, 1)
			dead(eventTime(watermark), letter)
			continue
		}
		watermark = max(watermark, ev.Time.AsTime().UnixMilli()) // the reader holds back what is ahead of all others
		fn.Intake.emit(ctx, ev, before, events)
	}
	we.UpdateWatermark(time.UnixMilli(watermark))
	return true, false
}
