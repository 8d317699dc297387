// SPDX-License-Identifier: Apache-2.0

// Package process holds what the stages of a run share within one process, and finds it by the id of the run.
//
// The table of processes is the one variable of this kind: nothing but JSON reaches a DoFn, so that a pointer cannot be
// handed to it. All else that a run shares is in its Process and ends with it.
package process

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/aer-project/aer/transforms/memory"
)

// Process is what the DoFns of one run share in this process: what they judge with, where results go, the signal to
// drain, how much is on its way and what they keep between bundles. All of it ends with the run.
type Process struct {
	// Core may be nil where only sources run.
	Core *Core
	// Output is a *sinks.Output: the stages must not know sinks, which are built on them.
	Output any
	// Memory is what earlier runs knew, for a pipeline that asks for it; nil on workers elsewhere.
	Memory *memory.Packed
	// InFlight is the bytes of the batches between the joining stage and the profiles.
	InFlight atomic.Int64
	// UnreadableTold is whether an example of a field that could not be read was logged: one says what to look for,
	// thousands would hide it.
	UnreadableTold atomic.Bool

	runID    string
	draining context.Context
	drain    context.CancelFunc
	over     func(context.Context) error // may be nil

	mu   sync.Mutex
	kept map[any]any // nil once the run has ended
}

// Start makes the process of a run that is about to be started here. Whoever starts the run ends it.
func Start(runID string, c *Core, output any) *Process {
	p := newProcess(c, output)
	p.runID = runID
	all.Lock()
	defer all.Unlock()
	all.byRun[runID] = p
	return p
}

func newProcess(c *Core, output any) *Process {
	p := &Process{Core: c, Output: output, kept: map[any]any{}}
	p.draining, p.drain = context.WithCancel(context.Background())
	return p
}

// Drain tells the sources to stop after what they have taken in is committed. The pipeline then ends by itself: the
// watermark goes to infinity, windows close and everything on its way is processed.
func (p *Process) Drain() { p.drain() }

// Draining ends when the run is told to drain.
func (p *Process) Draining() context.Context { return p.draining }

// OnOver has the end of the run's work told to f, which may be called again. Call it before the run starts.
func (p *Process) OnOver(f func(context.Context) error) { p.over = f }

// Over says that all of the run's work is done.
func (p *Process) Over(ctx context.Context) error {
	if p.over == nil {
		return nil
	}
	return p.over(ctx)
}

// End frees what the run shared, once it has ended or was cancelled.
func (p *Process) End() {
	all.Lock()
	delete(all.byRun, p.runID)
	all.Unlock()
	p.drain()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.kept {
		closeKept(v)
	}
	p.kept = nil
}

// Keep hands a value to whoever takes it next: what is costly to make again between bundles, such as open files. The
// caller must not touch it any more. A bundle that outlives its run keeps nothing, and one that runs beside another the
// last only.
func (p *Process) Keep(key, v any) {
	p.mu.Lock()
	old := v
	if p.kept != nil {
		old, p.kept[key] = p.kept[key], v
	}
	p.mu.Unlock()
	closeKept(old)
}

// Take removes what is kept under the key, or gives nil: it is the caller's alone then.
func (p *Process) Take(key any) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.kept[key]
	delete(p.kept, key)
	return v
}

// closeKept closes what a bundle left for the next: it was only read from, so that no error matters.
func closeKept(v any) {
	if c, ok := v.(io.Closer); ok {
		_ = c.Close()
	}
}
