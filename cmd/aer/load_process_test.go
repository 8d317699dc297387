// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// loadProcess is a program that takes messages in.
type loadProcess struct {
	t         *testing.T
	cmd       *exec.Cmd
	out, said bytes.Buffer
	stop      chan struct{}
	sampled   chan struct{}
	began     time.Time
	// resident is its memory, in MB, second by second.
	resident []int
	// ended is how it ended, counted what it said then.
	ended   string
	counted map[string]int64
}

// startLoad starts a program that ends with the test at the latest.
func startLoad(t *testing.T, name string, args ...string) *loadProcess {
	t.Helper()
	p := &loadProcess{t: t, cmd: exec.Command(name, args...), stop: make(chan struct{}), sampled: make(chan struct{}),
		began: time.Now()}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	go p.sample()
	return p
}

// sample notes the memory until the process ends, where the system says it.
func (p *loadProcess) sample() {
	defer close(p.sampled)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
		fields := strings.Fields(string(raw))
		if err != nil || len(fields) < 2 {
			continue
		}
		pages, err := strconv.Atoi(fields[1])
		if err == nil {
			p.resident = append(p.resident, pages*os.Getpagesize()>>20)
		}
	}
}

// end ends the process and waits for its end. One that is not killed must have drained, and says what it counted.
func (p *loadProcess) end(by syscall.Signal) {
	close(p.stop)
	<-p.sampled
	if err := p.cmd.Process.Signal(by); err != nil {
		p.t.Errorf("ending a process: %v", err)
	}
	err := p.cmd.Wait()
	p.ended = fmt.Sprintf("ended by %v after %v", by, time.Since(p.began).Round(time.Second))
	if by == syscall.SIGKILL {
		return
	}
	if err == nil {
		err = json.Unmarshal(p.out.Bytes(), &p.counted)
	}
	if err != nil {
		p.t.Errorf("a process %s: %v\n%s\n%s", p.ended, err, p.out.Bytes(), p.said.Bytes())
	}
}

// used says what it took of the machine.
func (p *loadProcess) used() string {
	s := p.cmd.ProcessState
	took := fmt.Sprintf("%.1f s of processor time", (s.UserTime() + s.SystemTime()).Seconds())
	if n := len(p.resident); n > 3 {
		first, rest := p.resident[n/3:2*n/3], p.resident[2*n/3:]
		took += fmt.Sprintf(", %d MB in its second third, %d MB in its last, %d MB at most", mean(first), mean(rest),
			slices.Max(p.resident))
	}
	return took
}

func mean(list []int) int {
	sum := 0
	for _, n := range list {
		sum += n
	}
	return sum / max(1, len(list))
}
