// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/sinktest"
)

// do claims a step of response R of O1 and makes it final.
func do(l ledger.Ledger, kind, round string, at time.Time) error {
	k := ledger.Key{OrgID: "O1", ResponseID: "R", Kind: kind, Target: round}
	e, err := l.Begin(context.Background(), k, at)
	if err == nil && e.State == ledger.StateClaimed {
		_, err = l.Done(context.Background(), k, at, "")
	}
	return err
}

func wantOpen(t *testing.T, l ledger.Ledger, want ...string) {
	t.Helper()
	refs, err := l.Open(context.Background())
	sinktest.Must(t, err)
	var got []string
	for _, r := range refs {
		got = append(got, string(r.ResponseID))
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
}

func TestOpen(t *testing.T) { sinktest.Engines(t, openSuite) }

func openSuite(t *testing.T, open sinktest.Open[kv.Store]) {
	t.Run("from open to close, and again from retry to close", func(t *testing.T) {
		s, reopen := open(t)
		l := ledger.New(s)
		wantOpen(t, l)
		begun := ledger.Key{OrgID: "O1", ResponseID: "R", Kind: ledger.KindOpen}
		begin(t, l, begun, sinktest.T0, ledger.StateClaimed)
		wantOpen(t, l) // not written down yet
		_, err := l.Done(context.Background(), begun, sinktest.T0, "")
		sinktest.Must(t, err)
		for _, step := range []struct{ kind, round, want string }{
			{"revoke", "U1", "R"}, {ledger.KindClose, "", ""}, {ledger.KindRetry, "1", "R"}, {"revoke", "U1", "R"},
			{ledger.KindClose, "", "R"}, {ledger.KindClose, "1", ""},
			{ledger.KindRetry, "2", "R"}, {ledger.KindClose, "1", "R"}, {ledger.KindClose, "2", ""},
		} {
			sinktest.Must(t, do(l, step.kind, step.round, sinktest.T0))
			l = ledger.New(reopen())
			wantOpen(t, l, strings.Fields(step.want)...)
		}
	})
	t.Run("a retry that comes before the close of the round before", func(t *testing.T) {
		s, _ := open(t)
		l := ledger.New(s)
		for _, step := range [][2]string{{ledger.KindOpen, ""}, {ledger.KindRetry, "1"}, {ledger.KindClose, ""}} {
			sinktest.Must(t, do(l, step[0], step[1], sinktest.T0))
		}
		wantOpen(t, l, "R")
	})
	t.Run("hostile ids are apart, and the oldest comes first", func(t *testing.T) {
		s, _ := open(t)
		l := ledger.New(s)
		for i, id := range sinktest.HostileIDs {
			k := ledger.Key{OrgID: aerv1.OrgID(id), ResponseID: aerv1.DecisionID(id), Kind: ledger.KindOpen}
			at := sinktest.T0.Add(-time.Duration(i) * time.Minute)
			begin(t, l, k, at, ledger.StateClaimed)
			_, err := l.Done(context.Background(), k, at, "")
			sinktest.Must(t, err)
		}
		want := slices.Clone(sinktest.HostileIDs)
		slices.Reverse(want)
		wantOpen(t, l, want...)
	})
}

// TestOpenBeforeTheIndex: what was written before there was an index, more than fits one transaction, is in it on first
// use.
func TestOpenBeforeTheIndex(t *testing.T) { sinktest.Engines(t, beforeTheIndex) }

func beforeTheIndex(t *testing.T, open sinktest.Open[kv.Store]) {
	s, reopen := open(t)
	const responses = 120
	var want []string
	sinktest.Must(t, s.Update(context.Background(), func(tx kv.Tx) error {
		want = nil
		for i := range responses {
			id := fmt.Sprintf("R%03d", i)
			steps := []ledger.Key{{Kind: ledger.KindOpen}, {Kind: ledger.KindClose}, {Kind: ledger.KindRetry, Target: "1"},
				{Kind: ledger.KindClose, Target: "1"}}[:1+i%4]
			if i%2 == 0 {
				want = append(want, id)
			}
			for _, k := range steps {
				k.OrgID, k.ResponseID = "O1", aerv1.DecisionID(id)
				e := ledger.Entry{Key: k, State: ledger.StateDone, FirstAt: sinktest.T0, ClaimedAt: sinktest.T0,
					DoneAt: sinktest.T0}
				if err := kv.Save(tx, "ledger", kv.Key("O1", id, k.Kind, k.Target, ""), e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	wantOpen(t, ledger.New(s), want...)
	wantOpen(t, ledger.New(reopen()), want...)
}

// TestCutAnywhere ends the process before and after every transaction of a life with two rounds, and of the making of
// the index of an old store. Whoever comes after finds the response open for as long as it is, and closed once it is.
func TestCutAnywhere(t *testing.T) {
	steps := [][2]string{
		{ledger.KindOpen, ""}, {"revoke", "U1"}, {ledger.KindClose, ""}, {ledger.KindRetry, "1"}, {"audit", ""},
		{ledger.KindClose, "1"},
	}
	cut := errors.New("cut")
	for at := 0; ; at++ {
		m, n := sinktest.NewMemory(), 0
		faulty := func(s kv.Store) kv.Store {
			return sinktest.FaultyStore{Store: s, Point: func(string) error {
				if n++; n == at+1 {
					return cut
				}
				return nil
			}}
		}
		l := ledger.New(faulty(m))
		alive := true
		for _, st := range steps {
			if err := do(l, st[0], st[1], sinktest.T0); err != nil {
				sinktest.WantIs(t, err, cut)
				m = m.Reopen() // the next process begins the step that was cut again
				wantOpen(t, ledger.New(m), openBy(t, m)...)
				l, alive = ledger.New(m), false
				sinktest.Must(t, do(l, st[0], st[1], sinktest.T0))
			}
			if _, err := l.Open(context.Background()); errors.Is(err, cut) {
				m = m.Reopen()
				l, alive = ledger.New(m), false
			}
			wantOpen(t, l, openBy(t, m)...)
		}
		if wantOpen(t, l); alive {
			if at < 2*len(steps)*2 {
				t.Errorf("only %d cuts were tried", at)
			}
			return
		}
	}
}

// openBy tells from the steps alone, as a scan of all history did, whether R is open.
func openBy(t *testing.T, s kv.Store) []string {
	t.Helper()
	all, err := ledger.New(s).List(context.Background(), "O1", "R")
	sinktest.Must(t, err)
	last, closed, opened := "", map[string]bool{}, false
	for _, e := range all {
		switch {
		case e.State != ledger.StateDone:
		case e.Key.Kind == ledger.KindOpen:
			opened = true
		case e.Key.Kind == ledger.KindRetry:
			last = max(last, e.Key.Target)
		case e.Key.Kind == ledger.KindClose:
			closed[e.Key.Target] = true
		}
	}
	if opened && !closed[last] {
		return []string{"R"}
	}
	return nil
}

// TestAgingRepairs: a response that a program from before the index has opened is put into it, and not forgotten.
func TestAgingRepairs(t *testing.T) {
	s := sinktest.NewMemory()
	l := ledger.New(s)
	sinktest.Must(t, do(l, ledger.KindOpen, "", sinktest.T0))
	wantOpen(t, l, "R")
	sinktest.Must(t,
		s.Update(context.Background(), func(tx kv.Tx) error { return tx.Delete("ledger_open", kv.Key("O1", "R")) }))
	wantOpen(t, l)
	done, err := kv.Forget(context.Background(), s, ledger.Aging(), sinktest.T0.Add(1000*time.Hour), time.Hour)
	if !done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
	wantOpen(t, l, "R")
}
