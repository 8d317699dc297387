// SPDX-License-Identifier: Apache-2.0

// Package child runs programs and says what they took of the machine.
package child

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Command is a program with its arguments. It stays in our process group, so that an interrupt ends it too.
type Command struct {
	// Dir is where it runs ("" = here), Env what is added to our environment (NAME=value).
	Dir  string
	Env  []string
	Args []string
}

// Taken is what a program took until it ended.
type Taken struct {
	// Wall is the time on the clock, CPU that of all its threads, in the program and in the kernel for it.
	Wall, CPU time.Duration
	// MemoryMax is the most that was resident at once, in bytes; 0 where the system does not say. Linux counts our own as
	// well until the program is loaded, which is why the bench keeps itself small.
	MemoryMax int64
}

// Run runs a program to its end and returns its standard output. An error has what it said on standard error.
func (c Command) Run(ctx context.Context) (out []byte, t Taken, err error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	out, err = cmd.Output()
	t.Wall = time.Since(began)
	if state := cmd.ProcessState; state != nil {
		t.CPU, t.MemoryMax = state.UserTime()+state.SystemTime(), memoryMax(state)
	}
	if err != nil {
		err = fmt.Errorf("running %s: %w\n%s", strings.Join(c.Args, " "), err, said.Bytes())
	}
	return out, t, err
}
