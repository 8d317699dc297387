// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aer-project/aer/transforms/source/bus"
)

// serve is the command "serve built|receiver|mail|bus": it starts one of the servers that the section names.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve built|receiver|mail|bus")
	}
	g := theGuide(ts)
	switch args[0] {
	case "built": // this binary is aer; the receiver is built here
		const build = "go build -o bin/receiver ./sinks/sessions/webhook/receiver"
		g.replaced = append(g.replaced, [2]string{"make build", ":"}, [2]string{build, ":"})
		makefile, err := os.ReadFile("../../Makefile")
		ts.Check(err)
		if !strings.Contains(string(makefile), "\nbuild: ") {
			ts.Fatalf("Makefile has no target build")
		}
		ts.Check(buildReceiver(ts.MkAbs("receiver")))
	case "receiver":
		const start = "receiver localhost:8080 secret &\n"
		if s, _ := g.next(ts); s.text != start {
			ts.Fatalf("README.md: %q, want %q", s.text, start)
		}
		g.replaced = append(g.replaced, [2]string{"localhost:8080", startReceiver(ts)})
	case "mail":
		smtp := fmt.Sprintf("host: 127.0.0.1, port: %d, ca_file: ca.pem", g.mail.start(ts))
		g.replaced = append(g.replaced, [2]string{"host: smtp.example.com", smtp})
	case "bus":
		g.bus = pstest.NewServer()
		ts.Defer(func() { _ = g.bus.Close() })
		g.replaced = append(g.replaced, [2]string{"localhost:8085", g.bus.Addr})
	default:
		ts.Fatalf("no server %q", args[0])
	}
}

func buildReceiver(to string) error {
	cmd := exec.Command("go", "build", "-o", to, "./sinks/sessions/webhook/receiver")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// startReceiver runs the receiver on a free port, with its output in the file receiver.log, and returns its address.
func startReceiver(ts *testscript.TestScript) string {
	cmd := exec.Command(ts.MkAbs("receiver"), "localhost:0", ts.MkAbs("secret"))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	log, err := os.Create(ts.MkAbs("receiver.log"))
	ts.Check(err)
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	ts.Check(err)
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(log, lines) }()
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait()
		_ = log.Close()
	})
	_, address, _ := strings.Cut(strings.TrimSpace(first), "http://")
	return address
}

// mailServer is a real SMTP server with STARTTLS and a mailbox for each address.
type mailServer struct {
	mu    sync.Mutex
	boxes map[string]string
}

// start listens, writes the authority of its certificate to ca.pem, and returns the port.
func (m *mailServer) start(ts *testscript.TestScript) int {
	m.boxes = map[string]string{}
	tls := httptest.NewTLSServer(nil) // for its certificate, which names 127.0.0.1
	ts.Defer(tls.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) {
		return &delivery{server: m}, nil
	}))
	srv.TLSConfig = tls.TLS.Clone()
	srv.TLSConfig.NextProtos = nil
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	ts.Defer(func() { _ = srv.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

// mailed is the command "mailed ADDRESS TEXT": a mail to the address has the text.
func mailed(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: mailed ADDRESS TEXT")
	}
	m := &theGuide(ts).mail
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.Contains(m.boxes[args[0]], args[1]) == neg {
		ts.Fatalf("mail to %s:\n%s", args[0], m.boxes[args[0]])
	}
}

// publish is the command "publish FILE...": it publishes each line of the files to the subscription of pubsub.yaml,
// which it creates if need be, and waits until all are acknowledged.
func publish(ts *testscript.TestScript, neg bool, args []string) {
	g := theGuide(ts)
	if neg || g.bus == nil {
		ts.Fatalf("usage: publish FILE..., after serve bus")
	}
	const topic, sub = "projects/acme/topics/events", "projects/acme/subscriptions/aer"
	if len(args) == 0 {
		ts.Check(bus.Subscribe(context.Background(), g.bus.Addr, topic, sub, bus.MaxAckDeadline))
		return
	}
	for _, f := range args {
		for line := range strings.Lines(ts.ReadFile(f)) {
			g.bus.Publish(topic, []byte(line), nil)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		open := 0
		for _, m := range g.bus.Messages() {
			if m.Acks == 0 {
				open++
			}
		}
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%d messages are not acknowledged after a minute", open)
		}
	}
}
