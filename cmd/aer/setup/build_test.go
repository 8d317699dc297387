// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/kv/firestoretest"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

// full is a configuration that opens something at every step. A webhook that is never called ends sessions and carries
// mail.
func full(t *testing.T, mode string) config.Config {
	t.Helper()
	t.Setenv("AER_TEST_SECRET", strings.Repeat("s", 40))
	ref, err := sinktest.ParseRef("env:AER_TEST_SECRET")
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Mode, c.Out, c.Warehouse.Kind = mode, t.TempDir(), config.WarehouseNone
	c.Audit.Sinks = []audit.SinkConfig{{Kind: audit.KindFile, Path: "entries.ndjson"}}
	c.Sessions.Kind, c.Sessions.Webhook.URL, c.Sessions.Webhook.Secrets = "webhook",
		"https://localhost/", []secret.Ref{ref}
	c.Notify.Email.Kind, c.Notify.Email.Webhook.URL, c.Notify.Email.Webhook.Secrets = "webhook",
		"https://localhost/", []secret.Ref{ref}
	return c
}

// TestBuildClosesWhatItOpened: each step fails in turn, and everything before it is closed, the last first.
func TestBuildClosesWhatItOpened(t *testing.T) {
	broken := errors.New("broken")
	for _, mode := range []string{aerv1.ModeObserve, aerv1.ModeEnforce, aerv1.ModeReplay} {
		for n := range (&Parts{c: full(t, mode)}).steps() {
			leaks := goleak.IgnoreCurrent()
			p := &Parts{c: full(t, mode)}
			var opened, closed []int
			var steps []step
			for i, open := range p.steps()[:n] {
				steps = append(steps, open, func(context.Context) error {
					opened = append(opened, i)
					p.closing(func() error { closed = append([]int{i}, closed...); return nil })
					return nil
				})
			}
			steps = append(steps, func(context.Context) error { return broken })
			if err := p.open(t.Context(), steps); !errors.Is(err, broken) {
				t.Errorf("%s, step %d: error is %v", mode, n, err)
			}
			if len(opened) != n || len(closed) != n || len(p.closers) > 0 {
				t.Errorf("%s, step %d: opened %v, closed %v, %d closers are left", mode, n, opened, closed, len(p.closers))
			}
			if err := goleak.Find(leaks); err != nil {
				t.Errorf("%s, step %d: %v", mode, n, err)
			}
			again, err := kv.Open(filepath.Join(p.c.Out, ledgerFile), kv.Options{LockTimeout: 1})
			if err != nil {
				t.Fatalf("%s, step %d: the ledger is still held: %v", mode, n, err)
			}
			_ = again.Close()
		}
	}
}

// TestFaultsLeaveNothingOpen: real faults, one for each step that can have one.
func TestFaultsLeaveNothingOpen(t *testing.T) {
	for name, fault := range map[string]func(*config.Config){
		"settings":  func(c *config.Config) { c.Settings = "absent.yaml" },
		"directory": func(c *config.Config) { c.Directory = "absent.yaml" },
		"store":     func(c *config.Config) { c.Store = c.Out },
		"baselines": func(c *config.Config) { c.Baseline = "absent" },
		"audit":     func(c *config.Config) { c.Audit.Sinks[0].Path = "." },
		"ledger":    func(c *config.Config) { mkdir(filepath.Join(c.Out, ledgerFile)) },
		"trail":     func(c *config.Config) { mkdir(filepath.Join(c.Out, auditFile)) },
		"sessions":  func(c *config.Config) { c.Sessions.Webhook.Secrets = []secret.Ref{unset()} },
		"messages":  func(c *config.Config) { c.Notify.Email.Webhook.Secrets = []secret.Ref{unset()} },
		"operators": func(c *config.Config) { c.Notify.Operators = []string{"nobody"} },
	} {
		t.Run(name, func(t *testing.T) {
			c := full(t, aerv1.ModeEnforce)
			fault(&c)
			leaks := goleak.IgnoreCurrent()
			if _, err := Build(t.Context(), c); err == nil {
				t.Error("it was built")
			}
			if err := goleak.Find(leaks); err != nil {
				t.Error(err)
			}
		})
	}
}

func mkdir(path string) { _ = os.Mkdir(path, 0o700) }

func unset() secret.Ref {
	ref, _ := sinktest.ParseRef("env:AER_NOT_SET")
	return ref
}

// TestAStoreThatIsADatabaseIsClosed: files of settings that cannot be read leave no connection to Firestore.
func TestAStoreThatIsADatabaseIsClosed(t *testing.T) {
	srv := firestore(t)
	c := full(t, aerv1.ModeObserve)
	c.Store, c.Settings = srv, filepath.Join(t.TempDir(), "absent.yaml")
	leaks := goleak.IgnoreCurrent()
	if _, err := Build(t.Context(), c); err == nil {
		t.Error("it was built")
	}
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

func firestore(t *testing.T) (store string) {
	t.Helper()
	srv, err := firestoretest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	t.Setenv("FIRESTORE_EMULATOR_HOST", srv.Addr)
	return "firestore:projects/p"
}

// TestTheLedgerIsInTheStore: a database holds the ledger too, a file does not, and keeps it to one run.
func TestTheLedgerIsInTheStore(t *testing.T) {
	for _, store := range []string{"", firestore(t)} {
		c := config.Default()
		c.Mode, c.Out, c.Warehouse.Kind, c.Store = aerv1.ModeEnforce, t.TempDir(), config.WarehouseNone, store
		p, err := Build(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		d := reset("d1")
		if err := p.Output.Responder.Respond(t.Context(), d.Anomaly, d.Decision); err != nil {
			t.Fatal(err)
		}
		second, err := Build(t.Context(), c)
		if store == "" && (err == nil || !strings.Contains(err.Error(), "is another aer running on it?")) {
			t.Errorf("a second run on one ledger: %v", err)
		}
		if store != "" {
			if err != nil {
				t.Fatal(err)
			}
			_ = second.Close()
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = os.Stat(filepath.Join(c.Out, ledgerFile))
		if inFile := err == nil; inFile != (store == "") {
			t.Errorf("store %q: a ledger in a file: %v", store, inFile)
		}
		db, err := OpenLedger(store, c.Out, true)
		if err != nil {
			t.Fatal(err)
		}
		if n := responsesIn(t, db); n != 1 {
			t.Errorf("store %q: %d responses in the ledger", store, n)
		}
		_ = db.Close()
	}
}

func responsesIn(t *testing.T, db kv.Store) int {
	t.Helper()
	all, err := response.List(t.Context(), ledger.New(db), "O1")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
