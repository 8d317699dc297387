// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// listing tells when the ledger was listed: from then on a sweep knows of what is open.
type listing struct {
	ledger.Ledger
	listed chan<- struct{}
}

func (l listing) List(ctx context.Context, org aerv1.OrgID, id aerv1.DecisionID) ([]ledger.Entry, error) {
	entries, err := l.Ledger.List(ctx, org, id)
	l.listed <- struct{}{}
	return entries, err
}

// A sweep looks into the ledger while the pipeline carries out the one response in it. Both end with it complete, and
// its rows are in the warehouse once.
func TestASweepMeetsThePipeline(t *testing.T) {
	f := newFixture(t)
	begun, listed, goOn := make(chan struct{}), make(chan struct{}), make(chan struct{})
	c := f.config(f.store)
	c.Ledger = listing{c.Ledger, listed}
	r := newResponder(t, c)
	f.point = func(at string) error {
		if at == "before notify dm" {
			close(begun)
			<-goOn
		}
		return nil
	}
	pipeline, sweep := make(chan error), make(chan error)
	a, d := respondTo("O1", "U1", "D1")
	go func() { pipeline <- r.Respond(context.Background(), a, d) }()
	<-begun
	go func() { _, err := r.Resume(context.Background()); sweep <- err }()
	<-listed
	close(goOn)
	if err := errors.Join(<-pipeline, <-sweep); err != nil {
		t.Fatal(err)
	}
	f.wantOnce()
	if n := f.wantRows(); n != 0 {
		t.Errorf("%d rows are there more than once", n)
	}
}

// Rows that the warehouse does not take are owed: the response is open, by name, until a sweep or another process has
// written them.
func TestRowsAreOwed(t *testing.T) {
	for _, table := range []warehouse.Table{warehouse.AuditLog, warehouse.Notifications, warehouse.Responses} {
		f := newFixture(t)
		f.point = failing("before append "+string(table), 1<<30, errServer)
		before := f.clock.Now()
		if err := f.respond(); !errors.Is(err, response.ErrPending) || !strings.Contains(err.Error(), "rows: 503") {
			t.Fatalf("%s: error is %v", table, err)
		}
		if f.clock.Now() != before {
			t.Errorf("%s: the stream was held up for %v", table, f.clock.Now().Sub(before))
		}
		if s, err := response.Show(context.Background(), ledger.New(f.store), "O1", "D1"); err != nil || !s.Open {
			t.Errorf("%s: %v, %v", table, s, err)
		}
		f.point = failing("", 0, nil)
		f.restart()
		f.mustResume()
		f.wantOnce()
	}
}

// Rows that no warehouse will ever take are given up, so that the response does not stay open for ever.
func TestRowsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before append responses", 1, retry.Permanent(errServer))
	f.mustRespond()
	if done, err := f.Resume(context.Background()); done != 0 || err != nil || len(f.world.Messages()) != 3 {
		t.Errorf("%d resumed, %v", done, err)
	}
}

// What the first round wrote the round of a retry does not write again.
func TestRowsOfARetry(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("notify email")
	f.mustRespond()
	f.point = failing("", 0, nil)
	_ = f.clock.Sleep(context.Background(), response.SweepEvery)
	if err := f.retry(false); err != nil {
		t.Fatal(err)
	}
	f.mustResume()
	f.wantOnce()
	rows := f.rows.Of(warehouse.Responses)
	if n := f.wantRows(); n != 1 ||
		!rows[1].(*aerv1.Response).GetDoneAt().AsTime().After(rows[0].(*aerv1.Response).GetDoneAt().AsTime()) {
		t.Errorf("%d rows more than once, want one of the response as it was, and a later one as it is: %v", n, rows)
	}
}
