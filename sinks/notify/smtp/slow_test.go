// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/aer-project/aer/sinks/notify"
)

func TestDroppedAfterData(t *testing.T) {
	s := serve(t, options{})
	s.onData = dropConnection
	n := open(t, s.config(), nil)
	if e := wantError(t, n.Notify(context.Background(), sample()), notify.ClassServer, 0, true); !e.Uncertain {
		t.Errorf("%v does not say that the message may have been taken", e)
	}
	s.onData = nil
	if err := n.Notify(context.Background(), sample()); err != nil {
		t.Fatal(err)
	}
	if raw, distinct := s.received(t, "u1@example.com"); len(raw) != 2 || distinct != 1 {
		t.Errorf("%d messages with %d ids, want 2 with 1", len(raw), distinct)
	}
}

// TestSlow: a server that does not answer costs the timeout, or what is left of the caller's, and can be tried again.
func TestSlow(t *testing.T) {
	for _, stage := range []string{"greeting", "recipient", "data"} {
		t.Run(stage, func(t *testing.T) {
			release := make(chan struct{})
			s := serve(t, options{})
			t.Cleanup(func() { close(release) }) // before the server stops, which waits for its connections
			c := s.config()
			c.Timeout = 300 * time.Millisecond
			switch stage {
			case "greeting":
				c.Port = silentPort(t)
			case "recipient":
				s.onRcpt = func(string) error { <-release; return nil }
			case "data":
				s.onData = func(*gosmtp.Conn) error { <-release; return nil }
			}
			wantError(t, open(t, c, nil).Notify(context.Background(), sample()), notify.ClassServer, 0, true)
		})
	}
}

// silentPort accepts connections and says nothing.
func silentPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().(*net.TCPAddr).Port // the kernel accepts
}

// TestCancelledWhileSending: a caller that goes away is not held up by the server.
func TestCancelledWhileSending(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, options{})
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(context.Background())
	s.onRcpt = func(string) error { cancel(); <-release; return nil }
	c := s.config()
	c.Timeout = time.Hour
	if err := open(t, c, nil).Notify(ctx, sample()); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestServerIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, options{})
	c := s.config()
	c.Port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, open(t, c, nil).Notify(context.Background(), sample()), notify.ClassServer, 0, true)
}

// TestHostileContentStaysInTheBody: no value of a notification gets out of its place in the message or the dialogue.
