// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"runtime/debug"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func TestLimitMemory(t *testing.T) {
	const mb, unchanged = 1 << 20, 12345 << 20
	broken := func() (uint64, error) { return 0, errors.New("no such file") }
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for name, c := range map[string]struct {
		container memlimit.Provider
		env       string
		want      int64
		fails     bool
	}{
		"small":            {container: memlimit.Limit(1024 * mb), want: 512 * mb},
		"large":            {container: memlimit.Limit(8192 * mb), want: 7168 * mb},
		"none":             {container: none, want: unchanged},
		"broken":           {container: broken, want: unchanged, fails: true},
		"somebody decided": {container: memlimit.Limit(1024 * mb), env: "2GiB", want: unchanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(memoryLimitEnv, c.env)
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(unchanged))
			if err := limitMemory(c.container); (err != nil) != c.fails {
				t.Error(err)
			}
			if got := debug.SetMemoryLimit(-1); got != c.want {
				t.Errorf("limit is %d MB, want %d", got/mb, c.want/mb)
			}
		})
	}
}
