// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
)

// outageLasts is how long the servers misbehave, and answers how long an attempt waits for an answer: real time, and
// spent in full only where a server is slow.
const (
	outageLasts = 10 * time.Minute
	answers     = 150 * time.Millisecond
)

var servers = []string{serverSessions, serverMail, serverDM}

// overTheWire is a fixture whose responder talks to outside servers by the production adapters, and whose clock is the
// test's.
func overTheWire(t *testing.T) (*fixture, *outside) {
	t.Helper()
	o := startOutside(t)
	a, err := connect(o.sessionsURL, o.dmURL, o.mailAddr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	f := newFixture(t)
	c := f.config(f.store)
	c.Sessions, c.Notifier, c.AttemptTimeout = a.sessions, a.notifier, answers
	f.Responder = newResponder(t, c)
	return f, o
}

// faults are the ways in which a server can misbehave. Each undoes itself when the clock says that the outage is over.
var faults = map[string]func(f *fixture, o *outside, server string){
	"down": func(f *fixture, o *outside, server string) {
		o.set(func() { o.down = func(s string) bool { return s == server && f.inOutage() } })
	},
	"failing": func(f *fixture, o *outside, server string) {
		o.answer(f, server, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "try later", http.StatusServiceUnavailable)
		},
			&gosmtp.SMTPError{Code: 421, EnhancedCode: gosmtp.EnhancedCode{4, 3, 2}, Message: "try later"})
	},
	// 200 with an error in the body; mail has no such thing: a temporary reply
	"lying": func(f *fixture, o *outside, server string) {
		o.answer(f, server, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"ok":false,"error":"internal_error"}`)
		}, &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 3, 0}, Message: "internal error"})
	},
}

func (f *fixture) inOutage() bool { return f.clock.Now().Before(sinktest.T0.Add(outageLasts)) }

func (o *outside) answer(f *fixture, server string, web func(http.ResponseWriter, *http.Request), mail error) {
	o.set(func() {
		o.fault = func(s string, w http.ResponseWriter, r *http.Request) bool {
			if s != server || !f.inOutage() {
				return false
			}
			web(w, r)
			return true
		}
		o.mailFault = func(s string) error {
			if s == server && f.inOutage() {
				return mail
			}
			return nil
		}
	})
}

// TestServersMisbehaveForTenMinutes: one server at a time is down, failing or lying for ten minutes while decisions
// about many people come in. The stream goes on, the backlog drains when the server is well, nothing is lost and
// nothing happens twice.
func TestServersMisbehaveForTenMinutes(t *testing.T) {
	for name, fault := range faults {
		for _, server := range servers {
			t.Run(name+" "+server, func(t *testing.T) {
				f, o := overTheWire(t)
				fault(f, o, server)
				const people = 6
				took := f.decideAbout(o, people)
				if took > 3*response.Patience {
					t.Errorf("the stream was held up for %v by %d decisions", took, people)
				}
				for f.inOutage() {
					_ = f.clock.Sleep(context.Background(), response.SweepEvery)
					if _, err := f.Resume(context.Background()); err == nil && f.inOutage() {
						t.Fatal("everything is done while the server misbehaves")
					}
				}
				if _, err := f.Resume(context.Background()); err != nil {
					t.Fatalf("the backlog does not drain: %v", err)
				}
				f.decideAbout(o, people) // delivered again
				o.wantEach(t, f, people)
			})
		}
	}
}

// decideAbout responds to decisions about n people, the rest of each left to Resume, and returns how long that took.
func (f *fixture) decideAbout(o *outside, n int) time.Duration {
	f.t.Helper()
	began := f.clock.Now()
	for i := range n {
		user := fmt.Sprint("P", i)
		o.set(func() { o.world.SignIn("O1", user, "S1"+user) })
		a, d := respondTo("O1", user, "D-"+user)
		if err := f.Respond(context.Background(), a, d); err != nil && !errors.Is(err, response.ErrPending) {
			f.t.Fatal(err)
		}
	}
	return f.clock.Now().Sub(began)
}

// wantEach checks that each of n responses has been carried out once and in full: sessions, audit, and mail and message
// to the one admin (the people themselves are not in the directory, so their mail is a dead letter).
func (o *outside) wantEach(t *testing.T, f *fixture, n int) {
	t.Helper()
	mails, distinct := o.received(t)
	if mails["olu@acme.example"] != n || distinct["olu@acme.example"] != n {
		t.Errorf("%d mails, %d different, want %d", mails["olu@acme.example"], distinct["olu@acme.example"], n)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends != n || len(o.dms) != n || len(f.world.Audit()) != n {
		t.Errorf("sessions ended %d times, %d direct messages, %d audit entries, want %d of each", o.ends, len(o.dms),
			len(f.world.Audit()), n)
	}
	all, err := response.List(context.Background(), ledger.New(f.store), "O1")
	if err != nil || len(all) != n || slices.ContainsFunc(all, func(s *response.Summary) bool { return s.Open }) {
		t.Errorf("%d responses, some open, %v", len(all), err)
	}
}

// TestASlowServerHoldsUpItsOwnStepOnly: a server that does not answer costs one attempt at a time and is asked again
// with the same key; what it did without our hearing of it is not done twice.
func TestASlowServerHoldsUpItsOwnStepOnly(t *testing.T) {
	for _, server := range servers {
		t.Run(server, func(t *testing.T) {
			f, o := overTheWire(t)
			release := make(chan struct{})
			slow := true
			o.set(func() {
				o.acted = func(s string) error { // it has acted, and takes its time to say so
					o.mu.Lock()
					wait := s == server && slow
					slow = slow && !wait
					o.mu.Unlock()
					if wait {
						<-release
					}
					return nil
				}
			})
			f.decideAbout(o, 1)
			close(release)
			if _, err := f.Resume(context.Background()); err != nil {
				t.Fatal(err)
			}
			mails, distinct := o.received(t)
			if server == serverMail && (mails["olu@acme.example"] > 2 || distinct["olu@acme.example"] != 1) {
				t.Errorf("%d mails, %d different", mails["olu@acme.example"], distinct["olu@acme.example"])
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.ends != 1 || len(o.dms) != 1 || len(f.world.Audit()) != 1 {
				t.Errorf("sessions ended %d times, %d direct messages, %d audit entries", o.ends, len(o.dms), len(f.world.Audit()))
			}
		})
	}
}

// mailboxes is a messenger for which single addresses fail, each as often as it says.
type mailboxes struct {
	notify.Notifier
	failing map[string]int
	err     error
}

func (m mailboxes) Notify(ctx context.Context, n *aerv1.Notification) error {
	if m.failing[n.GetAddress()] > 0 {
		m.failing[n.GetAddress()]--
		return m.err
	}
	return m.Notifier.Notify(ctx, n)
}

// An admin's mailbox that is full costs the stream its patience once, and nobody else's mail loses any: a blip of that
// is cured within the call. Of a server that is down one cannot tell, and every mail is tried once.
func TestAFullMailboxCostsNobodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		pending []bool
	}{
		"mailbox": {retry.OneOnly(errServer), []bool{true, false, false}},
		"server":  {errServer, []bool{true, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			conf := f.config(f.store)
			m := mailboxes{f.world, map[string]int{"full@x.example": 1 << 30}, c.err}
			conf.Notifier = m
			f.Responder = newResponder(t, conf)
			for i, full := range []string{"full@x.example", "olu@acme.example", "olu@acme.example"} {
				_, dir := orgOf("O1", "U1")
				dir.People[1].Email = full
				if err := sinktest.PutPeople(context.Background(), f.store, dir); err != nil {
					t.Fatal(err)
				}
				m.failing["ada@acme.example"] = map[int]int{1: 1}[i]
				a, d := respondTo("O1", "U1", fmt.Sprint("D", i))
				if err := f.Respond(context.Background(), a, d); errors.Is(err, response.ErrPending) != c.pending[i] ||
					err != nil && !c.pending[i] {
					t.Errorf("response %d: %v", i, err)
				}
			}
		})
	}
}

// TestSweepDrainsTheBacklog: the ticks of a running pipeline are enough.
func TestSweepDrainsTheBacklog(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before notify dm", 1000, errServer)
	if err := f.respond(); !errors.Is(err, response.ErrPending) {
		t.Fatal(err)
	}
	ticks := make(chan time.Time)
	swept := make(chan int)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Sweep(ctx, ticks, func(completed int, _ error) { swept <- completed })
	}()
	ticks <- f.clock.Now()
	if n := <-swept; n != 0 {
		t.Errorf("%d completed while the server fails", n)
	}
	f.point = failing("", 0, nil)
	ticks <- f.clock.Now()
	if n := <-swept; n != 1 {
		t.Errorf("%d completed", n)
	}
	ticks <- f.clock.Now() // nothing left: not told
	cancel()
	<-ended
	f.wantOnce()
}
