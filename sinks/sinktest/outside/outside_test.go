// SPDX-License-Identifier: Apache-2.0

//go:build unix

package outside

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is the server of these tests as well, where the environment says so: it has a child, says the ids of both in
// a file, and listens.
func TestMain(m *testing.M) {
	port := os.Getenv("OUTSIDE_TEST_PORT")
	if port == "" {
		os.Exit(m.Run())
	}
	child := exec.Command("sleep", "1000")
	if err := child.Start(); err != nil {
		panic(err)
	}
	pids := fmt.Sprint(os.Getpid(), " ", child.Process.Pid)
	if err := os.WriteFile(os.Getenv("OUTSIDE_TEST_PIDS"), []byte(pids), 0o600); err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		_ = c.Close()
	}
}

func self(pids string) Server {
	return Server{Name: "the test itself", Ports: 1,
		Args: func(ports []int) []string {
			return []string{"/usr/bin/env", fmt.Sprint("OUTSIDE_TEST_PORT=", ports[0]), os.Args[0]}
		},
		Env: []string{"OUTSIDE_TEST_PIDS=" + pids}}
}

// gone waits for the end of processes: who was killed may need a moment to be gone.
func gone(t *testing.T, pids string) {
	t.Helper()
	raw, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(raw)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(10 * time.Second); alive(pid); {
			if time.Now().After(end) {
				t.Fatalf("process %d is still there", pid)
			}
		}
	}
}

// alive does not count who is dead and only waits to be noticed by a parent.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(raw), ") Z ")
}

func TestAServerAndItsChildrenEndWithTheTest(t *testing.T) {
	t.Setenv(Env, "1")
	pids, asked := filepath.Join(t.TempDir(), "pids"), 0
	t.Run("inner", func(t *testing.T) {
		s := self(pids)
		s.Ready = func(context.Context, []int) error {
			if asked++; asked < 3 {
				return errors.New("not yet")
			}
			return nil
		}
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", Start(t, s)[0]))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	})
	if asked != 3 {
		t.Errorf("it was asked %d times whether it is ready", asked)
	}
	gone(t, pids)
}

// TestAServerEndsWithTheProcess: a process that is killed cleans nothing up.
func TestAServerEndsWithTheProcess(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	if inner := os.Getenv("OUTSIDE_TEST_INNER"); inner != "" {
		t.Setenv(Env, "1")
		Start(t, self(inner))
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestAServerEndsWithTheProcess$")
	cmd.Env = append(os.Environ(), "OUTSIDE_TEST_INNER="+pids)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("it was not killed:\n%s", out)
	}
	gone(t, pids)
}

func TestAServerThatEndsIsNotWaitedFor(t *testing.T) {
	ended := start(t, exec.Command("false"))
	s := Server{Ports: 1}
	err := s.wait(t.Context(), freePorts(t, 1), ended)
	if err == nil || !strings.Contains(err.Error(), "it has ended\nexit status 1") {
		t.Errorf("got %v", err)
	}
}

func TestNothingRunsUnasked(t *testing.T) {
	t.Setenv(Env, "")
	skipped := t.Run("inner", func(t *testing.T) {
		Program(t, "sh", "")
		t.Error("not skipped")
	})
	t.Setenv(Env, "1")
	absent := t.Run("absent", func(t *testing.T) {
		Program(t, "no-such-program", "make it")
		t.Error("not skipped")
	})
	if !skipped || !absent || Program(t, "sh", "") == "" {
		t.Error("want two skipped tests, and a shell")
	}
}
