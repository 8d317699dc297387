// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of /proc: Linux has it so on every machine that Go runs on.
const ticksPerSecond = 100

// CPU is the processor time that the programs have taken so far, with the workers that they started.
func (c *Cluster) CPU() time.Duration {
	groups := map[string]bool{}
	for _, p := range c.all() {
		groups[strconv.Itoa(p.cmd.Process.Pid)] = true
	}
	var ticks int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		f := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if len(f) < 15 || !groups[f[2]] {
			continue
		}
		for _, n := range f[11:15] { // in the program and for it, and of what it started and has ended
			t, _ := strconv.Atoi(n)
			ticks += t
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// Workers are the process ids of the workers that TaskManagers have started.
func (c *Cluster) Workers() (ids []int) {
	for _, p := range c.managers {
		pid := p.cmd.Process.Pid
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, t := range tasks {
			more, _ := os.ReadFile(t)
			raw = append(append(raw, ' '), more...)
		}
		seen := map[int]bool{}
		for _, f := range strings.Fields(string(raw)) {
			if id, err := strconv.Atoi(f); err == nil && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}
