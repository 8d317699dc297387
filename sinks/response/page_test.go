// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
)

const ops = "ops@operator.example"

// withOperator has an operator told.
func (f *fixture) withOperator() {
	f.t.Helper()
	to, err := notify.Operators([]string{ops, ops})
	if err != nil {
		f.t.Fatal(err)
	}
	c := f.config(f.store)
	c.Operators = to
	f.Responder = newResponder(f.t, c)
}

// pages is what the operator was told.
func (f *fixture) pages() (all []*aerv1.Notification) {
	for _, m := range f.world.Messages() {
		if m.GetAddress() == ops {
			all = append(all, m)
		}
	}
	return all
}

func TestAnOperatorIsToldOnceOfEachStepThatFailedForGood(t *testing.T) {
	for _, step := range []string{"revoke", "audit", "notify dm"} {
		t.Run(step, func(t *testing.T) {
			f := newFixture(t)
			f.withOperator()
			f.point = refusing(step)
			f.mustRespond()
			f.mustRespond()
			if n := len(f.pages()); n != 1 {
				t.Fatalf("%d pages, want 1", n)
			}
			p := f.pages()[0]
			if !strings.Contains(p.GetText(), "mailbox is gone") ||
				!strings.Contains(p.GetText(), "aer responses show D1 --org O1") ||
				strings.Contains(p.GetText(), "Ada") || p.GetSubject() == "" {
				t.Errorf("page:\n%s", p.GetText())
			}
			if err := f.retry(false); err != nil {
				t.Fatal(err)
			}
			f.mustResume()
			if n := len(f.pages()); n != 2 {
				t.Errorf("%d pages after a retry in vain, want one more", n)
			}
			f.point = failing("", 0, nil)
			if err := f.retry(false); err != nil {
				t.Fatal(err)
			}
			f.mustResume()
			if n := len(f.pages()); n != 2 {
				t.Errorf("%d pages after a retry that succeeded, want none more", n)
			}
		})
	}
}

// The response stays open until the operator is told, also by another process.
func TestAPageIsNotLost(t *testing.T) {
	f := newFixture(t)
	f.withOperator()
	f.point = func(at string) error {
		switch {
		case strings.HasPrefix(at, "before notify dm"):
			return refusing("notify dm")(at)
		case strings.HasPrefix(at, "before notify email"):
			return errServer
		}
		return nil
	}
	if err := f.respond(); !errors.Is(err, response.ErrPending) || !strings.Contains(err.Error(), "page by email: ") {
		t.Fatalf("error is %v", err)
	}
	f.point = failing("", 0, nil)
	f.restart()
	f.withOperator()
	f.mustResume()
	if n := len(f.pages()); n != 1 {
		t.Errorf("%d pages, want 1", n)
	}
	if done, err := f.Resume(context.Background()); err != nil || done != 0 {
		t.Errorf("%d responses are still open, %v", done, err)
	}
}

// An operator who cannot be told is no reason for another page, and leaves nothing open.
func TestAPageThatFailsForGoodIsTheEnd(t *testing.T) {
	f := newFixture(t)
	f.withOperator()
	f.point = refusing("notify")
	res := f.mustRespond()
	if len(f.pages()) != 0 || len(response.Failed(res.Response)) != 3 {
		t.Errorf("%d pages; %v", len(f.pages()), res.Response)
	}
	list, err := response.List(context.Background(), ledger.New(f.store), "O1")
	if err != nil || len(list) != 1 || list[0].Open {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAnOperatorIsToldOfAClosedBudgetAndOfNoCooldown(t *testing.T) {
	for outcome, want := range map[aerv1.Decision_Outcome]int{aerv1.Decision_BUDGET_EXHAUSTED: 1,
		aerv1.Decision_COOLDOWN: 0, aerv1.Decision_COMMON_CAUSE: 0} {
		f := newFixture(t)
		f.withOperator()
		a, d := respondTo("O1", "U1", "D1")
		d.Outcome, d.Escalate = outcome, true
		for range 2 {
			if err := f.Advise(context.Background(), a, d); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(f.pages()); n != want {
			t.Errorf("%s: %d messages, want %d", outcome, n, want)
		}
	}
}
