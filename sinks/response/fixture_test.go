// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

// clock is a clock that moves only when somebody waits for it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// fixture is a responder with everything around it.
type fixture struct {
	*response.Responder
	t     *testing.T
	store *sinktest.Memory
	world *sinktest.World
	rows  *sinktest.Rows
	clock *clock
	// Called before and after every call of a sink.
	point sinktest.Point
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, store: sinktest.NewMemory(), world: sinktest.NewWorld(), rows: &sinktest.Rows{},
		clock: &clock{now: sinktest.T0}}
	f.point = func(string) error { return nil }
	f.world.SignIn("O1", "U1", "S1", "S2")
	f.seed("O1", "U1")
	f.restart()
	return f
}

// seed gives an organisation its people and says that all of them are told on all channels.
func (f *fixture) seed(org, user string) {
	f.t.Helper()
	s, d := orgOf(org, user)
	if _, err := stored.Import(context.Background(), f.store, []*aerv1.Settings{s}, []*aerv1.Directory{d}); err != nil {
		f.t.Fatal(err)
	}
}

func orgOf(org, user string) (*aerv1.Settings, *aerv1.Directory) {
	all := &aerv1.Channels{Email: true, Dm: true}
	return &aerv1.Settings{OrgId: org, Version: "v1", Notify: &aerv1.NotifySettings{OrgPrimaryOwner: all,
			SecurityAdmins: all}},
		&aerv1.Directory{OrgId: org, Name: "Acme", Domain: "acme.example", People: []*aerv1.Person{
			{UserId: user, Name: "Ada", Email: "ada@acme.example"},
			{UserId: "U8", Name: "Olu", Email: "olu@acme.example",
				Roles: []string{aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}},
		}}
}

// restart replaces the responder by a new one on the same records, as a new process would.
func (f *fixture) restart() {
	f.t.Helper()
	f.Responder = newResponder(f.t, f.config(f.store.Reopen()))
}

func (f *fixture) config(s kv.Store) response.Config {
	at := func(name string) error { return f.point(name) }
	return response.Config{
		Ledger:   sinktest.FaultyLedger{Ledger: ledger.New(s), Point: at},
		Sessions: sinktest.FaultySessions{Sessions: f.world, Point: at},
		Audit:    sinktest.FaultyAudit{Audit: f.world, Point: at},
		Notifier: sinktest.FaultyNotifier{Notifier: f.world, Point: at}, Directory: directory.New(s), Settings: stored.New(s),
		Warehouse: sinktest.FaultyWarehouse{Writer: f.rows, Point: at},
		Now:       f.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Retry: retry.Policy{Sleep: f.clock.Sleep,
			Backoff: func() backoff.BackOff { return backoff.NewConstantBackOff(time.Second) }},
	}
}

func newResponder(t *testing.T, c response.Config) *response.Responder {
	t.Helper()
	r, err := response.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// result is what is known of a response: as the ledger has it, and its rows in the warehouse.
type result struct {
	Response      *aerv1.Response
	Audit         *aerv1.AuditEntry
	Notifications []*aerv1.Notification
}

func (f *fixture) result(org aerv1.OrgID, id aerv1.DecisionID) *result {
	f.t.Helper()
	res := &result{}
	s, err := response.Show(context.Background(), ledger.New(f.store), org, id)
	if err != nil {
		f.t.Fatal(err)
	}
	res.Response = s.Response
	for _, m := range f.rows.Of(warehouse.AuditLog) {
		if e := m.(*aerv1.AuditEntry); aerv1.OrgID(e.GetContext().GetLocation().GetId()) == org &&
			aerv1.DecisionID(e.GetDetails().GetDecisionId()) == id {
			res.Audit = e
		}
	}
	for _, m := range f.rows.Of(warehouse.Notifications) {
		if n := m.(*aerv1.Notification); aerv1.OrgID(n.GetOrgId()) == org && aerv1.DecisionID(n.GetResponseId()) == id {
			res.Notifications = append(res.Notifications, n)
		}
	}
	return res
}

func (f *fixture) respond() error {
	a, d := respondTo("O1", "U1", "D1")
	return f.Respond(context.Background(), a, d)
}

func (f *fixture) mustRespond() *result {
	f.t.Helper()
	if err := f.respond(); err != nil {
		f.t.Fatal(err)
	}
	return f.result("O1", "D1")
}

// respondTo is a finding and the decision to act on it, taken at T0.
func respondTo(org, user, id string) (*aerv1.Anomaly, *aerv1.Decision) {
	a := &aerv1.Anomaly{
		Id: "anomaly-" + id, Type: aerv1.TypeTor, OrgId: org, UserId: user, SessionIds: []string{"S2"},
		Reasons: []string{"tor"},
		Time:    aerv1.Time(sinktest.T0.Add(-time.Hour)), KnownAt: aerv1.Time(sinktest.T0.Add(-time.Hour)),
		Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: "203.0.113.7", UserAgent: "Mozilla/5.0", Country: "DE"}},
	}
	return a, &aerv1.Decision{
		Id: id, AnomalyId: a.GetId(), AnomalyType: a.GetType(), OrgId: org, UserId: user, Outcome: aerv1.Decision_RESPOND,
		Mode: aerv1.ModeEnforce, SettingsVersion: "v1", Time: a.GetKnownAt(), SessionIds: []string{"S2"},
		DecidedAt: aerv1.Time(sinktest.T0),
	}
}

// wantOnce checks that everything has happened exactly once, as the outside sees it.
func (f *fixture) wantOnce() {
	f.t.Helper()
	effects := f.world.Effects()
	if len(effects) != 5 { // revoke, audit, mail to U1, mail and message to U8
		f.t.Errorf("%d things happened, want 5: %v", len(effects), effects)
	}
	if len(f.world.Audit()) != 1 || len(f.world.Messages()) != 3 {
		f.t.Errorf("%d audit entries and %d messages, want 1 and 3", len(f.world.Audit()), len(f.world.Messages()))
	}
	for _, id := range []string{"S1", "S2"} {
		if slices.Contains(f.world.Alive("O1", "U1"), id) {
			f.t.Errorf("session %s is alive", id)
		}
	}
	f.wantRows()
}

// wantRows checks that the warehouse has each row of the one response, and returns how many came more than once.
func (f *fixture) wantRows() (twice int) {
	f.t.Helper()
	for table, want := range map[warehouse.Table]int{warehouse.Responses: 1, warehouse.AuditLog: 1,
		warehouse.Notifications: 3} {
		distinct := map[string]bool{}
		rows := f.rows.Of(table)
		for _, m := range rows {
			distinct[m.(interface{ GetId() string }).GetId()] = true
		}
		if len(distinct) != want {
			f.t.Errorf("%d different rows of %s, want %d: %v", len(distinct), table, want, rows)
		}
		twice += len(rows) - len(distinct)
	}
	return twice
}

func (f *fixture) wantNothing() {
	f.t.Helper()
	if calls := f.world.Calls(); len(calls) != 0 {
		f.t.Errorf("the outside was called: %v", calls)
	}
}

// failing returns a point that fails calls of a name with err, the first times of them.
func failing(name string, times int, err error) sinktest.Point {
	return func(at string) error {
		if at == name && times > 0 {
			times--
			return err
		}
		return nil
	}
}

// steps renders steps as "kind target channel: state (attempts)", one a line.
func steps(r *aerv1.Response) string {
	var b strings.Builder
	for _, s := range r.GetSteps() {
		fmt.Fprintf(&b, "%s: %s (%d)\n", strings.Join(strings.Fields(s.GetKind()+" "+s.GetTarget()+" "+s.GetChannel()), " "),
			s.GetState(), s.GetAttempts())
	}
	return b.String()
}

var errServer = errors.New("503 service unavailable")
