// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestSinceCrossing(t *testing.T) {
	crossed := at(30, "10:20")
	e := New([]Incident{
		{ID: "i1", Kind: "bulk", OrgID: "o", UserID: "a", Start: at(30, "10:00"), End: at(30, "11:00"),
			Expected: []string{"tor"}, Anomalous: true, CrossedAt: &crossed},
		{ID: "i2", Kind: "bulk", OrgID: "o", UserID: "b", Start: at(30, "10:00"), End: at(30, "11:00"),
			Expected: []string{"tor"}, Anomalous: true, CrossedAt: &crossed},
		{ID: "i3", Kind: "bulk", OrgID: "o", UserID: "c", Start: at(30, "10:00"), End: at(30, "11:00"),
			Expected: []string{"tor"}, Anomalous: true},
	}, nil)
	e.Anomaly(anomaly("x", "tor", "a", at(30, "10:20"), 15*time.Second))
	e.Anomaly(anomaly("y", "tor", "b", at(30, "10:10"), 0)) // before the crossing: no time at all
	e.Anomaly(anomaly("z", "tor", "c", at(30, "10:30"), 0)) // crossing unknown
	e.Event("o", "a", at(0, "10:00"))
	e.Event("o", "a", at(39, "10:00"))
	r := e.Report()
	for _, c := range []Crossed{r.AllAttacks.Crossed, r.Attacks[0].Crossed, r.Detectors[0].Crossed, r.All.Crossed} {
		if c.Known != 2 || c.P50S != 0 || c.P95S != 15 {
			t.Errorf("%+v", c)
		}
	}
	if diff := cmp.Diff([]float64{600, 1215, 1800}, r.AllAttacks.DetectS); diff != "" {
		t.Error(diff)
	}
}

// TestOneWordForAttacksAndLookAlikes: a kind that names both has a row in each list, whichever comes first.
func TestOneWordForAttacksAndLookAlikes(t *testing.T) {
	attack := Incident{ID: "i1", Kind: "export", OrgID: "o", UserID: "a", Start: at(30, "10:00"), End: at(30, "11:00"),
		Expected: []string{"tor"}, Anomalous: true}
	innocent := Incident{ID: "i2", Kind: "export", OrgID: "o", UserID: "b", Start: at(30, "10:00"), End: at(30, "11:00")}
	for _, incidents := range [][]Incident{{attack, innocent}, {innocent, attack}} {
		e := New(incidents, nil)
		e.Event("o", "a", at(0, "10:00"))
		e.Event("o", "a", at(39, "10:00"))
		r := e.Report()
		if len(r.Attacks) != 1 || len(r.LookAlikes) != 1 || r.Attacks[0].Incidents != 1 || r.LookAlikes[0].Incidents != 1 {
			t.Errorf("attacks %+v, look-alikes %+v", r.Attacks, r.LookAlikes)
		}
	}
}

func TestTypesByIncident(t *testing.T) {
	e, events := fixture()
	e.Anomaly(anomaly("x", "tor", "a", at(30, "10:00"), 0))
	e.Anomaly(anomaly("x2", "tor", "a", at(30, "10:01"), 0))
	e.Anomaly(anomaly("y", "unexpected_scraping", "a", at(30, "10:30"), 0)) // not expected there
	e.Anomaly(anomaly("z", "unexpected_scraping", "b", at(30, "10:30"), 0))
	e.Anomaly(anomaly("z2", "unexpected_scraping", "b", at(30, "10:31"), 0))
	events()
	r := e.Report()
	if diff := cmp.Diff(map[string]int{"tor": 1, "unexpected_scraping": 1}, r.Attacks[0].ByType); diff != "" {
		t.Error(diff)
	}
	scraping := r.Detectors[slices.Index(aerv1.AnomalyTypes, aerv1.TypeUnexpectedScraping)]
	if scraping.LookAlikes != 1 || scraping.LookAlike != 2 || scraping.RightShare != 0 || scraping.Wrong != 1 {
		t.Errorf("%+v", scraping)
	}
	if r.All.RightShare != 2.0/3 || r.All.NearShare != 1 || r.All.LookAlikes != 1 {
		t.Errorf("%+v", r.All)
	}
}

// TestAssumedDecisions: what loop protection or a mode stops under default settings is not counted as responded to.
func TestAssumedDecisions(t *testing.T) {
	e, events := fixture()
	e.Assume(&aerv1.Decision{AnomalyId: "x", Outcome: aerv1.Decision_COOLDOWN})
	e.Assume(&aerv1.Decision{AnomalyId: "y", Outcome: aerv1.Decision_RESPOND})
	for id, day := range map[string]int{"x": 30, "y": 31, "folded": 32} {
		e.Anomaly(anomaly(id, "tor", "c", at(day, "12:00"), 0))
	}
	events()
	r := e.Report()
	if r.Decided || r.Background.Responds != 1 || r.Background.LogOnly != 2 {
		t.Errorf("%+v", r.Background)
	}
	if diff := cmp.Diff(map[string]int{"COOLDOWN": 1, "RESPOND": 1}, r.All.Outcomes); diff != "" {
		t.Error(diff)
	}
	tor := r.Detectors[0]
	if tor.FalseDays != 3 || tor.LogPer10k != per10k(2, r.Background.UserDays) ||
		tor.RespondPer10k != per10k(1, r.Background.UserDays) {
		t.Errorf("%+v", tor)
	}
}

// TestACommonCauseIsNoAlarm: neither a false one in the background or a look-alike, nor one that finds an attack.
func TestACommonCauseIsNoAlarm(t *testing.T) {
	e, events := fixture()
	e.Decision(&aerv1.Decision{AnomalyId: "x", Outcome: aerv1.Decision_COMMON_CAUSE, Escalate: true})
	e.Decision(&aerv1.Decision{AnomalyId: "y", Outcome: aerv1.Decision_COMMON_CAUSE})
	e.Anomaly(anomaly("x", "tor", "c", at(30, "12:00"), 0))
	e.Anomaly(anomaly("y", "unexpected_scraping", "b", at(30, "10:30"), 0))
	for _, s := range e.scores { // and in every incident
		e.Decision(&aerv1.Decision{AnomalyId: "in " + s.ID, Outcome: aerv1.Decision_COMMON_CAUSE})
		e.Anomaly(anomaly("in "+s.ID, "tor", s.UserID, s.Start, 0))
	}
	events()
	r := e.Report()
	if r.Background.FalseAlarms != 0 || r.AllLookLike.Found != 0 || r.AllAttacks.Found != 0 || len(r.False) != 0 {
		t.Errorf("%+v %+v %+v", r.Background, r.AllLookLike, r.AllAttacks)
	}
	if want := (Common{Notices: 1, Findings: 2 + len(e.scores)}); r.Common != want {
		t.Errorf("%+v, want %+v", r.Common, want)
	}
}
