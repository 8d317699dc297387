// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/source/bus"
)

const (
	liveTopic = "projects/p/topics/events"
	liveSub   = "projects/p/subscriptions/aer"
	// liveFor is how long a living run may take for anything that is asked of it: generous, since nothing waits for it but
	// a test that fails.
	liveFor = 90 * time.Second
	// liveLook is how often it is looked whether it happened.
	liveLook = 100 * time.Millisecond
)

// living is an aer run in a process of its own, with the bus that it is subscribed to.
type living struct {
	t    *testing.T
	dir  string // where it was started
	bus  *pstest.Server
	sent int

	mu  sync.Mutex
	log bytes.Buffer
	cmd *exec.Cmd
}

// Write implements io.Writer for what the process logs.
func (l *living) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(b)
}

func (l *living) logged() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

// startRun starts aer run in a folder of its own, on a subscription that stays open. more is added to the
// configuration.
func startRun(t *testing.T, more string) *living {
	t.Helper()
	l := &living{t: t, dir: t.TempDir(), bus: pstest.NewServer()}
	t.Cleanup(func() { _ = l.bus.Close() })
	if err := bus.Subscribe(t.Context(), l.bus.Addr, liveTopic, liveSub, 60); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, text := range map[string]string{
		"tor.tsv": fmt.Sprintf("203.0.113.5\t%d\t%d\n", now.Add(-time.Hour).Unix(), now.Add(time.Hour).Unix()),
		"aer.yaml": fmt.Sprintf("source: {kind: pubsub, subscription: %s, endpoint: %q}\nout: out\nwarehouse: {kind: "+
			"none}\nenrich:\n  tor: [{path: tor.tsv}]\n%s", liveSub, l.bus.Addr, more),
	} {
		if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.cmd = exec.Command("aer", "run", "--config", "aer.yaml")
	l.cmd.Dir, l.cmd.Stdout, l.cmd.Stderr = l.dir, l, l
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if l.cmd.ProcessState == nil {
			_ = l.cmd.Process.Kill()
			_ = l.cmd.Wait()
		}
	})
	return l
}

// throughTor publishes a login of somebody new through a Tor exit, and returns who it is.
func (l *living) throughTor() (user string) {
	l.t.Helper()
	l.sent++
	user = fmt.Sprintf("u%d", l.sent)
	line, err := aerv1.MarshalJSONLine(&aerv1.Event{
		Id: "e-" + user, OrgId: "O1", UserId: user, SessionId: "s-" + user, Action: "user_login",
		Time: aerv1.Time(time.Now()),
		Client: &aerv1.Client{Ip: "203.0.113.5",
			UserAgent: "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.bus.Publish(liveTopic, line, nil)
	return user
}

// until asks happened again and again until it has, and fails the test with what the process logged if it does not.
func (l *living) until(what string, happened func() bool) {
	l.t.Helper()
	tick, deadline := time.NewTicker(liveLook), time.After(liveFor)
	defer tick.Stop()
	for !happened() {
		select {
		case <-tick.C:
		case <-deadline:
			l.t.Fatalf("%s: not within %v; the run logged:\n%s", what, liveFor, l.logged())
		}
	}
}

// decision is what was decided about somebody so far, or nil.
func (l *living) decision(user string) (found *aerv1.Decision) {
	l.t.Helper()
	for line := range strings.Lines(l.file("decisions.ndjson")) {
		d := &aerv1.Decision{}
		if !strings.HasSuffix(line, "\n") {
			break // it is being written
		}
		if err := aerv1.UnmarshalJSONLine([]byte(line), d); err != nil {
			l.t.Fatal(err)
		}
		if d.GetUserId() == user {
			found = d
		}
	}
	return found
}

// file is a file of the results as it is now; empty if there is none yet.
func (l *living) file(name string) string {
	l.t.Helper()
	raw, err := os.ReadFile(filepath.Join(l.dir, "out", name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		l.t.Fatal(err)
	}
	return string(raw)
}

// judged sends an event of somebody new and waits for the decision about it.
func (l *living) judged() (d *aerv1.Decision) {
	l.t.Helper()
	user := l.throughTor()
	l.until("a decision about "+user, func() bool { d = l.decision(user); return d != nil })
	return d
}

// end interrupts the run, which then drains.
func (l *living) end() {
	l.t.Helper()
	if err := l.cmd.Process.Signal(syscall.SIGINT); err != nil {
		l.t.Fatal(err)
	}
	if err := l.cmd.Wait(); err != nil {
		l.t.Fatalf("the run ended with %v:\n%s", err, l.logged())
	}
}

// What an organisation chooses while a run is alive counts for the events that come then, without a restart, and
// reaches the audit sinks of the run.
func TestALivingRunFollowsSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute: settings are followed every ten seconds")
	}
	followsSettings(t, "")
}

// TestIntegrationALivingRunFollowsSettings: the same where they are in Firestore, which calls the run.
func TestIntegrationALivingRunFollowsSettings(t *testing.T) {
	sinktest.StartFirestoreEmulator(t)
	followsSettings(t, "firestore:projects/aer-test")
}

// followsSettings has what is chosen in a store, or the one in the folder of results, count for a run.
func followsSettings(t *testing.T, store string) {
	l := startRun(t, fmt.Sprintf("store: %q\naudit:\n  sinks: [{kind: file, format: ocsf, path: ocsf.ndjson}]\n", store))
	before := l.judged()
	if before.GetOutcome() != aerv1.Decision_RESPOND {
		t.Fatalf("before anything was chosen: %v", before)
	}
	store = cmp.Or(store, filepath.Join(l.dir, "out", "settings.db"))
	run(t, "settings", "set", "--org", "O1", "--store", store, "--as", "kim", "detectors.tor.mode=log")
	var chosen struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal([]byte(run(t, "settings", "get", "--org", "O1", "--store", store, "-o", "json")),
		&chosen); err != nil || chosen.Version == "" {
		t.Fatalf("version %q, %v", chosen.Version, err)
	}
	var after *aerv1.Decision
	l.until("a decision by the new settings", func() bool {
		after = l.judged()
		return after.GetSettingsVersion() != before.GetSettingsVersion()
	})
	if after.GetOutcome() != aerv1.Decision_LOG_ONLY || after.GetSettingsVersion() != chosen.Version {
		t.Errorf("after tor was set to log: %v, want LOG_ONLY by version %s", after, chosen.Version)
	}
	l.until("the change in the audit sink", func() bool { return strings.Contains(l.file("ocsf.ndjson"), chosen.Version) })
	l.end() // the same process that began
	if got := l.file("ocsf.ndjson"); strings.Count(got, "\n") != 1 {
		t.Errorf("in the audit sink: %s", got)
	}
}
