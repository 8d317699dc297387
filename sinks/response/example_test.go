// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// Everything that a response needs may be in one store.
func Example() {
	ctx, db, world := context.Background(), sinktest.NewMemory(), sinktest.NewWorld()
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }
	r, err := response.New(response.Config{
		Ledger: ledger.New(db), Sessions: sessions.NewEmbedded(sessions.NewTable(db), now),
		Audit: trail.New(db), Notifier: world,
		Directory: directory.New(db), Settings: stored.New(db), Warehouse: &sinktest.Rows{}, Now: now,
	})
	if err != nil {
		panic(err)
	}
	_ = sinktest.PutPeople(ctx, db,
		&aerv1.Directory{OrgId: "O1", People: []*aerv1.Person{{UserId: "U1", Email: "ada@acme.example"}}})
	_ = sessions.NewTable(db).Start(ctx, sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S1", StartedAt: now()})

	a := &aerv1.Anomaly{Id: "A1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1"}
	d := &aerv1.Decision{Id: "D1", AnomalyId: "A1", OrgId: "O1", UserId: "U1", Outcome: aerv1.Decision_RESPOND,
		Mode: aerv1.ModeEnforce}
	if err := r.Respond(ctx, a, d); err != nil {
		panic(err)
	}
	all, err := response.List(ctx, ledger.New(db), "O1")
	if err != nil {
		panic(err)
	}
	for _, s := range all[0].Response.GetSteps() {
		fmt.Println(s.GetKind(), s.GetTarget(), s.GetState())
	}
	// Output:
	// revoke U1 done
	// audit audit done
	// notify U1 done
}
