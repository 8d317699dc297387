// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package cluster

import "syscall"

// apart keeps an interrupt at the terminal from a program, which is stopped in order instead.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
