// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestABudgetResetIsPartOfTheSettings(t *testing.T) {
	src := "orgs:\n  O1:\n    limits: {budget_min: 5, budget_reset: {at: 2026-11-22T10:00:00+02:00, author: kim, " +
		"reason: \"new IdP\"}}\n"
	all, err := Parse("s.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	want := &aerv1.BudgetReset{At: aerv1.Time(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)), Author: "kim",
		Reason: "new IdP"}
	if got := all[0].GetLimits().GetBudgetReset(); !proto.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	again, err := Parse("r.yaml", Render(all))
	if err != nil || !proto.Equal(again[0], all[0]) || !proto.Equal(Complete(all[0]), all[0]) {
		t.Errorf("it does not survive rendering and completing: %v, %v", again, err)
	}
	without := proto.Clone(all[0]).(*aerv1.Settings)
	without.Limits.BudgetReset = nil
	if Version(without) == Version(all[0]) {
		t.Error("a reset makes no version of its own")
	}
}

func TestMistakesInABudgetReset(t *testing.T) {
	for value, want := range map[string]string{
		"{author: kim}": `s.yaml:3: orgs.O1.limits.budget_reset: at is missing`,
		"{at: soon}":    `s.yaml:3: orgs.O1.limits.budget_reset.at: "soon"`,
		"{who: kim}":    `orgs.O1.limits.budget_reset.who: unknown key`,
		"yesterday":     `orgs.O1.limits.budget_reset`,
	} {
		_, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    limits: {budget_reset: "+value+"}"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
	}
}
