// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

// The child process of the tests below: the servers it talks to, "SESSIONS DM MAIL".
const envOutside = "AER_TEST_OUTSIDE"

// envShared lets several children work on one store at once.
const envShared = "AER_TEST_SHARED"

// respondOverTheWire is the child: ledger and audit log in files of dir, everything else outside, death by SIGKILL at
// the given point. It prints how many points it passed.
func respondOverTheWire(dir, killAt, servers string) error {
	at, err := strconv.Atoi(killAt)
	if err != nil {
		return err
	}
	addr := strings.Fields(servers)
	out, err := connect(addr[0], addr[1], addr[2])
	if err != nil {
		return err
	}
	passed := 0
	point := func(string) error {
		if passed++; passed == at {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}
	s, audit, err := openFiles(dir, os.Getenv(envShared) != "")
	if err != nil {
		return err
	}
	start := time.Now()
	rows, err := warehouse.OpenNDJSON(dir)
	if err != nil {
		return err
	}
	r, err := response.New(response.Config{
		Warehouse: sinktest.FaultyWarehouse{Writer: rows, Point: point},
		Ledger:    sinktest.FaultyLedger{Ledger: ledger.New(s), Point: point},
		Sessions:  sinktest.FaultySessions{Sessions: out.sessions, Point: point},
		Audit:     sinktest.FaultyAudit{Audit: audit, Point: point},
		Notifier:  sinktest.FaultyNotifier{Notifier: out.notifier, Point: point},
		Directory: directory.New(s), Settings: stored.New(s),
		Now: func() time.Time { return sinktest.T0.Add(time.Since(start)) },
	})
	if err != nil {
		return err
	}
	a, d := respondTo("O1", "U1", "D1")
	if err = r.Respond(context.Background(), a, d); err != nil {
		return err
	}
	fmt.Println(passed)
	return errors.Join(rows.Close(), s.Close(), out.close())
}

// openFiles opens the store and the audit log: for this process alone, or for several at once.
func openFiles(dir string, shared bool) (kv.Store, response.AuditSink, error) {
	path := filepath.Join(dir, "aer.db")
	if shared {
		s, err := kv.OpenShared(path, kv.Options{LockTimeout: 10 * time.Second})
		if err != nil {
			return nil, nil, err
		}
		return s, trail.New(s), nil
	}
	s, err := kv.Open(path, kv.Options{})
	if err != nil {
		return nil, nil, err
	}
	audit, err := trail.OpenFile(context.Background(), s, filepath.Join(dir, "audit.ndjson"))
	return s, audit, err
}

// wireChild starts the child and returns how many points it passed, or that it was killed.
func wireChild(t *testing.T, o *outside, dir string, killAt int, started func(pid int),
	extra ...string) (passed int, killed bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), envKillDir+"="+dir, envKillAt+"="+strconv.Itoa(killAt), envOutside+"="+o.sessionsURL+
		" "+o.dmURL+" "+o.mailAddr)
	cmd.Env = append(cmd.Env, extra...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started(cmd.Process.Pid)
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return 0, true
	}
	if err != nil {
		t.Fatalf("child: %v\n%s", err, stderr.String())
	}
	if passed, err = strconv.Atoi(strings.TrimSpace(stdout.String())); err != nil {
		t.Fatal(err)
	}
	return passed, false
}

func noPID(int) {}

// TestSIGKILLOverTheWire kills a real process before and after every call of a ledger or an outside server, lets
// another finish, and asks the servers what they have seen. Each thing has happened once. The one exception is what
// SMTP cannot promise (see package smtp): a mail that was accepted in the moment of death may come again, with the same
// Message-ID.
func TestSIGKILLOverTheWire(t *testing.T) {
	o := startOutside(t)
	o.world.SignIn("O1", "U1", "S1", "S2")
	points, _ := wireChild(t, o, prepared(t), 0, noPID)
	if points < 40 {
		t.Fatalf("only %d points: are the sinks still wrapped?", points)
	}
	stride := 1
	if testing.Short() {
		stride = 7
	}
	twice := 0
	for at := 1; at <= points; at += stride {
		o := startOutside(t)
		o.world.SignIn("O1", "U1", "S1", "S2")
		dir := prepared(t)
		if _, killed := wireChild(t, o, dir, at, noPID); !killed {
			t.Fatalf("the child survived point %d", at)
		}
		wireChild(t, o, dir, 0, noPID)
		wireChild(t, o, dir, 0, noPID) // delivered once more
		twice += o.wantOnce(t, dir)
		if t.Failed() {
			t.Fatalf("killed at point %d", at)
		}
	}
	if twice > 4 { // after the call and before its record is written, for each of two mails
		t.Errorf("%d mails came twice, at most the 4 killed between acceptance and record can", twice)
	}
}

// TestSIGKILLWhileAServerActs: a server that has done what it was asked kills the asking process before it answers.
func TestSIGKILLWhileAServerActs(t *testing.T) {
	for _, server := range []string{serverSessions, serverDM, serverMail} {
		t.Run(server, func(t *testing.T) {
			o := startOutside(t)
			o.world.SignIn("O1", "U1", "S1", "S2")
			dir := prepared(t)
			pid := make(chan int, 1)
			o.set(func() {
				o.acted = func(s string) error {
					if s != server {
						return nil
					}
					select {
					case p := <-pid:
						return errors.Join(syscall.Kill(p, syscall.SIGKILL), errors.New("nobody hears the answer"))
					default:
						return nil // only the first time
					}
				}
			})
			if _, killed := wireChild(t, o, dir, 0, func(p int) { pid <- p }); !killed {
				t.Fatal("the child survived")
			}
			o.world.SignIn("O1", "U1", "S3") // the person is back before AER is
			wireChild(t, o, dir, 0, noPID)
			twice := o.wantOnce(t, dir)
			if want := map[bool]int{server == serverMail: 1}[true]; twice != want {
				t.Errorf("%d mails came twice, want %d", twice, want)
			}
			if alive := o.world.Alive("O1", "U1"); !cmp.Equal(alive, []string{"S3"}) {
				t.Errorf("sessions alive: %v, want the new login only", alive)
			}
		})
	}
}

// TestTheSameDecisionInSeveralProcesses: delivered three times at once, to processes that share one store. The claims
// of the ledger let one of them act.
func TestTheSameDecisionInSeveralProcesses(t *testing.T) {
	o := startOutside(t)
	o.world.SignIn("O1", "U1", "S1", "S2")
	dir := prepared(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, killed := wireChild(t, o, dir, 0, noPID, envShared+"=yes"); killed {
				t.Error("a child was killed")
			}
		})
	}
	wg.Wait()
	wireChild(t, o, dir, 0, noPID) // alone, which brings the audit file up to date
	if twice := o.wantOnce(t, dir); twice != 0 {
		t.Errorf("%d mails came twice", twice)
	}
}

// wantOnce checks what the servers have seen of the one response, and returns how many mails came twice.
func (o *outside) wantOnce(t *testing.T, dir string) (twice int) {
	t.Helper()
	mails, distinct := o.received(t)
	if !cmp.Equal(distinct, map[string]int{"ada@acme.example": 1, "olu@acme.example": 1}) {
		t.Errorf("different mails by address: %v", distinct)
	}
	for _, n := range mails {
		twice += n - 1
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends != 1 || len(o.dms) != 1 {
		t.Errorf("sessions ended %d times, %d direct messages, want one each", o.ends, len(o.dms))
	}
	for key, n := range o.dms {
		if n != 1 {
			t.Errorf("message %s took effect %d times", key, n)
		}
	}
	if audit, err := os.ReadFile(filepath.Join(dir, "audit.ndjson")); err != nil ||
		strings.Count(string(audit), aerv1.ActionSessionsReset) != 1 {
		t.Errorf("audit file is %q, %v", audit, err)
	}
	return twice
}
