// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestWhatExplainsItselfIsNoAlarm: refused attempts and changes of an organisation's environment hold nothing against
// anybody.
func TestWhatExplainsItselfIsNoAlarm(t *testing.T) {
	for _, outcome := range []aerv1.Decision_Outcome{aerv1.Decision_NOT_SIGNED_IN, aerv1.Decision_COMMON_CAUSE} {
		e, events := fixture()
		e.Decision(&aerv1.Decision{AnomalyId: "attack", Outcome: outcome})
		e.Decision(&aerv1.Decision{AnomalyId: "look-alike", Outcome: outcome})
		e.Decision(&aerv1.Decision{AnomalyId: "background", Outcome: outcome})
		e.Anomaly(anomaly("attack", "tor", "a", at(30, "10:30"), 0))
		e.Anomaly(anomaly("look-alike", "tor", "b", at(30, "10:30"), 0))
		e.Anomaly(anomaly("background", "tor", "c", at(30, "10:30"), 0))
		events()
		r := e.Report()
		if r.AllAttacks.Found != 0 || r.AllLookLike.Found != 0 || r.Background.FalseAlarms != 0 || len(r.False) != 0 {
			t.Errorf("%s: %+v, %+v, %+v", outcome, r.AllAttacks, r.AllLookLike, r.Background)
		}
		if r.All.Outcomes[outcome.String()] != 3 {
			t.Errorf("%s: %v", outcome, r.All.Outcomes)
		}
	}
}

// TestAnAttackMayAskForAResponse: whoever comes after the budget was to be spent must still be answered, not only
// noticed.
func TestAnAttackMayAskForAResponse(t *testing.T) {
	for outcome, found := range map[aerv1.Decision_Outcome]int{
		aerv1.Decision_RESPOND: 1, aerv1.Decision_PERSISTING: 1, aerv1.Decision_BUDGET_EXHAUSTED: 0,
		aerv1.Decision_COOLDOWN: 0, aerv1.Decision_LOG_ONLY: 0,
	} {
		e := New([]Incident{{ID: "i", Kind: "tor_exit", OrgID: "o", UserID: "a", Start: at(30, "10:00"), End: at(30, "11:00"),
			Expected: []string{"tor"}, Anomalous: true, Respond: true}}, nil)
		e.Decision(&aerv1.Decision{AnomalyId: "x", Outcome: outcome})
		e.Anomaly(anomaly("x", "tor", "a", at(30, "10:30"), 0))
		for d := range 40 {
			e.Event("o", "a", at(d, "12:00"))
		}
		if r := e.Report(); r.AllAttacks.Found != found || len(r.Missed) != 1-found {
			t.Errorf("%s: found %d, want %d", outcome, r.AllAttacks.Found, found)
		}
	}
}
