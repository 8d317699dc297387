// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

// loadLedger fills a ledger with the entries of a golden file, written by an earlier version.
func loadLedger(t *testing.T, l ledger.Ledger, name string) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "state", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ctx := context.Background()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Key struct {
				OrgID                 aerv1.OrgID      `json:"org_id"`
				ResponseID            aerv1.DecisionID `json:"response_id"`
				Kind, Target, Channel string
			}
			State, Result, Detail string
			FirstAt               time.Time `json:"first_at"`
			DoneAt                time.Time `json:"done_at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		k := ledger.Key{OrgID: e.Key.OrgID, ResponseID: e.Key.ResponseID, Kind: e.Key.Kind, Target: e.Key.Target,
			Channel: e.Key.Channel}
		held, err := l.Begin(ctx, k, e.FirstAt)
		switch {
		case err != nil:
		case e.State == "done":
			_, err = l.Done(ctx, k, e.DoneAt, e.Result)
		case e.State == "failed":
			_, err = l.Failed(ctx, k, e.DoneAt, e.Detail)
		default:
			err = l.Release(ctx, held, e.Detail)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// sumUp renders what a ledger says of each response, one a line.
func sumUp(t *testing.T, l ledger.Ledger) string {
	t.Helper()
	all, err := response.List(context.Background(), l, "O1")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range all {
		var states []string
		for _, step := range s.Response.GetSteps() {
			states = append(states, step.GetState())
		}
		fmt.Fprintf(&b, "%s %s of %s open=%t reset=%d audit=%t messages=%d %v", s.Response.GetId(), s.Decision.GetOutcome(),
			s.Anomaly.GetType(),
			s.Open, s.Response.GetSessionsReset(), s.Audit != nil, len(s.Notifications), states)
		for _, r := range s.Retries {
			fmt.Fprintf(&b, " retried by %s at %s force=%t: %s, %d steps", r.Author, r.GetAt().AsTime().Format(time.TimeOnly),
				r.Force, r.Reason, len(r.Steps))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestLedgersOfEveryVersion: ledger-v0.ndjson was written before these records had a version, ledger-v1.ndjson by
// version 1. All of each is read, and what is open in it is carried on with: one message of D1, and the two mails of D4
// that kim had tried again.
func TestLedgersOfEveryVersion(t *testing.T) {
	const closed = `D2 RESPOND of tor open=false reset=2 audit=true messages=3 [done done done done done]
D3 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done] retried by kim at 10:00:00 force=true: mail "works" again, 1 steps
`
	const advice = "D5 COOLDOWN of tor open=false reset=0 audit=false messages=2 [done done]\n"
	const word = " retried by kim at 10:00:30 force=false: mail \"works\" again, 2 steps\n"
	for _, golden := range []string{"ledger-v0.ndjson", "ledger-v1.ndjson"} {
		t.Run(golden, func(t *testing.T) {
			f := newFixture(t)
			loadLedger(t, ledger.New(f.store), golden)
			want := "D1 RESPOND of tor open=true reset=0 audit=true messages=3 [done done pending done done]\n" + closed +
				"D4 RESPOND of tor open=true reset=0 audit=true messages=3 [done pending done pending done]" + word + advice
			if diff := cmp.Diff(want, sumUp(t, ledger.New(f.store))); diff != "" {
				t.Fatalf("as it was (-want +got):\n%s", diff)
			}
			f.clock.now = sinktest.T0.Add(time.Minute)
			if done, err := f.Resume(context.Background()); err != nil || done != 2 {
				t.Fatalf("%d resumed, %v", done, err)
			}
			want = "D1 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done]\n" + closed +
				"D4 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done]" + word + advice
			if diff := cmp.Diff(want, sumUp(t, ledger.New(f.store))); diff != "" {
				t.Errorf("carried on with (-want +got):\n%s", diff)
			}
			if calls := f.world.Calls(); len(calls) != 3 || len(f.world.Messages()) != 3 {
				t.Errorf("the outside was asked for %v", calls)
			}
			// Of D4 the entry and one message were in the warehouse before. D2, D3 and D5 were closed, and nothing is
			// owed.
			if r, n := len(f.rows.Of(warehouse.Responses)), len(f.rows.Of(warehouse.Notifications)); r != 2 || n != 5 {
				t.Errorf("%d responses and %d messages were written, want 2 and 5", r, n)
			}
		})
	}
}

// newer is a ledger in which a newer program wrote what steps of a kind left.
type newer struct {
	ledger.Ledger
	kind string
}

func (n newer) written(e ledger.Entry) ledger.Entry {
	if e.Key.Kind == n.kind {
		e.Result = strings.Replace(e.Result, `"version":1,`, `"version":2,"brand_new":true,`, 1)
	}
	return e
}

func (n newer) Begin(ctx context.Context, k ledger.Key, now time.Time) (ledger.Entry, error) {
	e, err := n.Ledger.Begin(ctx, k, now)
	return n.written(e), err
}

func (n newer) Get(ctx context.Context, k ledger.Key) (ledger.Entry, error) {
	e, err := n.Ledger.Get(ctx, k)
	return n.written(e), err
}

func (n newer) List(ctx context.Context, org aerv1.OrgID, id aerv1.DecisionID) ([]ledger.Entry, error) {
	all, err := n.Ledger.List(ctx, org, id)
	for i := range all {
		all[i] = n.written(all[i])
	}
	return all, err
}

// What a newer program wrote is refused by name and left to that program: it is not misread, not failed for good and
// not lost. The stream goes on, because to it the response is pending.
func TestWhatANewerVersionWroteIsLeftToIt(t *testing.T) {
	ctx := context.Background()
	for kind, message := range map[string]string{
		response.KindOpen: "ResponseRecord", response.KindPlan: "ResponsePlan", response.KindRetry: "ResponseRetry",
		response.KindClose: "ResponseClose",
	} {
		t.Run(kind, func(t *testing.T) {
			f := newFixture(t)
			f.point = refusing("notify dm")
			f.mustRespond()
			if err := f.retry(false); err != nil {
				t.Fatal(err)
			}
			f.point = failing("", 0, nil)
			c := f.config(f.store)
			c.Ledger = newer{c.Ledger, kind}
			before, calls := len(f.rows.Of(warehouse.Responses)), len(f.world.Calls())
			old := newResponder(t, c)
			a, d := respondTo("O1", "U1", "D1")
			done, swept := old.Resume(ctx)
			for _, err := range []error{old.Respond(ctx, a, d), swept} {
				if !errors.Is(err, response.ErrPending) ||
					!strings.Contains(err.Error(), message+" is of version 2 and this program knows up to 1: a newer aer") {
					t.Errorf("error is %v", err)
				}
			}
			if done != 0 || len(f.world.Calls()) != calls || len(f.rows.Of(warehouse.Responses)) != before {
				t.Errorf("%d resumed, the outside was asked for %v", done, f.world.Calls())
			}
			f.mustResume() // by the newer program, so to speak
			f.wantOnce()
			if failed := response.Failed(f.result("O1", "D1").Response); len(failed) > 0 {
				t.Errorf("failed for good: %v", failed)
			}
		})
	}
}
