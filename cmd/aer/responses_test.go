// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
)

// enforcing is a run in mode enforce on a folder.
func enforcing(dir string) (*setup.Parts, error) {
	c := config.Default()
	c.Mode, c.Out, c.Warehouse.Kind = aerv1.ModeEnforce, dir, config.WarehouseNone
	return setup.Build(context.Background(), c)
}

// ledgerWithAFailure carries out a response to somebody without a mail address: that step fails for good.
func ledgerWithAFailure(t *testing.T, dir string) *setup.Parts {
	t.Helper()
	e, err := enforcing(dir)
	if err != nil {
		t.Fatal(err)
	}
	now := aerv1.Time(time.Now())
	a := &aerv1.Anomaly{Id: "a1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1", Time: now, KnownAt: now}
	d := &aerv1.Decision{Id: "5f3a90c1", AnomalyId: "a1", OrgId: "O1", UserId: "U1", Outcome: aerv1.Decision_RESPOND,
		Mode: aerv1.ModeEnforce, Time: now, DecidedAt: now}
	if err := e.Output.Responder.Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestResponsesAreListedShownAndRetried(t *testing.T) {
	dir := t.TempDir()
	e := ledgerWithAFailure(t, dir)
	var out, errs bytes.Buffer
	if code := execute([]string{"responses", "list", "--dir", dir},
		streams{strings.NewReader(""), &out, &errs}); code != exitFailed ||
		!strings.Contains(errs.String(), "interrupt the run once") ||
		!strings.Contains(errs.String(), filepath.Join(dir, "responses.ndjson")) || out.Len() > 0 {
		t.Errorf("while a pipeline holds the ledger: %d, %q", code, errs.String())
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list", "--state", "failed"}, {"list", "--org", "O1", "-o", "json"}, {"show", "5f"},
		{"show", "5f", "-o", "json"}} {
		got := run(t, append([]string{"responses", "--dir", dir}, args...)...)
		if !strings.Contains(got, "5f3a90c1") || !strings.Contains(got, "failed") {
			t.Errorf("%q: %s", args, got)
		}
	}
	if got := run(t, "responses", "list", "--dir", dir, "--org", "O2", "-o", "json"); got != "" {
		t.Errorf("another organisation sees %s", got)
	}
	run(t, "responses", "retry", "5f3a", "--dir", dir, "--org", "O1", "--reason", "has an address now", "--as", "kim")
	if got := run(t, "responses", "show", "5f", "--dir", dir); !strings.Contains(got, "open: RESPOND") ||
		!strings.Contains(got, "by kim: has an address now") {
		t.Errorf("after the retry: %s", got)
	}
	again, err := enforcing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := again.Resume(context.Background()); err != nil || done != 1 {
		t.Errorf("%d resumed, %v", done, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "responses", "show", "5f", "--dir", dir); !strings.Contains(got, "failed: RESPOND") ||
		!strings.Contains(got, "  2  ") {
		t.Errorf("after the second attempt: %s", got)
	}
}

// Responses that a newer version wrote hide none of those that can be read, and do not flood the terminal.
func TestResponsesGoPastWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	if err := ledgerWithAFailure(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	store, err := setup.OpenLedger("", dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		k := ledger.Key{OrgID: "O1", ResponseID: aerv1.DecisionID(fmt.Sprint("D", i)), Kind: response.KindOpen}
		_, err1 := ledger.New(store).Begin(t.Context(), k, time.Now())
		_, err2 := ledger.New(store).Done(t.Context(), k, time.Now(), `{"version":9}`)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"list"}, {"show", "5f"}} {
		var out, errs bytes.Buffer
		code := execute(append([]string{"responses", "--dir", dir}, args...), streams{strings.NewReader(""), &out, &errs})
		if code != exitFailed || !strings.Contains(out.String(), "5f3a90c1") ||
			strings.Count(errs.String(), "version 9") != 5 ||
			!strings.HasSuffix(errs.String(), "and of 2 more responses\n") {
			t.Errorf("%q: %d, %s, %s", args, code, &out, &errs)
		}
	}
}
