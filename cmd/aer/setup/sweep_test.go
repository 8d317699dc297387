// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// enforcing is a run in mode enforce whose operator is told by a server that may be down. The person has no address, so
// that a response has one step that failed for good.
type enforcing struct {
	*Parts
	conf config.Config
	down atomic.Bool
}

func newEnforcing(t *testing.T) *enforcing {
	t.Helper()
	e := &enforcing{conf: config.Default()}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if e.down.Load() {
			w.Header().Set("Retry-After", "3600") // nobody's patience lasts so long
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(srv.Close)
	t.Setenv("AER_TEST_SECRET", strings.Repeat("s", 40))
	ref, err := sinktest.ParseRef("env:AER_TEST_SECRET")
	if err != nil {
		t.Fatal(err)
	}
	e.conf.Mode, e.conf.Out, e.conf.Warehouse.Kind = aerv1.ModeEnforce, t.TempDir(), config.WarehouseNone
	e.conf.Notify.Operators = []string{"ops@operator.example"}
	e.conf.Notify.Email.Kind = channels.KindWebhook
	e.conf.Notify.Email.Webhook.URL, e.conf.Notify.Email.Webhook.Secrets = srv.URL, []secret.Ref{ref}
	e.start(t)
	t.Cleanup(func() { e.stop(t) })
	return e
}

func (e *enforcing) start(t *testing.T) {
	t.Helper()
	r, err := Build(t.Context(), e.conf)
	if err != nil {
		t.Fatal(err)
	}
	e.Parts = r
}

func (e *enforcing) stop(t *testing.T) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// carryOut sends decisions through the part of the pipeline that carries them out.
func (e *enforcing) carryOut(t *testing.T, decided ...transforms.Decided) {
	t.Helper()
	run := process.Run{ID: t.Name(), Mode: aerv1.ModeEnforce}
	proc := process.Start(run.ID, nil, &e.Output)
	defer proc.End()
	p, s := beam.NewPipelineWithRoot()
	sinks.Respond(s, beam.CreateList(s, decided), run, 2)
	if _, err := prism.Run(t.Context(), p, prism.Options{Process: proc, JobName: "sweep"}); err != nil {
		t.Fatal(err)
	}
}

// rows counts what is in the warehouse, in all and apart from what is there more than once.
func (e *enforcing) rows(t *testing.T) (all, distinct [3]int) {
	t.Helper()
	for i, table := range []warehouse.Table{warehouse.Responses, warehouse.AuditLog, warehouse.DeadLetters} {
		raw, err := os.ReadFile(filepath.Join(e.conf.Out, string(table)+".ndjson"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		lines := slices.Sorted(strings.Lines(string(raw)))
		all[i], distinct[i] = len(lines), len(slices.Compact(lines))
	}
	return all, distinct
}

func reset(id string) transforms.Decided {
	now := aerv1.Time(time.Now())
	return transforms.Decided{
		Anomaly: &aerv1.Anomaly{Id: "a" + id, Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1", Time: now, KnownAt: now},
		Decision: &aerv1.Decision{
			Id: id, AnomalyId: "a" + id, OrgId: "O1", UserId: "U1", Time: now, DecidedAt: now,
			Outcome: aerv1.Decision_RESPOND, Mode: aerv1.ModeEnforce,
		},
	}
}

// A response that is left open by the pipeline and completed by a sweep is in the warehouse once, as is one that is
// delivered again.
func TestRowsAreWrittenOnceByWhoeverClosesTheResponse(t *testing.T) {
	e := newEnforcing(t)
	e.down.Store(true)
	d := reset("d1")
	e.carryOut(t, d)
	if n, _ := e.rows(t); n != [3]int{0, 0, 1} {
		t.Errorf("%v responses, audit entries and dead letters while the operator cannot be told, want the dead letter only",
			n)
	}
	e.down.Store(false)
	if n, err := e.Resume(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d resumed, %v", n, err)
	}
	e.carryOut(t, d, d)
	if n, _ := e.rows(t); n != [3]int{1, 1, 1} {
		t.Errorf("%v responses, audit entries and dead letters, want one of each", n)
	}
}

// What the warehouse does not take stays owed: to the sweep and to the next start.
func TestRowsThatTheWarehouseDoesNotTakeAreOwed(t *testing.T) {
	for _, table := range []warehouse.Table{warehouse.Responses, warehouse.AuditLog, warehouse.DeadLetters} {
		for _, restart := range []bool{false, true} {
			t.Run(string(table), func(t *testing.T) {
				e := newEnforcing(t)
				e.down.Store(true)
				blocked := filepath.Join(e.conf.Out, string(table)+".ndjson")
				if err := os.Mkdir(blocked, 0o700); err != nil {
					t.Fatal(err)
				}
				d := reset("d1")
				_ = e.Output.Responder.Respond(t.Context(), d.Anomaly, d.Decision)
				e.down.Store(false)
				if _, err := e.Resume(t.Context()); err == nil || !strings.Contains(err.Error(), "not complete") {
					t.Errorf("resumed while the warehouse takes nothing: %v", err)
				}
				if err := os.Remove(blocked); err != nil {
					t.Fatal(err)
				}
				if restart {
					e.stop(t)
					e.start(t)
				}
				if n, err := e.Resume(t.Context()); n != 1 || err != nil {
					t.Errorf("%d resumed, %v", n, err)
				}
				if _, n := e.rows(t); n != [3]int{1, 1, 1} {
					t.Errorf("%v responses, audit entries and dead letters, want one of each", n)
				}
			})
		}
	}
}
