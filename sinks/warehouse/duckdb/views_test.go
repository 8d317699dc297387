// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// TestViewsForPeople: three people of one organisation, two of whom are found; ann is signed out by mistake, and bo's
// finding and cy's have one cause. That BigQuery gives the same is tested on its emulator.
func TestViewsForPeople(t *testing.T) {
	db := openFile(t, "")
	noon := aerv1.Time(at(t, "2024-01-02T12:00:00"))
	find := func(user, kind string, observed float64, outcome aerv1.Decision_Outcome) []proto.Message {
		a := &aerv1.Anomaly{Id: "a-" + user, OrgId: "O1", UserId: user, Type: kind, Time: noon, KnownAt: noon,
			Magnitude: observed / 10, Evidence: &aerv1.Evidence{Observed: observed, Threshold: 10},
			NewThings: []*aerv1.NewThing{{Kind: "ja4", Key: "t13x"}}}
		return []proto.Message{a, &aerv1.Decision{Id: "d-" + user, AnomalyId: a.Id, AnomalyType: kind, OrgId: "O1", UserId: user,
			Outcome: outcome, Mode: "enforce", Time: noon, Reason: "Because."}}
	}
	for _, rows := range [][]proto.Message{find("ann", "tor", 40, aerv1.Decision_RESPOND),
		find("bo", "spoofed_user_agent", 11, aerv1.Decision_COMMON_CAUSE),
		find("cy", "spoofed_user_agent", 12, aerv1.Decision_COMMON_CAUSE)} {
		must(t, db.Append(t.Context(), warehouse.Anomalies, rows[0], rows[0]))
		must(t, db.Append(t.Context(), warehouse.Decisions, rows[1], rows[1]))
	}
	must(t, db.Append(t.Context(), warehouse.Responses, &aerv1.Response{Id: "d-ann", DecisionId: "d-ann", AnomalyId: "a-ann",
		OrgId: "O1", UserId: "ann", SessionsReset: 2, DoneAt: noon, Steps: []*aerv1.Step{{Kind: "revoke", State: "done"}}},
		&aerv1.Response{Id: "d-bo", DecisionId: "d-bo", AnomalyId: "a-bo", OrgId: "O1", UserId: "bo", DoneAt: noon,
			Steps: []*aerv1.Step{{Kind: "revoke", State: "failed"}}}))
	must(t, db.Append(t.Context(), warehouse.Feedback, &aerv1.Feedback{Id: "f1", AnomalyId: "a-ann", OrgId: "O1", UserId: "ann",
		Author: "kim", Verdict: aerv1.VerdictTruePositive, Time: noon}, &aerv1.Feedback{Id: "f2", AnomalyId: "a-ann", OrgId: "O1",
		UserId: "ann", Author: "kim", Verdict: aerv1.VerdictFalsePositive, Time: aerv1.Time(noon.AsTime().Add(1e9))}))
	must(t, db.Append(t.Context(), warehouse.Activity, slice(t, "2024-01-02T12:00:00", downloads(1)),
		slice(t, "2024-01-02T12:30:00", downloads(2))))
	for query, want := range map[string]string{
		"SELECT concat_ws(' ', user_id, type, outcome, sessions_reset, verdict) FROM incidents": "ann tor RESPOND 2 false_positive|" +
			"bo spoofed_user_agent COMMON_CAUSE 0|cy spoofed_user_agent COMMON_CAUSE",
		"SELECT concat_ws(' ', user_id, sessions_reset, anomaly_type, reason) FROM sign_outs":                      "ann 2 tor Because.",
		"SELECT concat_ws(' ', type, findings, people, near_threshold, share_near_threshold) FROM detector_health": "spoofed_user_agent 2 2 2 1.0|tor 1 1 0 0.0",
		"SELECT concat_ws(' ', type, judged, false_positives, responded_to_in_vain) FROM false_positives":          "spoofed_user_agent 0 0 0|tor 1 1 1",
		"SELECT concat_ws(' ', kind, name, people, folded) FROM common_causes":                                     "ja4 t13x 3 2",
		"SELECT concat_ws(' ', people, events, findings, responded, sign_outs, sessions_ended) FROM org_overview":  "1 2 3 1 1 2",
		"SELECT concat_ws(' ', time, what, kind, detail) FROM person_timeline WHERE user_id = 'U1'":                "2024-01-02 12:00:00 activity signed_in 2 events, 200 bytes downloaded",
		"SELECT concat_ws(' ', what, kind) FROM person_timeline WHERE user_id = 'ann'": "anomaly tor|decision RESPOND|feedback false_positive|" +
			"feedback true_positive|response sessions",
	} {
		equal(t, query, texts(t, db, query+" ORDER BY 1"), strings.Split(want, "|")...)
	}
}
