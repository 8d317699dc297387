// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"fmt"

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
//
// shards is the number that Slices was given. State that was written for another number belongs to other users and
// fails the run.
func Profiles(s beam.Scope, batches beam.PCollection, shards int, run process.Run) beam.PCollection {
	return beam.ParDo(s.Scope("Profiles"), newProfilesFn(shards, run), batches)
}

// profilesFn is the stateful heart of the pipeline: one key per shard, touched once per bundle and not once per event.
//
// Batches that come are held in a cell, a blind write each, until the first timer is due. From there they go into the
// shard's changelog, which is its durable state with a small head: a snapshot, and since then which batches came and
// when all that were due were applied. What detectors see are the decoded profiles in memory, which are only a view of
// it, with the batches that still wait: see shardKey. A rebuild does what the log says again, without judging, and
// fails unless the log is whole. So a batch is written twice, however many others wait with it, and about half again
// for snapshots.
type profilesFn struct {
	Run    process.Run
	Shards int

	Pending state.Bag[[]byte]
	Due     timers.EventTime
	Log     state.Bag[[]byte]
	Head    state.Value[[]byte]

	process *process.Process
	judge   detector.Judge

	applied, slices, events, found, late, rebuilt, compacted, expired, stale, missing beam.Counter
	// took and wrote are what writing costs: bytes of batches and bytes written to cells.
	took, wrote beam.Counter
}

func newProfilesFn(shards int, run process.Run) *profilesFn {
	return &profilesFn{
		Run: run, Shards: shards,
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
	waiting  []*aerv1.PackedBatch // in the order in which they are applied
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
	fn.took = beam.NewCounter("profiles", "batch_bytes")
	fn.wrote = beam.NewCounter("profiles", "state_bytes_written")
	fn.stale = beam.NewCounter("baselines", "slices_judged_stale")
	fn.missing = beam.NewCounter("baselines", "slices_judged_without")
	if fn.process, err = fn.Run.Process(ctx); err != nil {
		return err
	}
	fn.judge = fn.Run.Judge(fn.process.Core)
	return nil
}

func (fn *profilesFn) buffer(ctx context.Context) dueBuffer {
	return dueBuffer{&fn.Pending, &fn.Due, func(bytes int) { fn.wrote.Inc(ctx, int64(bytes)) }}
}

// ProcessElement holds batches until their windows are over for every shard.
func (fn *profilesFn) ProcessElement(ctx context.Context, sp state.Provider, tp timers.Provider, _ int32,
	b *aerv1.PackedBatches, _ func(beam.EventTime, *aerv1.Anomaly)) error {
	things := make([]*aerv1.PendingThing, len(b.List))
	for i, p := range b.List {
		fn.took.Inc(ctx, int64(len(p.Data)))
		things[i] = &aerv1.PendingThing{DueMs: batchMS(p), Data: p.Data}
	}
	return fn.buffer(ctx).hold(sp, tp, things...)
}

// OnTimer takes in what has come and applies what is due, in the order of the windows.
func (fn *profilesFn) OnTimer(ctx context.Context, sp state.Provider, _ timers.Provider, key int32,
	timer timers.Context, emit func(beam.EventTime, *aerv1.Anomaly)) error {
	untilMS, err := dueUntilMS(timer.Tag)
	if err != nil {
		return err
	}
	held, err := fn.buffer(ctx).drain(sp)
	if err != nil {
		return err
	}
	h, shard, err := fn.open(ctx, sp, key)
	if err != nil {
		return err
	}
	came := shard.take(held)
	due := shard.due(untilMS)
	for _, p := range due {
		if err := fn.apply(ctx, shard.profiles, p, emit); err != nil {
			return err
		}
	}
	if len(came)+len(due) > 0 {
		l := shardLog{fn, ctx, sp, h, shard}
		if err := l.record(came, untilMS); err != nil {
			return fmt.Errorf("writing shard %d: %w", key, err)
		}
	}
	fn.process.Keep(shardKey(key), *shard)
	fn.process.InFlight.Add(-sizeOf(due))
	return nil
}

// open reads the head of a shard and finds the shard itself in memory, or else makes it from its log.
func (fn *profilesFn) open(ctx context.Context, sp state.Provider, key int32) (*aerv1.ShardHead, *decodedShard, error) {
	raw, _, err := fn.Head.Read(sp)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the head of shard %d: %w", key, err)
	}
	h, err := readHead(raw)
	if err == nil {
		err = checkShards(h, fn.Shards)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the head of shard %d: %w", key, err)
	}
	shard, _ := fn.process.Take(shardKey(key)).(decodedShard)
	if shard.profiles != nil && shard.version == versionOf(h) {
		return h, &shard, nil
	}
	if h.Entries == 0 {
		return h, &decodedShard{version: versionOf(h), profiles: profile.NewShard()}, nil
	}
	fn.rebuilt.Inc(ctx, 1)
	if shard, err = fn.rebuild(sp, h); err != nil {
		return nil, nil, fmt.Errorf("rebuilding shard %d: %w", key, err)
	}
	return h, &shard, nil
}

func (fn *profilesFn) rebuild(sp state.Provider, h *aerv1.ShardHead) (decodedShard, error) {
	raw, _, err := fn.Log.Read(sp)
	if err != nil {
		return decodedShard{}, err
	}
	return replayLog(raw, h)
}

// apply takes one batch in and emits what its slices show.
func (fn *profilesFn) apply(ctx context.Context, profiles *profile.Shard, p *aerv1.PackedBatch,
	emit func(beam.EventTime, *aerv1.Anomaly)) error {
	return takeIn(profiles, p, func(b *aerv1.Batch) {
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
	})
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
