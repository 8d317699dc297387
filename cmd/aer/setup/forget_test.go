// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestForget: a run leaves both of its stores without what is older than its configuration says.
func TestForget(t *testing.T) {
	c := config.Default()
	c.Mode, c.Out, c.Warehouse.Kind = aerv1.ModeEnforce, t.TempDir(), config.WarehouseNone
	c.Retention.Audit = 2
	p, err := Build(t.Context(), c)
	sinktest.Must(t, err)
	stores := []kv.Store{p.store, p.Ledger}
	for _, s := range stores {
		for id, age := range map[string]time.Duration{"old": 72 * time.Hour, "new": time.Hour} {
			sinktest.Must(t, trail.New(s).Append(t.Context(), &aerv1.AuditEntry{
				Id: id, DateCreate: uint32(time.Now().Add(-age).Unix()),
				Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Id: "O1"}},
			}))
		}
	}
	sinktest.Must(t, p.Close())
	p, err = Build(t.Context(), c)
	sinktest.Must(t, err)
	defer p.Close()
	for i, s := range []kv.Store{p.store, p.Ledger} {
		all, err := trail.New(s).List(t.Context(), "O1")
		sinktest.Must(t, err)
		if len(all) != 1 || all[0].GetId() != "new" {
			t.Errorf("store %d: %v is left, want the new entry", i, all)
		}
	}
}
