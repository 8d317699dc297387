// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Whoever the configuration names as an operator has a mail when a step fails for good: here the person has no address.
func TestOperatorsAreToldOfAStepThatFailedForGood(t *testing.T) {
	c := config.Default()
	c.Mode, c.Out, c.Warehouse.Kind, c.Notify.Operators = aerv1.ModeEnforce, t.TempDir(), config.WarehouseNone,
		[]string{"ops@operator.example"}
	r, err := Build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	now := aerv1.Time(time.Now())
	a := &aerv1.Anomaly{Id: "a1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "U1", Time: now, KnownAt: now}
	d := &aerv1.Decision{Id: "d1", AnomalyId: "a1", OrgId: "O1", UserId: "U1", Outcome: aerv1.Decision_RESPOND,
		Mode: aerv1.ModeEnforce, Time: now, DecidedAt: now}
	for range 2 {
		if err := r.Output.Responder.Respond(t.Context(), a, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	mails, err := filepath.Glob(filepath.Join(c.Out, OutboxName, "*.eml"))
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails, %v; want that to the operator", len(mails), err)
	}
	raw, err := os.ReadFile(mails[0])
	if err != nil || !strings.Contains(string(raw), "ops@operator.example") ||
		!strings.Contains(string(raw), "aer responses show d1 --org O1") {
		t.Errorf("%v: %s", err, raw)
	}
	if raw, err := os.ReadFile(filepath.Join(c.Out, "dead_letters.ndjson")); err != nil ||
		strings.Count(string(raw), "\n") != 1 {
		t.Errorf("dead letters, %v: %s", err, raw)
	}
}
