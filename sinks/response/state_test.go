package response_test

import (
	"bufio"
	"context"
	"encoding/json"
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
		k := ledger.Key{OrgID: e.Key.OrgID, ResponseID: e.Key.ResponseID, Kind: e.Key.Kind, Target: e.Key.Target, Channel: e.Key.Channel}
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
		fmt.Fprintf(&b, "%s %s of %s open=%t reset=%d audit=%t messages=%d %v", s.Response.GetId(), s.Decision.GetOutcome(), s.Anomaly.GetType(),
			s.Open, s.Response.GetSessionsReset(), s.Audit != nil, len(s.Notifications), states)
		for _, r := range s.Retries {
			fmt.Fprintf(&b, " retried by %s at %s force=%t: %s, %d steps", r.Author, r.At.UTC().Format(time.TimeOnly), r.Force, r.Reason, len(r.Steps))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestLedgerOfThePreviousVersion: ledger-v0.ndjson was written by the version before these records had one. All of it is read,
// and what is open in it is carried on with: one message of D1, and the two mails of D4 that kim had tried again.
func TestLedgerOfThePreviousVersion(t *testing.T) {
	f := newFixture(t)
	loadLedger(t, ledger.New(f.store), "ledger-v0.ndjson")
	const closed = `D2 RESPOND of tor open=false reset=2 audit=true messages=3 [done done done done done]
D3 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done] retried by kim at 10:00:00 force=true: mail "works" again, 1 steps
`
	const advice = "D5 COOLDOWN of tor open=false reset=0 audit=false messages=2 [done done]\n"
	want := "D1 RESPOND of tor open=true reset=0 audit=true messages=3 [done done pending done done]\n" + closed +
		"D4 RESPOND of tor open=true reset=0 audit=true messages=3 [done pending done pending done] retried by kim at 10:00:30 force=false: mail \"works\" again, 2 steps\n" + advice
	if diff := cmp.Diff(want, sumUp(t, ledger.New(f.store))); diff != "" {
		t.Fatalf("as it was (-want +got):\n%s", diff)
	}
	f.clock.now = sinktest.T0.Add(time.Minute)
	if done, err := f.Resume(context.Background()); err != nil || done != 2 {
		t.Fatalf("%d resumed, %v", done, err)
	}
	want = "D1 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done]\n" + closed +
		"D4 RESPOND of tor open=false reset=0 audit=true messages=3 [done done done done done] retried by kim at 10:00:30 force=false: mail \"works\" again, 2 steps\n" + advice
	if diff := cmp.Diff(want, sumUp(t, ledger.New(f.store))); diff != "" {
		t.Errorf("carried on with (-want +got):\n%s", diff)
	}
	if calls := f.world.Calls(); len(calls) != 3 || len(f.world.Messages()) != 3 {
		t.Errorf("the outside was asked for %v", calls)
	}
}
