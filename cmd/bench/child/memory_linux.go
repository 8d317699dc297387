// SPDX-License-Identifier: Apache-2.0

package child

import (
	"os"
	"syscall"
)

// kilobyte is the unit of Linux's ru_maxrss.
const kilobyte = 1 << 10

func memoryMax(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss * kilobyte
}
