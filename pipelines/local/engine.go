// SPDX-License-Identifier: Apache-2.0

package local

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/memory"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/watermark"
)

// Config is what the engine judges with.
type Config struct {
	// Lateness is how far out of order events may come; 0 means activity.DefaultLateness.
	Lateness time.Duration
	// Quorum is how many users must show a time before it is believed; 0 means watermark.Quorum. 1 is for events that are
	// known to be in order.
	Quorum int
	// WindowMS is the length of a slice; 0 means activity.DefaultWindowMS.
	WindowMS int32
	// Memory is what earlier runs knew; it may be nil. The engine takes its profiles.
	Memory *memory.Memory
	// Shards is how many buckets users are spread over, and so how far work spreads; 0 means activity.DefaultShards. With
	// a memory it is that one's.
	Shards int
	// Workers is how many shards are worked on at once; 0 means 1.
	Workers int
	// Enrich derives facts about an event's client; it may be nil and is called from several goroutines at once.
	Enrich func(*aerv1.Event)
	// Detectors may be nil: then slices are made and nothing is remembered or judged.
	Detectors *detector.Set
	// Baseline may be nil.
	Baseline baseline.Source
	// Slices, if set, sees every closed slice before it is judged; it is called from several goroutines at once and must
	// not change it, nor keep any of it but texts: its memory is used again.
	Slices func(*aerv1.Slice)
	// Findings, if set, is told every finding of a Replay before it is decided about, in the order of
	// decision.CompareAnomalies; it must not change it. An error stops the replay.
	Findings func(*aerv1.Anomaly) error
}

func (c Config) withDefaults() Config {
	c.Lateness = cmp.Or(c.Lateness, activity.DefaultLateness)
	c.WindowMS = cmp.Or(c.WindowMS, activity.DefaultWindowMS)
	c.Shards = cmp.Or(c.Shards, activity.DefaultShards)
	c.Workers = max(1, c.Workers)
	return c
}

// Engine turns events into findings.
type Engine struct {
	cfg    Config
	shards []*shard
	// held are findings of the fast lane that are not yet due.
	held        []*aerv1.Anomaly
	watermarkMS int64
	time        watermark.Estimator
	late        int
}

// NewEngine starts with the profiles of a memory, or with none.
func NewEngine(cfg Config) *Engine {
	e := &Engine{cfg: cfg.withDefaults()}
	e.time.Quorum = cfg.Quorum
	if e.cfg.Memory != nil {
		for _, known := range e.cfg.Memory.Take() {
			e.shards = append(e.shards, newShard(e.cfg, known))
		}
		return e
	}
	for range e.cfg.Shards {
		e.shards = append(e.shards, newShard(e.cfg, profile.NewShard()))
	}
	return e
}

// release has events given to f when they are not needed any more.
func (e *Engine) release(f func(*aerv1.Event)) {
	for _, s := range e.shards {
		s.release = f
	}
}

// Add takes events in and returns the findings that are complete, sorted by (known_at, id). The
// events are not needed afterwards.
func (e *Engine) Add(events []*aerv1.Event) []*aerv1.Anomaly {
	for _, ev := range events {
		e.take(ev)
	}
	return e.step()
}

// take takes in one event. With one worker it is looked at right away, while it is at hand.
func (e *Engine) take(ev *aerv1.Event) {
	t, user := ev.Time.AsTime().UnixMilli(), activity.UserHash(aerv1.OrgID(ev.OrgId), aerv1.UserID(ev.UserId))
	e.time.Observe(user, t)
	if t < e.watermarkMS {
		e.late++
	}
	s := e.shards[activity.ShardOf(user, len(e.shards))]
	if e.cfg.Workers == 1 {
		s.take(arrival{ev, user})
		return
	}
	s.pending = append(s.pending, arrival{ev, user})
}

// step returns the findings that are complete, by the events taken in so far.
func (e *Engine) step() []*aerv1.Anomaly {
	now, _ := e.time.NowMS()
	return e.advance(now - e.cfg.Lateness.Milliseconds())
}

// Close returns all remaining findings.
func (e *Engine) Close() []*aerv1.Anomaly {
	const forever = int64(1) << 60
	return e.advance(forever)
}

// advance moves the watermark and has every shard close the windows before it.
func (e *Engine) advance(watermarkMS int64) []*aerv1.Anomaly {
	e.watermarkMS = max(e.watermarkMS, watermarkMS)
	var next atomic.Int32
	work := func() {
		for i := next.Add(1); int(i) <= len(e.shards); i = next.Add(1) {
			e.shards[i-1].work(e.watermarkMS)
		}
	}
	var wg sync.WaitGroup
	for range e.cfg.Workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return e.due()
}

// due gathers the shards' findings and returns those whose time has come: those before the watermark, because an event
// at the watermark may still come, and what it shows may sort before.
func (e *Engine) due() []*aerv1.Anomaly {
	for _, s := range e.shards {
		e.held = append(e.held, s.found...)
		clear(s.found)
		s.found = s.found[:0]
	}
	slices.SortFunc(e.held, decision.CompareAnomalies)
	n := 0
	for n < len(e.held) && e.held[n].KnownAt.AsTime().UnixMilli() < e.watermarkMS {
		n++
	}
	out := e.held[:n:n]
	e.held = slices.Clone(e.held[n:])
	return out
}

// Late is the number of events that came when time had passed them by more than the lateness. They were judged when
// they came, by what was known then.
func (e *Engine) Late() int { return e.late }

// Profiles is the number of users remembered.
func (e *Engine) Profiles() int {
	n := 0
	for _, s := range e.shards {
		n += s.profiles.Len()
	}
	return n
}

// NotAPersons is how many events counted for nobody: the platform's own doings and records of what was done to a user.
func (e *Engine) NotAPersons() int {
	n := 0
	for _, s := range e.shards {
		n += s.nobodys
	}
	return n
}
