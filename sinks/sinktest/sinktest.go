// SPDX-License-Identifier: Apache-2.0

// Package sinktest holds the suites that every implementation of a sink's interface passes, and the means to make sinks
// fail at a chosen moment.
//
// A suite gets a function that opens a fresh implementation and one that opens the same again, as after a restart.
package sinktest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// Open gives a suite a fresh implementation, and the function that closes it and opens it again with what it has kept.
type Open[T any] func(t *testing.T) (fresh T, reopen func() T)

// T0 is the time at which the suites' stories begin.
var T0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// HostileIDs are ids that have broken something somewhere: separators, path and key tricks, line breaks, markup, very
// long ones, and pairs that look alike or run together when joined.
var HostileIDs = []string{
	"a", "a/b", "a/b/c", "b", "../a", "..", ".", "/", "a\x00b", "a\x00", "\x00", "a\nb", "a\r\nBcc: x@example.com",
	"a b", " a", "a.",
	`a\`, `a"`, "a'", "<b>a</b>", "{{.}}", "$(a)", "%00", "%2f", "a|b", "aa", "A",
	"а",                       // Cyrillic, looks like a
	"é", "e\u0301", "\u202ea", // composed, decomposed, right-to-left override
	strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("x", 4000), strings.Repeat("x", 3999) + "y",
}

// ParallelCalls is how many callers the suites start at once.
const ParallelCalls = 8

// Together calls f in several goroutines at once and waits for all.
func Together(f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range ParallelCalls {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// Cancelled is a context that is over.
func Cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Must ends the test on an error.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WantIs ends the test if an error is not the one wanted.
func WantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}
