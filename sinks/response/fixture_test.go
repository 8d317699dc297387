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
	store *kv.Memory
	world *sinktest.World
	clock *clock
	// Called before and after every call of a sink.
	point sinktest.Point
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, store: kv.NewMemory(), world: sinktest.NewWorld(), clock: &clock{now: sinktest.T0}}
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
	return &aerv1.Settings{OrgId: org, Version: "v1", Notify: &aerv1.NotifySettings{OrgPrimaryOwner: all, SecurityAdmins: all}},
		&aerv1.Directory{OrgId: org, Name: "Acme", Domain: "acme.example", People: []*aerv1.Person{
			{UserId: user, Name: "Ada", Email: "ada@acme.example"},
			{UserId: "U8", Name: "Olu", Email: "olu@acme.example", Roles: []string{aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}},
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
		Sessions: sinktest.FaultySessions{Sessions: f.world, Point: at}, Audit: sinktest.FaultyAudit{Audit: f.world, Point: at},
		Notifier: sinktest.FaultyNotifier{Notifier: f.world, Point: at}, Directory: directory.New(s), Settings: stored.New(s),
		Now: f.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Retry: retry.Policy{Sleep: f.clock.Sleep, Backoff: func() backoff.BackOff { return backoff.NewConstantBackOff(time.Second) }},
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

func (f *fixture) respond() (*response.Result, error) {
	a, d := respondTo("O1", "U1", "D1")
	return f.Respond(context.Background(), a, d)
}

func (f *fixture) mustRespond() *response.Result {
	f.t.Helper()
	res, err := f.respond()
	if err != nil {
		f.t.Fatal(err)
	}
	return res
}

// respondTo is a finding and the decision to act on it, taken at T0.
func respondTo(org, user, id string) (*aerv1.Anomaly, *aerv1.Decision) {
	a := &aerv1.Anomaly{
		Id: "anomaly-" + id, Type: aerv1.TypeTor, OrgId: org, UserId: user, SessionIds: []string{"S2"}, Reasons: []string{"tor"},
		Time: aerv1.Time(sinktest.T0.Add(-time.Hour)), KnownAt: aerv1.Time(sinktest.T0.Add(-time.Hour)),
		Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: "203.0.113.7", UserAgent: "Mozilla/5.0", Country: "DE"}},
	}
	return a, &aerv1.Decision{
		Id: id, AnomalyId: a.GetId(), AnomalyType: a.GetType(), OrgId: org, UserId: user, Outcome: aerv1.Decision_RESPOND,
		Mode: aerv1.ModeEnforce, SettingsVersion: "v1", Time: a.GetKnownAt(), SessionIds: []string{"S2"}, DecidedAt: aerv1.Time(sinktest.T0),
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
		fmt.Fprintf(&b, "%s: %s (%d)\n", strings.Join(strings.Fields(s.GetKind()+" "+s.GetTarget()+" "+s.GetChannel()), " "), s.GetState(), s.GetAttempts())
	}
	return b.String()
}

var errServer = errors.New("503 service unavailable")
