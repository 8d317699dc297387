// SPDX-License-Identifier: Apache-2.0

package event

import "sync"

// ahead decodes the chunks of a file on several cores before they are asked for. Every worker in turn cuts off the next
// chunk, puts it into the queue and decodes it there, so that the queue is in the order of the file and bounds what is
// held: its length and one for each worker.
type ahead struct {
	mu    sync.Mutex // guards cut: the workers read the file one at a time
	cut   *cutter
	queue chan *chunk
	quit  chan struct{}
}

func startAhead(cut *cutter, workers int) *ahead {
	a := &ahead{cut: cut, queue: make(chan *chunk, workers), quit: make(chan struct{})}
	for range workers {
		go a.work()
	}
	return a
}

// work decodes chunks to the end of the file, or until stop.
func (a *ahead) work() {
	d := newDecoder()
	for {
		k := a.claim()
		if k == nil {
			return
		}
		last := k.last
		k.decode(d, a.cut.name, &a.cut.opt)
		k.ready <- struct{}{}
		if last {
			return
		}
	}
}

// claim cuts off a chunk and puts it into the queue; nil means that there is none.
func (a *ahead) claim() *chunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cut.over || a.stopped() {
		return nil
	}
	k := a.cut.next()
	select {
	case a.queue <- k:
	case <-a.quit:
		return nil
	}
	return k
}

func (a *ahead) stopped() bool {
	select {
	case <-a.quit:
		return true
	default:
		return false
	}
}

// next gives the next chunk, decoded; nil after stop. It must not be called after the last.
func (a *ahead) next() *chunk {
	select {
	case k := <-a.queue:
		<-k.ready
		return k
	case <-a.quit:
		return nil
	}
}

// stop lets the workers end: at once, or when what they read answers.
func (a *ahead) stop() { close(a.quit) }
