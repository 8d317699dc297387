// SPDX-License-Identifier: Apache-2.0

// Package outside starts servers that are not AER's own (emulators, engines, brokers) for integration tests: on free
// ports, up when Start returns, and gone with all their children when the test ends.
//
// Integration tests are named TestIntegration... and stand in the packages that they are about. They begin with Program
// or Wanted, which skips them unless AER_INTEGRATION=1 is set and what they need is there: make test-integration sets
// it, and says what ran and what was skipped and why.
package outside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Env is the variable that asks for integration tests.
const Env = "AER_INTEGRATION"

// startMax is how long a server may take until it answers: Java on a busy machine of two cores took 20 s.
const startMax = 2 * time.Minute

// Wanted skips a test unless integration tests are asked for.
func Wanted(t testing.TB) {
	t.Helper()
	if os.Getenv(Env) != "1" {
		t.Skipf("%s=1 is not set: make test-integration runs what needs servers of others", Env)
	}
}

// Program finds a program in the module's bin or on the PATH, or skips the test; how says where it would come from.
func Program(t testing.TB, name, how string) string {
	t.Helper()
	Wanted(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, "bin", name); executable(path) {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not here: %s", name, how)
	}
	return path
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// Server is how a server is started.
type Server struct {
	// Name is for messages.
	Name string
	// Ports is how many ports it takes; Args are given them and make its command line, the program first.
	Ports int
	Args  func(ports []int) []string
	// Dir is where it runs ("" = a folder of the test), Env what is added to our environment (NAME=value).
	Dir string
	Env []string
	// Ready says whether it can be used, beyond accepting connections on all of its ports; nil = it can.
	Ready func(ctx context.Context, ports []int) error
}

// Start starts a server and waits until it can be used. What it said is in the test's log if the test fails. It ends
// with the test, and also when the test's process dies.
func Start(t testing.TB, s Server) (ports []int) {
	t.Helper()
	Wanted(t)
	ports = freePorts(t, s.Ports)
	args := s.Args(ports)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = s.Dir, append(os.Environ(), s.Env...)
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	said := &output{}
	cmd.Stdout, cmd.Stderr = said, said
	t.Cleanup(func() { // runs after the cleanup of start: then nobody writes any more
		if t.Failed() {
			t.Logf("%s said:\n%s", s.Name, said)
		}
	})
	ended := start(t, cmd)
	ctx, stop := context.WithTimeout(t.Context(), startMax)
	defer stop()
	if err := s.wait(ctx, ports, ended); err != nil {
		t.Fatalf("starting %s: %v", s.Name, err)
	}
	t.Logf("%s is up on ports %v", s.Name, ports)
	return ports
}

// freePorts gives ports that nobody listens on now. Somebody else may take one before the server does, which then says
// so and fails the test.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all are held until the last is found, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// pollEvery is how often a server that starts is asked.
const pollEvery = 100 * time.Millisecond

func (s Server) wait(ctx context.Context, ports []int, ended <-chan error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := s.answers(ctx, ports)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case e := <-ended:
			return errors.Join(errors.New("it has ended"), e)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}

func (s Server) answers(ctx context.Context, ports []int) error {
	for _, p := range ports {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			return err
		}
		_ = c.Close()
	}
	if s.Ready == nil {
		return nil
	}
	return s.Ready(ctx, ports)
}

// output keeps the end of what a server says.
type output struct{ bytes.Buffer }

const outputBytesMax = 64 << 10

// Write implements io.Writer; os/exec writes from one goroutine where both streams are the same writer.
func (o *output) Write(p []byte) (int, error) {
	if o.Len()+len(p) > outputBytesMax {
		o.Next(o.Len() / 2)
	}
	return o.Buffer.Write(p)
}
