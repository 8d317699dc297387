// SPDX-License-Identifier: Apache-2.0

package cluster

import "syscall"

// apart keeps an interrupt at the terminal from a program, which is stopped in order instead, and has the kernel kill
// it if this process is killed.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
