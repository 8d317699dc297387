package transforms

import (
	"sync"
	"sync/atomic"
)

// A Run ties together the DoFns of one pipeline in this process: the signal to drain, and how much work is on its way.
// DoFns know their run by id, because nothing but JSON reaches them; where runner and workers are other processes, the
// run a DoFn finds is one that nobody ever stops and that is never full.
type run struct {
	stop     chan struct{}
	stopOnce sync.Once
	inflight atomic.Int64
}

var runs = struct {
	sync.Mutex
	byID map[string]*run
}{byID: map[string]*run{}}

func runOf(id string) *run {
	runs.Lock()
	defer runs.Unlock()
	r, ok := runs.byID[id]
	if !ok {
		r = &run{stop: make(chan struct{})}
		runs.byID[id] = r
	}
	return r
}

// Drain tells the sources of the run to stop after what they have pulled is committed. The pipeline then ends by itself:
// the watermark goes to infinity, windows close and everything on its way is processed.
func Drain(runID string) {
	r := runOf(runID)
	r.stopOnce.Do(func() { close(r.stop) })
}

// Forget frees what this process keeps for the run, once it has ended.
func Forget(runID string) {
	runs.Lock()
	delete(runs.byID, runID)
	runs.Unlock()
	shards.forget(runID)
	forgetFiles(runID)
}

func (r *run) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}
