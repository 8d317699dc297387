// SPDX-License-Identifier: Apache-2.0

//go:build unix

package outside

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// start starts a server in a process group of its own, which ends with the test. Beside it stands a shell that reads
// from a pipe of ours: it sees the pipe's end when our process dies without having cleaned up, and then ends the group.
func start(t testing.TB, cmd *exec.Cmd) (ended <-chan error) {
	t.Helper()
	own := &syscall.SysProcAttr{Setpgid: true}
	cmd.SysProcAttr = own
	cmd.WaitDelay = time.Second // a grandchild that outlives the server may hold its output
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting a server: %v", err)
	}
	group := cmd.Process.Pid
	done := make(chan error, 1)
	go func() { done <- cmd.Wait(); close(done) }()
	guard := exec.Command("sh", "-c", fmt.Sprintf("cat >/dev/null; kill -9 -%d 2>/dev/null", group))
	guard.SysProcAttr = own
	pipe, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-group, syscall.SIGKILL) // none is left: fine
		for range done {
		}
		if guard.Process != nil {
			_ = syscall.Kill(-guard.Process.Pid, syscall.SIGKILL) // before it sees the end of the pipe
			_ = pipe.Close()
			_ = guard.Wait() // killed, as meant
		}
	})
	if err != nil {
		t.Fatalf("guarding a server: %v", err)
	}
	return done
}
