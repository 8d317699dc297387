// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/profile"
)

func init() {
	beam.RegisterDoFn(&profilesFn{})
	register.Emitter2[beam.EventTime, *aerv1.Anomaly]()
}

// Profiles keeps the profiles of every shard and judges each slice against its user's (input KV<int32,
// *aerv1.PackedBatches>, output PCollection<*aerv1.Anomaly>, whose timestamps are the ends of the windows).
func Profiles(s beam.Scope, batches beam.PCollection, run process.Run) beam.PCollection {
	return beam.ParDo(s.Scope("Profiles"), newProfilesFn(run), batches)
}

// profilesFn is the stateful heart of the pipeline: one key per shard, touched once per bundle and not once per event.
//
// Its durable state is a changelog (a snapshot and the batches applied since, in order) and a small head. What
// detectors see are the decoded profiles in memory, which are only a view of it: see shardKey. A rebuild applies the
// batches of the log again, without judging, and ends at the same version or fails.
type profilesFn struct {
	Run process.Run

	Pending state.Bag[[]byte]
	Due     timers.EventTime
	Log     state.Bag[[]byte]
	Head    state.Value[[]byte]

	process *process.Process
	judge   detector.Judge

	applied, slices, events, found, late, rebuilt, compacted, expired, stale, missing beam.Counter
}

func newProfilesFn(run process.Run) *profilesFn {
	return &profilesFn{
		Run:     run,
		Pending: state.MakeBagState[[]byte]("pending"), Due: timers.InEventTime("due"),
		Log: state.MakeBagState[[]byte]("log"), Head: state.MakeValueState[[]byte]("head"),
	}
}

// shardKey is where a shard is kept decoded between bundles. It is only ever a view: it is taken out while it is used,
// so that no two bundles change one, and is trusted only if its version equals that of the durable head. A moved key, a
// retried bundle or a restart therefore costs a rebuild, never a wrong answer.
type shardKey int32

type decodedShard struct {
	version  version
	profiles *profile.Shard
}

// Setup finds the detectors and their baselines.
func (fn *profilesFn) Setup(ctx context.Context) (err error) {
	fn.applied = beam.NewCounter("profiles", "batches_applied")
	fn.slices = beam.NewCounter("profiles", "slices_applied")
	// Events that came in and are not counted here came too late for their window, or twice.
	fn.events = beam.NewCounter("profiles", "events_applied")
	fn.found = beam.NewCounter("profiles", "findings")
	fn.late = beam.NewCounter("profiles", "batches_late")
	fn.rebuilt = beam.NewCounter("profiles", "shards_rebuilt")
	fn.compacted = beam.NewCounter("profiles", "logs_compacted")
	fn.expired = beam.NewCounter("profiles", "profiles_expired")
	fn.stale = beam.NewCounter("baselines", "slices_judged_stale")
	fn.missing = beam.NewCounter("baselines", "slices_judged_without")
	if fn.process, err = fn.Run.Process(ctx); err != nil {
		return err
	}
	fn.judge = fn.Run.Judge(fn.process.Core)
	return nil
}

func (fn *profilesFn) buffer() dueBuffer { return dueBuffer{&fn.Pending, &fn.Due} }

// ProcessElement holds batches until their windows are over for every shard.
func (fn *profilesFn) ProcessElement(_ context.Context, sp state.Provider, tp timers.Provider, _ int32,
	b *aerv1.PackedBatches, _ func(beam.EventTime, *aerv1.Anomaly)) error {
	things := make([]*aerv1.PendingThing, len(b.List))
	for i, p := range b.List {
		things[i] = &aerv1.PendingThing{DueMs: batchMS(p), Data: p.Data}
	}
	return fn.buffer().hold(sp, tp, things...)
}

// OnTimer applies what is due in the order of the windows.
func (fn *profilesFn) OnTimer(ctx context.Context, sp state.Provider, _ timers.Provider, shard int32,
	timer timers.Context, emit func(beam.EventTime, *aerv1.Anomaly)) error {
	things, _, err := fn.buffer().take(sp, timer.Tag)
	if err != nil || len(things) == 0 {
		return err
	}
	due := inOrder(things)
	raw, _, err := fn.Head.Read(sp)
	if err != nil {
		return fmt.Errorf("reading the head of shard %d: %w", shard, err)
	}
	h, err := readHead(raw)
	if err != nil {
		return fmt.Errorf("reading the head of shard %d: %w", shard, err)
	}
	version := versionOf(h)
	kept, _ := fn.process.Take(shardKey(shard)).(decodedShard)
	profiles := kept.profiles
	if profiles == nil || kept.version != version {
		if profiles, err = fn.rebuild(ctx, sp, h); err != nil {
			return fmt.Errorf("rebuilding shard %d: %w", shard, err)
		}
	}
	for _, p := range due {
		if err := fn.apply(ctx, profiles, p, emit); err != nil {
			return err
		}
		version = version.next(p.Data)
	}
	h.Version, h.Chain = aerv1.StateVersion, version[:]
	if err := fn.record(ctx, sp, h, due, profiles); err != nil {
		return fmt.Errorf("writing shard %d: %w", shard, err)
	}
	fn.process.Keep(shardKey(shard), decodedShard{version, profiles})
	fn.process.InFlight.Add(-int64(len(due)))
	return nil
}

// inOrder makes batches of what was held, in the order in which they are applied.
func inOrder(things []*aerv1.PendingThing) []*aerv1.PackedBatch {
	due := make([]*aerv1.PackedBatch, len(things))
	for i, t := range things {
		due[i] = &aerv1.PackedBatch{EndMs: t.DueMs + 1, Data: t.Data}
	}
	slices.SortFunc(due, comparePacked)
	return due
}

// rebuild makes the decoded shard from its log.
func (fn *profilesFn) rebuild(ctx context.Context, sp state.Provider, h *aerv1.ShardHead) (*profile.Shard, error) {
	if h.Entries == 0 {
		return profile.NewShard(), nil
	}
	fn.rebuilt.Inc(ctx, 1)
	raw, _, err := fn.Log.Read(sp)
	if err != nil {
		return nil, err
	}
	return replayLog(raw, h)
}

// apply takes one batch in and emits what its slices show.
func (fn *profilesFn) apply(ctx context.Context, profiles *profile.Shard, p *aerv1.PackedBatch,
	emit func(beam.EventTime, *aerv1.Anomaly)) error {
	b, err := Unpack(p)
	if err != nil {
		return err
	}
	fn.applied.Inc(ctx, 1)
	if b.WindowEndMs < profiles.AppliedMS() {
		fn.late.Inc(ctx, 1)
	}
	judge := fn.judge
	judge.Judged = func(s *aerv1.Slice, c baseline.Condition) { fn.judged(ctx, s, c) }
	for _, a := range judge.Batch(profiles, b) {
		fn.found.Inc(ctx, 1)
		emit(eventTime(b.WindowEndMs), a)
	}
	return nil
}

// judged counts slices, and those that no current baseline could be found for.
func (fn *profilesFn) judged(ctx context.Context, s *aerv1.Slice, c baseline.Condition) {
	fn.slices.Inc(ctx, 1)
	fn.events.Inc(ctx, int64(s.Events))
	switch c {
	case baseline.Stale:
		fn.stale.Inc(ctx, 1)
	case baseline.Missing:
		fn.missing.Inc(ctx, 1)
	}
}

// record appends the batches to the log, or replaces the log by a snapshot when it has grown too long, and writes the
// head. Profiles that have been idle for too long are dropped at a snapshot, so that a rebuild drops the same.
func (fn *profilesFn) record(ctx context.Context, sp state.Provider, h *aerv1.ShardHead, due []*aerv1.PackedBatch,
	profiles *profile.Shard) error {
	entry := &aerv1.ShardEntry{Version: aerv1.StateVersion, Seq: h.Entries, Batches: due}
	h.LogBytes += int64(entry.SizeVT())
	if full(h) {
		fn.compacted.Inc(ctx, 1)
		fn.expired.Inc(ctx, int64(profiles.Expire(profiles.AppliedMS())))
		if err := fn.Log.Clear(sp); err != nil {
			return err
		}
		h.Entries, h.SnapshotBytes, h.LogBytes = 0, 0, 0
		return profiles.Snapshot(func(chunk []byte) error {
			entry := &aerv1.ShardEntry{Version: aerv1.StateVersion, Seq: h.Entries, Snapshot: compress(chunk)}
			h.SnapshotBytes += int64(len(entry.Snapshot))
			return fn.log(sp, h, entry)
		})
	}
	return fn.log(sp, h, entry)
}

// log appends an entry to the log, and writes the head.
func (fn *profilesFn) log(sp state.Provider, h *aerv1.ShardHead, entry *aerv1.ShardEntry) error {
	h.Entries++
	raw, err := entry.MarshalVT()
	if err != nil {
		return err
	}
	if err := fn.Log.Add(sp, raw); err != nil {
		return err
	}
	if raw, err = h.MarshalVT(); err != nil {
		return err
	}
	return fn.Head.Write(sp, raw)
}
