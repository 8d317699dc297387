package response_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sinktest"
)

func ExampleOpenEmbedded() {
	dir, err := os.MkdirTemp("", "aer")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

	r, err := response.OpenEmbedded(ctx, dir, response.EmbeddedOptions{Now: now})
	if err != nil {
		panic(err)
	}
	defer func() { _ = r.Close() }()
	_ = directory.New(r.Store).Put(ctx, &aerv1.Directory{OrgId: "O1", People: []*aerv1.Person{{UserId: "U1", Email: "ada@acme.example"}}})
	_ = sessions.NewTable(r.Store).Start(ctx, sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S1", StartedAt: now()})

	a := &aerv1.Anomaly{Id: "A1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1"}
	d := &aerv1.Decision{Id: "D1", AnomalyId: "A1", OrgId: "O1", UserId: "U1", Outcome: aerv1.Decision_RESPOND, Mode: aerv1.ModeEnforce}
	if err := r.Respond(ctx, a, d); err != nil {
		panic(err)
	}
	done, err := response.Show(ctx, ledger.New(r.Store), "O1", "D1")
	if err != nil {
		panic(err)
	}
	for _, s := range done.Response.GetSteps() {
		fmt.Println(s.GetKind(), s.GetTarget(), s.GetState())
	}
	// Output:
	// revoke U1 done
	// audit audit done
	// notify U1 done
}

func TestOpenEmbedded(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "state")
	open := func() *response.Embedded {
		t.Helper()
		e, err := response.OpenEmbedded(ctx, dir, response.EmbeddedOptions{Now: func() time.Time { return sinktest.T0 }})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open()
	if _, err := response.OpenEmbedded(ctx, dir, response.EmbeddedOptions{}); err == nil || !strings.Contains(err.Error(), "is another aer running on it?") {
		t.Errorf("error is %v", err)
	}
	a, d := respondTo("O1", "U1", "D1")
	if err := e.Respond(ctx, a, d); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open()
	defer func() { _ = e.Close() }()
	if all, err := response.List(ctx, ledger.New(e.Store), "O1"); err != nil || len(all) != 1 || all[0].Open {
		t.Errorf("responses are %v, %v", all, err)
	}
	if _, err := response.OpenEmbedded(ctx, t.TempDir(), response.EmbeddedOptions{Sender: "nobody"}); err == nil {
		t.Error("a bad sender was accepted")
	}
}
