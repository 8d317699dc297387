package transforms

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

func init() {
	beam.RegisterDoFn(&filesFn{})
	register.Emitter2[beam.EventTime, *aerv1.Event]()
	register.Emitter2[beam.EventTime, *aerv1.DeadLetter]()
}

// DefaultFilesClaim is how many records one bundle reads. Everything that follows handles a bundle at a time, so this is
// the lever between throughput and memory (5 k to 20 k doubled the throughput on Prism).
const DefaultFilesClaim = 20_000

// Files says which files to read.
type Files struct {
	// Paths are NDJSON files, plain or compressed; "-" is standard input. They are merged by event time.
	Paths []string
	// Disorder is how far out of order events may be without being late; 0 means event.DefaultReorderDelay.
	Disorder time.Duration
	// Claim is the number of records of a bundle; 0 means DefaultFilesClaim.
	Claim int
	// InFlightMax bounds the batches between the joining stage and the profiles, where both run in this process;
	// 0 = no bound.
	InFlightMax int64
}

// filesFn reads files in the order of event time, as event.Reorder makes it, a claim at a time, and lets the watermark follow, so that windows close
// while the rest is still being read and memory does not grow with the files. The position is a number of records: on
// resuming in a process that does not have the files open, so many are skipped.
type filesFn struct {
	Files
	Decode event.Options
	Keep   Keep
	RunID  string

	events, late, dead beam.Counter
	unreadable         unreadableCounters
}

// Setup names the counters, which are those of decoding messages.
func (fn *filesFn) Setup() {
	fn.events = beam.NewCounter("ingest", "events")
	fn.late = beam.NewCounter("ingest", LateCounter)
	fn.dead = beam.NewCounter("ingest", "dead_letters")
	fn.unreadable = newUnreadableCounters()
}

// openFiles are the readers of this process, by run: opening a compressed file again for each bundle would read it over
// and over.
var openFiles = struct {
	sync.Mutex
	byRun map[string]*fileReader
}{byRun: map[string]*fileReader{}}

type fileReader struct {
	files *event.Files
	next  func() (*aerv1.Event, *aerv1.DeadLetter, bool)
	stop  func()
	read  int64 // records handed out
	// unreadable is what was counted so far.
	unreadable event.Unreadable
}

func (r *fileReader) close() error {
	r.stop()
	return r.files.Close()
}

// forgetFiles closes what a run that was cancelled has left open.
func forgetFiles(runID string) {
	openFiles.Lock()
	defer openFiles.Unlock()
	if r := openFiles.byRun[runID]; r != nil {
		_ = r.close() // opened for reading: nothing is lost
		delete(openFiles.byRun, runID)
	}
}

// reader takes the run's reader out of the registry, or opens the files and skips what was read before.
func (fn *filesFn) reader(read int64) (*fileReader, error) {
	openFiles.Lock()
	r := openFiles.byRun[fn.RunID]
	delete(openFiles.byRun, fn.RunID)
	openFiles.Unlock()
	if r != nil && r.read == read {
		return r, nil
	}
	if r != nil {
		if err := r.close(); err != nil {
			return nil, err
		}
	}
	files, err := event.OpenFiles(fn.Paths, fn.Decode)
	if err != nil {
		return nil, err
	}
	r = &fileReader{files: files}
	r.next, r.stop = iter.Pull2(event.Reorder(files.All(), fn.Disorder, 0))
	for r.read < read {
		if _, _, ok := r.next(); !ok {
			return nil, errors.Join(fmt.Errorf("resuming at record %d: the files now end at %d", read, r.read), r.close())
		}
		r.read++
	}
	r.unreadable = files.Unreadable() // the bundles before have counted it
	return r, nil
}

// CreateInitialRestriction implements the SDF: all files are one restriction, because their order matters.
func (fn *filesFn) CreateInitialRestriction([]byte) cursor { return cursor{} }

// SplitRestriction implements the SDF: never split.
func (fn *filesFn) SplitRestriction(_ []byte, c cursor) []cursor { return []cursor{c} }

// RestrictionSize implements the SDF; there is nothing to balance.
func (fn *filesFn) RestrictionSize([]byte, cursor) float64 { return 1 }

// CreateTracker implements the SDF.
func (fn *filesFn) CreateTracker(c cursor) *sdf.LockRTracker { return newCursorTracker(c) }

// InitialWatermarkEstimatorState implements the SDF.
func (fn *filesFn) InitialWatermarkEstimatorState(et beam.EventTime, _ cursor, _ []byte) int64 {
	return et.Milliseconds()
}

// CreateWatermarkEstimator implements the SDF.
func (fn *filesFn) CreateWatermarkEstimator(ms int64) *sdf.ManualWatermarkEstimator {
	return &sdf.ManualWatermarkEstimator{State: time.UnixMilli(ms)}
}

// WatermarkEstimatorState implements the SDF.
func (fn *filesFn) WatermarkEstimatorState(we *sdf.ManualWatermarkEstimator) int64 {
	return we.State.UnixMilli()
}

// ProcessElement reads one claim.
func (fn *filesFn) ProcessElement(ctx context.Context, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker, _ []byte, events func(beam.EventTime, *aerv1.Event), dead func(beam.EventTime, *aerv1.DeadLetter)) (sdf.ProcessContinuation, error) {
	u := unpacker{buf: rt.GetRestriction().(cursor).State}
	var read int64
	if len(u.buf) > 0 {
		read = u.int()
	}
	r := runOf(fn.RunID)
	if u.err != nil {
		return sdf.StopProcessing(), fmt.Errorf("reading the position in the files: %w", u.err)
	}
	if fn.InFlightMax > 0 && r.inflight.Load() > fn.InFlightMax && !r.stopped() {
		rt.TryClaim(filesPosition(read))
		return sdf.ResumeProcessingIn(5 * time.Millisecond), nil
	}
	in, err := fn.reader(read)
	if err != nil {
		return sdf.StopProcessing(), err
	}
	before := we.State.UnixMilli()
	watermark, late := before, int64(0)
	defer func() { fn.late.Inc(ctx, late) }()
	claim := fn.Claim
	if claim == 0 {
		claim = DefaultFilesClaim
	}
	defer func() {
		now := in.files.Unreadable()
		fn.unreadable.add(ctx, &now, &in.unreadable)
		in.unreadable = now
	}()
	for range claim {
		ev, letter, ok := in.next()
		if !ok || r.stopped() {
			rt.TryClaim(finished{})
			return sdf.StopProcessing(), errors.Join(in.files.Err(), in.close())
		}
		in.read++
		if letter != nil {
			fn.dead.Inc(ctx, 1)
			dead(eventTime(watermark), letter)
			continue
		}
		ms := ev.Time.AsTime().UnixMilli()
		watermark = max(watermark, ms) // the reader holds back what is ahead of all others
		if fn.Keep.drops(ms, before) {
			late++
		}
		fn.events.Inc(ctx, 1)
		events(eventTime(ms), ev)
	}
	rt.TryClaim(filesPosition(in.read))
	we.UpdateWatermark(time.UnixMilli(watermark))
	openFiles.Lock()
	openFiles.byRun[fn.RunID] = in
	openFiles.Unlock()
	return sdf.ResumeProcessingIn(0), nil
}

func filesPosition(read int64) []byte {
	var p packer
	p.int(read)
	return p.buf
}
