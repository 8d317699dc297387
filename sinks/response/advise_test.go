// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
)

func TestAdvise(t *testing.T) {
	for outcome, word := range map[aerv1.Decision_Outcome]string{
		aerv1.Decision_COOLDOWN: "has stopped ending these sessions", aerv1.Decision_BUDGET_EXHAUSTED: "only logs for now",
		aerv1.Decision_COMMON_CAUSE: "nobody is signed out for it",
	} {
		t.Run(outcome.String(), func(t *testing.T) {
			f := newFixture(t)
			a, d := respondTo("O1", "U1", "D1")
			d.Outcome, d.Escalate = outcome, true
			f.point = failing("before notify dm", 1<<30, errServer)
			if err := f.Advise(context.Background(), a, d); !errors.Is(err, response.ErrPending) {
				t.Fatalf("error is %v", err)
			}
			f.point = failing("", 0, nil)
			f.restart()
			if done, err := f.Resume(context.Background()); err != nil || done != 1 {
				t.Fatalf("resumed %v, %v", done, err)
			}
			err := f.Advise(context.Background(), a, d)
			if res := f.result("O1", "D1"); err != nil || res.Audit != nil || len(res.Notifications) != 2 ||
				len(f.world.Messages()) != 2 || len(f.world.Audit()) != 0 {
				t.Fatalf("result is %v, %v", res, err)
			}
			if len(f.world.Alive("O1", "U1")) != 2 {
				t.Error("sessions were ended")
			}
			for _, m := range f.world.Messages() {
				if m.GetUserId() != "U8" || !strings.Contains(m.GetText(), word) {
					t.Errorf("message to %s:\n%s", m.GetUserId(), m.GetText())
				}
			}
		})
	}
}

func TestAdviseRefuses(t *testing.T) {
	for name, change := range map[string]func(*aerv1.Decision){
		"respond":           func(d *aerv1.Decision) { d.Outcome = aerv1.Decision_RESPOND },
		"log only":          func(d *aerv1.Decision) { d.Outcome = aerv1.Decision_LOG_ONLY },
		"told before":       func(d *aerv1.Decision) { d.Escalate = false },
		"observe":           func(d *aerv1.Decision) { d.Mode = aerv1.ModeObserve },
		"replay":            func(d *aerv1.Decision) { d.Mode = aerv1.ModeReplay },
		"different anomaly": func(d *aerv1.Decision) { d.AnomalyId = "A9" },
	} {
		f := newFixture(t)
		a, d := respondTo("O1", "U1", "D1")
		d.Outcome, d.Escalate = aerv1.Decision_COOLDOWN, true
		change(d)
		if err := f.Advise(context.Background(), a, d); !errors.Is(err, response.ErrRefused) {
			t.Errorf("%s: error is %v", name, err)
		}
		f.wantNothing()
	}
}

// TestAdviceNeverBecomesAReset: an id that was advised on cannot come back as one to act on.
func TestAdviceNeverBecomesAReset(t *testing.T) {
	f := newFixture(t)
	a, d := respondTo("O1", "U1", "D1")
	d.Outcome, d.Escalate = aerv1.Decision_COOLDOWN, true
	if err := f.Advise(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	if err := f.respond(); !errors.Is(err, response.ErrRefused) {
		t.Errorf("error is %v", err)
	}
	if len(f.world.Alive("O1", "U1")) != 2 {
		t.Error("sessions were ended")
	}
}
