// SPDX-License-Identifier: Apache-2.0

// Package follow gives pipelines what organisations have chosen, and keeps it current while they run.
//
// A Follower reads everything once and then only what changed: it asks the store every few seconds, and where the store
// can call back, at once. When the store is down, the last good answer stays; how old it is can be asked.
package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/settings/changes"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// DefaultEvery is how often the store is asked: a change must reach decisions within a minute, with room for a store
// that is slow to answer.
const DefaultEvery = 10 * time.Second

// lookTimeout bounds one look at the store, so that a store that hangs counts as down.
const lookTimeout = 30 * time.Second

// Follower knows the current settings and people. It is safe for concurrent use.
type Follower struct {
	db   kv.Store
	log  *slog.Logger
	now  func() time.Time
	view atomic.Pointer[view]
	// One look at a time; guards seq.
	mu  sync.Mutex
	seq uint64
	// When the store was last found well, Unix nanoseconds, and whether it is down.
	good atomic.Int64
	down atomic.Bool
}

// Open reads everything; what cannot be read now is an error, because there is no last good answer yet. now is the wall
// clock.
func Open(ctx context.Context, db kv.Store, log *slog.Logger, now func() time.Time) (*Follower, error) {
	f := &Follower{db: db, log: log, now: now}
	if err := f.load(ctx); err != nil {
		return nil, fmt.Errorf("reading what organisations have chosen: %w", err)
	}
	f.good.Store(now().UnixNano())
	return f, nil
}

// Fixed knows what it is given and never changes: for replays.
func Fixed(chosen []*aerv1.Settings, people []*aerv1.Directory) *Follower {
	f := &Follower{}
	v := newView()
	for _, s := range chosen {
		v.settings[s.GetOrgId()] = settings.Complete(s)
	}
	for _, d := range people {
		v.setPeople(d)
	}
	f.view.Store(v)
	return f
}

// Run follows until ctx ends: it looks every so often, and when the store calls.
func (f *Follower) Run(ctx context.Context, every time.Duration) {
	called := make(chan struct{}, 1)
	var wg sync.WaitGroup
	wg.Go(func() { f.watch(ctx, every, called) })
	defer wg.Wait()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-called:
		}
		_ = f.Refresh(ctx) // it has logged what is new about it
	}
}

// watch passes the store's calls on, and begins anew when watching fails.
func (f *Follower) watch(ctx context.Context, every time.Duration, called chan<- struct{}) {
	for {
		err := changes.New(f.db).Watch(ctx, func() {
			select {
			case called <- struct{}{}:
			default: // one call is as good as two
			}
		})
		if ctx.Err() != nil || errors.Is(err, changes.ErrNoWatch) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// Refresh looks once for changes. After an error the last good answer stays; the first error and the recovery are
// logged.
func (f *Follower) Refresh(ctx context.Context) error {
	look, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	err := f.update(look)
	if err != nil && ctx.Err() != nil {
		return err // we are ending
	}
	if err != nil {
		if !f.down.Swap(true) {
			f.log.Error("the store of settings is down; keeping the last good settings", "error", err)
		}
		return err
	}
	age := f.Age()
	f.good.Store(f.now().UnixNano())
	if f.down.Swap(false) {
		f.log.Info("the store of settings is back", "settings_were_old_s", int(age.Seconds()))
	}
	return nil
}

// Age is how long ago the store was last found well.
func (f *Follower) Age() time.Duration { return f.now().Sub(time.Unix(0, f.good.Load())) }

// Stale says whether the store did not answer last time.
func (f *Follower) Stale() bool { return f.down.Load() }

// load reads everything. The number of the last change is asked first: what changes meanwhile is read again.
func (f *Follower) load(ctx context.Context) error {
	seq, err := changes.New(f.db).Last(ctx)
	if err != nil {
		return err
	}
	v := newView()
	all, err := stored.New(f.db).All(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		v.settings[s.GetOrgId()] = settings.Complete(s)
	}
	dirs, err := directory.New(f.db).All(ctx)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		v.setPeople(d)
	}
	f.seq = seq
	f.view.Store(v)
	return nil
}

// update reads what changed.
func (f *Follower) update(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, err := changes.New(f.db).Last(ctx)
	if err != nil || last == f.seq {
		return err
	}
	if last < f.seq { // another store was put in its place
		return f.load(ctx)
	}
	changed, err := changes.New(f.db).Between(ctx, f.seq, last)
	if errors.Is(err, changes.ErrGap) {
		return f.load(ctx)
	}
	if err != nil {
		return err
	}
	next := f.view.Load().clone()
	for _, c := range changed {
		if err := f.apply(ctx, next, c); err != nil {
			return err
		}
	}
	f.seq = last
	f.view.Store(next)
	return nil
}

func (f *Follower) apply(ctx context.Context, v *view, c changes.Change) error {
	switch c.Kind {
	case changes.Settings:
		s, err := stored.New(f.db).Get(ctx, c.OrgID)
		if err != nil {
			return err
		}
		s = settings.Complete(s)
		if v.settings[s.GetOrgId()].GetVersion() != s.GetVersion() {
			f.log.Info("settings changed", "org", c.OrgID, "version", s.GetVersion(), "by", s.GetChangedBy())
		}
		v.settings[s.GetOrgId()] = s
	case changes.Directory:
		d, err := directory.New(f.db).Get(ctx, c.OrgID)
		if err != nil {
			return err
		}
		v.setPeople(d)
	}
	return nil
}
