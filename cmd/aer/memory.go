// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryLimitEnv is Go's own variable: who sets it has decided.
const memoryLimitEnv = "GOMEMLIMIT"

// besideGo is what the process may take besides Go's heap: 512 MB of DuckDB's buffers (duckdb.DefaultMemoryMB), the
// program itself, threads, and pages of the stores that are being written.
const besideGo = 1 << 30

// limitMemory has Go collect garbage more often before the memory of the container is at its end, instead of being
// killed. Without a limit, or with GOMEMLIMIT, it does nothing.
func limitMemory(container memlimit.Provider) error {
	if os.Getenv(memoryLimitEnv) != "" {
		return nil
	}
	limit, err := container()
	if errors.Is(err, memlimit.ErrNoLimit) || errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the memory limit of the container: %w", err)
	}
	debug.SetMemoryLimit(int64(goShare(limit)))
	return nil
}

// goShare is how much of a container's memory Go may take: all but what is beside it, and half at least.
func goShare(limit uint64) uint64 {
	if limit < 2*besideGo {
		return limit / 2
	}
	return limit - besideGo
}
