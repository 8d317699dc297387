// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// refusing returns a point at which calls of the given name are refused for good.
func refusing(name string) func(string) error {
	return func(at string) error {
		if strings.HasPrefix(at, "before "+name) {
			return retry.Permanent(errors.New("mailbox is gone"))
		}
		return nil
	}
}

func (f *fixture) retry(force bool) error {
	word := &aerv1.ResponseRetry{Author: "kim", Reason: "mail works again", At: aerv1.Time(f.clock.Now()), Force: force}
	return response.Retry(context.Background(), ledger.New(f.store), "O1", "D1", word, 0, 0)
}

func (f *fixture) mustResume() *result {
	f.t.Helper()
	done, err := f.Resume(context.Background())
	if err != nil || done != 1 {
		f.t.Fatalf("%d responses resumed, %v", done, err)
	}
	return f.result("O1", "D1")
}

// dead is the dead letters in the warehouse.
func (f *fixture) dead() (all []*aerv1.DeadLetter) {
	for _, m := range f.rows.Of(warehouse.DeadLetters) {
		all = append(all, m.(*aerv1.DeadLetter))
	}
	return all
}

func TestAStepThatFailedForGoodIsADeadLetterOnce(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("notify email")
	res := f.mustRespond()
	f.mustRespond()
	if len(f.dead()) != 2 || len(response.Failed(res.Response)) != 2 { // two of the three messages are mails
		t.Fatalf("%d dead letters", len(f.dead()))
	}
	for _, d := range f.dead() {
		var raw struct {
			Step, Payload, Decision, Anomaly json.RawMessage
		}
		if err := json.Unmarshal(d.GetRaw(), &raw); err != nil {
			t.Fatal(err)
		}
		n := &aerv1.Notification{}
		if err := aerv1.UnmarshalJSONLine(raw.Payload, n); err != nil || n.GetText() == "" || n.GetAddress() == "" {
			t.Errorf("the message cannot be sent from the dead letter: %v, %v", n, err)
		}
		if d.GetReason() != response.ReasonFailed || d.GetSource() != "response notify" ||
			!strings.Contains(d.GetDetail(), "mailbox is gone") || len(raw.Anomaly) == 0 || len(raw.Decision) == 0 {
			t.Errorf("dead letter %v", d)
		}
	}
}

// A dead letter is owed until the warehouse has it, or will never take it: then the log says so. The operator hears of
// the step at once either way.
func TestADeadLetterIsNotLost(t *testing.T) {
	f := newFixture(t)
	f.withOperator()
	deadLetters := func(err error) {
		f.point = func(at string) error {
			if at == "before append dead_letters" {
				return err
			}
			return refusing("notify dm")(at)
		}
	}
	deadLetters(errServer)
	for range 2 {
		if err := f.respond(); !errors.Is(err, response.ErrPending) || !strings.Contains(err.Error(), "dead letter: 503") ||
			len(f.pages()) != 1 {
			t.Fatalf("%d pages, error is %v", len(f.pages()), err)
		}
	}
	deadLetters(nil)
	f.restart()
	f.mustResume()
	f.mustRespond()
	if n := len(f.dead()); n != 1 {
		t.Errorf("%d dead letters, want 1", n)
	}

	f = newFixture(t)
	var log strings.Builder
	c := f.config(f.store)
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	f.Responder = newResponder(t, c)
	deadLetters(retry.Permanent(errServer))
	f.mustRespond()
	f.mustRespond()
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 || !strings.Contains(log.String(), "alert of response") {
		t.Errorf("%d errors, want one of the step and one of its dead letter:\n%s", n, log.String())
	}
}

func TestRetryDoesWhatFailedAndNothingElse(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("notify email")
	f.mustRespond()
	f.point = refusing("notify email")
	if err := f.retry(false); err != nil {
		t.Fatal(err)
	}
	if res := f.mustResume(); len(response.Failed(res.Response)) != 2 || len(f.dead()) != 4 {
		t.Errorf("a retry in vain: %v, %d dead letters", res.Response.GetSteps(), len(f.dead()))
	}
	f.point = failing("", 0, nil)
	f.world.SignIn("O1", "U1", "S9")
	if err := f.retry(false); err != nil {
		t.Fatal(err)
	}
	f.restart()
	res := f.mustResume()
	if len(response.Failed(res.Response)) != 0 || len(res.Notifications) != 3 {
		t.Errorf("after the retry: %v", res.Response)
	}
	f.wantOnce()
	if alive := f.world.Alive("O1", "U1"); len(alive) != 1 {
		t.Errorf("sessions %v: a step that was done has been done again", alive)
	}
	s, err := response.Show(context.Background(), ledger.New(f.store), "O1", "D1")
	if err != nil || s.Open || len(s.Retries) != 2 || s.Retries[1].Author != "kim" || len(s.Retries[1].Steps) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := f.retry(true); !errors.Is(err, response.ErrNothingToRetry) {
		t.Errorf("retrying what is done: %v", err)
	}
}

func TestRetryOfARevocation(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("revoke")
	f.mustRespond()
	if len(f.world.Audit()) != 0 {
		t.Fatal("an entry about sessions that were not ended")
	}
	f.point = failing("", 0, nil)
	if err := f.retry(false); err != nil {
		t.Fatal(err)
	}
	if res := f.mustResume(); res.Response.GetSessionsReset() != 2 || res.Audit == nil || len(f.world.Audit()) != 1 {
		t.Errorf("after the retry: %v", res.Response)
	}
	if n := len(f.world.Messages()); n != 3 {
		t.Errorf("%d messages, want the 3 of the first run", n)
	}
}

func TestRetryLeavesWhatIsUseless(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("revoke")
	f.mustRespond()
	_ = f.clock.Sleep(context.Background(), response.UsefulFor+time.Minute)
	for _, force := range []bool{false, true} {
		if err := f.retry(force); !errors.Is(err, response.ErrNothingToRetry) ||
			!strings.Contains(err.Error(), "end them by hand") {
			t.Errorf("force %t: %v", force, err)
		}
	}
	g := newFixture(t)
	g.point = refusing("notify")
	g.mustRespond()
	_ = g.clock.Sleep(context.Background(), response.DeliverFor+time.Hour)
	if err := g.retry(false); !errors.Is(err, response.ErrNothingToRetry) || !strings.Contains(err.Error(), "force it") {
		t.Errorf("got %v", err)
	}
	g.point = failing("", 0, nil)
	if err := g.retry(true); err != nil {
		t.Fatal(err)
	}
	if res := g.mustResume(); len(response.Failed(res.Response)) != 0 {
		t.Errorf("old news that was forced: %v", res.Response.GetSteps())
	}
	g.wantOnce()
}

func TestRetryIsAttributedAndOfOneOrganisation(t *testing.T) {
	f := newFixture(t)
	f.point = refusing("notify")
	f.mustRespond()
	ctx := context.Background()
	word := &aerv1.ResponseRetry{Author: "kim", Reason: "r", At: aerv1.Time(f.clock.Now())}
	if err := response.Retry(ctx, ledger.New(f.store), "O2", "D1", word, 0, 0); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("another organisation's: %v", err)
	}
	for _, w := range []*aerv1.ResponseRetry{{Author: "kim"}, {Reason: "r"}} {
		if err := response.Retry(ctx, ledger.New(f.store), "O1", "D1", w, 0, 0); err == nil {
			t.Errorf("%+v was accepted", w)
		}
	}
	if s, err := response.Show(ctx, ledger.New(f.store), "O1", "D1"); err != nil || s.Open {
		t.Errorf("a refused retry opened the response: %v", err)
	}
}
