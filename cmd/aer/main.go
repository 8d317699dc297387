// SPDX-License-Identifier: Apache-2.0

// Command aer finds accounts that behave as if someone else were driving them, ends their sessions, and tells people
// why.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func main() {
	if err := limitMemory(memlimit.FromCgroup); err != nil {
		fmt.Fprintf(os.Stderr, "aer: going on without a memory limit: %v\n", err)
	}
	os.Exit(mainExit())
}

// mainExit is main without the exit, so that scripts can run it inside a test.
func mainExit() int {
	if isWorker(os.Args[1:]) {
		return runWorker()
	}
	if id, provision, ok := workerFor(os.Args[1:]); ok {
		return work(id, provision, os.Stderr)
	}
	return execute(launched(os.Args[1:], os.Getenv), streams{os.Stdin, os.Stdout, os.Stderr})
}

// sticky is a writer that remembers its first error, so that output nobody received is not called a success.
type sticky struct {
	io.Writer
	err error
}

// Write writes, or does nothing after a failure.
func (s *sticky) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.Writer.Write(b)
	s.err = err
	return n, err
}

// Unwrap returns the writer beneath, which may be a terminal.
func (s *sticky) Unwrap() io.Writer { return s.Writer }

// streams are the three standard files: data goes to out, logs and progress to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
