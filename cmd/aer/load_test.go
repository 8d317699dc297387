// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/sinktest/outside"
)

const (
	// loadEnv is for how long the load lasts, for example 5m.
	loadEnv  = "AER_LOAD"
	loadFor  = 24 * time.Second
	loadRate = 2000
	// loadPatience is how much longer everything may take to come: what a killed process held comes after a minute.
	loadPatience = 100 * time.Second
)

// loadLasts is for how long the load lasts.
func loadLasts(t *testing.T) time.Duration {
	outside.Wanted(t)
	text := os.Getenv(loadEnv)
	if text == "" {
		return loadFor
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s: %v", loadEnv, err)
	}
	return d
}

// TestIntegrationPubSubLoad: 2,000 messages a second, some refused or left to their deadline by another subscriber and
// some published twice, while the process that takes them in is ended once by SIGTERM and killed twice. What is
// acknowledged is written down: nothing is lost, and no process takes a message in twice.
func TestIntegrationPubSubLoad(t *testing.T) {
	lasts := loadLasts(t)
	b := newLoadBus(t)
	dir := t.TempDir()
	c := &chaos{t: t, start: func(n int) *loadProcess {
		return startLoad(t, "taker", b.addr, filepath.Join(dir, fmt.Sprint(n, ".txt")))
	}}
	c.under(b, lasts)
	var came *arrivals
	for deadline := time.Now().Add(loadPatience); ; {
		came = readArrivals(t, dir)
		if came.distinct() >= b.events+b.garbage || time.Now().After(deadline) {
			break
		}
		time.Sleep(time.Second) // between two looks
	}
	c.last(syscall.SIGTERM)
	came = readArrivals(t, dir)
	t.Logf("published %d events, %d of them twice, and %d pieces of garbage; another subscriber handed %d back", b.events,
		b.repeated, b.garbage, b.handedBack.Load())
	t.Logf("taken in by %d processes: %d different, %d again by a later process, %d again by the same", len(c.all),
		came.distinct(), came.again, came.againInOne)
	c.report()
	if lost := b.events + b.garbage - came.distinct(); lost != 0 || came.againInOne != 0 {
		t.Errorf("%d messages are lost, %d were taken in twice by one process", lost, came.againInOne)
	}
	if came.lines != came.distinct()+came.again+came.againInOne {
		t.Errorf("%d lines do not add up", came.lines)
	}
}

// arrivals is what the files of takers say.
type arrivals struct {
	byName map[string]int // name → the last process that noted it
	lines  int
	// again were noted by another process before, againInOne by the same.
	again, againInOne int
}

func (a *arrivals) distinct() int { return len(a.byName) }

func readArrivals(t *testing.T, dir string) *arrivals {
	t.Helper()
	a := &arrivals{byName: map[string]int{}}
	for n := 0; ; n++ {
		raw, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(n, ".txt")))
		if err != nil {
			return a
		}
		for name := range strings.Lines(string(raw)) {
			before, ok := a.byName[name]
			switch {
			case ok && before == n:
				a.againInOne++
			case ok:
				a.again++
			}
			a.byName[name] = n
			a.lines++
		}
	}
}

// chaos ends the process that takes messages in, and starts the next.
type chaos struct {
	t     *testing.T
	start func(n int) *loadProcess
	all   []*loadProcess
}

func (c *chaos) next() {
	c.all = append(c.all, c.start(len(c.all)))
}

// last ends the process that runs.
func (c *chaos) last(by syscall.Signal) { c.all[len(c.all)-1].end(by) }

// under has messages come for so long, while the process is ended at a quarter, half and three quarters of it.
func (c *chaos) under(b *loadBus, lasts time.Duration) {
	ctx, stop := context.WithCancel(c.t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	began := time.Now()
	wg.Go(func() { b.handBack(ctx) })
	wg.Go(func() {
		c.next()
		for i, by := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGKILL} {
			time.Sleep(time.Until(began.Add(lasts * time.Duration(i+1) / 4))) // the timetable
			c.last(by)
			c.next()
		}
	})
	b.fill(ctx, loadRate, began.Add(lasts))
}

// memoryMax is what a process may have resident at most, in MB: far above what the source, its bound and what is
// remembered of messages need, and far below what 5 minutes of events are in memory.
const memoryMax = 400

// report says what each process took and counted, and checks that its memory is bounded and that it acknowledged what
// it pulled.
func (c *chaos) report() {
	for i, p := range c.all {
		c.t.Logf("process %d, %s: %s; counted %v", i, p.ended, p.used(), p.counted)
		if len(p.resident) > 0 && slices.Max(p.resident) > memoryMax {
			c.t.Errorf("process %d had more than %d MB: %v", i, memoryMax, p.resident)
		}
		if n := p.counted; n["pubsub/pulled"] != n["pubsub/acknowledged"] ||
			n["pubsub/pulled"] != n["ingest/messages"]+n["pubsub/duplicates"] {
			c.t.Errorf("process %d does not add up: %v", i, n)
		}
	}
}
