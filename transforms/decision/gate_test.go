// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func apply(h *aerv1.UserHistory, a *aerv1.Anomaly) *aerv1.Decision {
	_, d := User{OwnActors: []string{"aer"}}.Apply(h, a, Env{Settings: respondAll(2), Mode: aerv1.ModeReplay})
	return d
}

// The order of the gates is a contract.
func TestGatesAreAskedInOrder(t *testing.T) {
	var names []string
	for _, g := range Gates {
		names = append(names, g.Name)
	}
	want := []string{"not_signed_in", "own_action", "external_user", "trusted_network", "detector_mode", "excluded",
		"cleared", "stale", "already_ended", "loop_protection"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if want[standingGates-1] != "cleared" {
		t.Error("standingGates must end before the gates that look at the past")
	}
}

// The trace lists every gate that was asked with a sentence; the gate that stopped the anomaly is the last.
func TestTrace(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*aerv1.Anomaly)
		asked   int
		outcome aerv1.Decision_Outcome
	}{
		{"respond", func(*aerv1.Anomaly) {}, 10, aerv1.Decision_RESPOND},
		{"attempt", func(a *aerv1.Anomaly) { a.ActorKind = aerv1.ActorAttempt }, 1, aerv1.Decision_NOT_SIGNED_IN},
		{"system", func(a *aerv1.Anomaly) { a.ActorKind = aerv1.ActorSystem }, 1, aerv1.Decision_NOT_SIGNED_IN},
		{"record", func(a *aerv1.Anomaly) { a.ActorKind = aerv1.ActorRecord }, 1, aerv1.Decision_NOT_SIGNED_IN},
		{"a kind that nobody knows", func(a *aerv1.Anomaly) { a.ActorKind = "ghost" }, 1, aerv1.Decision_NOT_SIGNED_IN},
		{"app", func(a *aerv1.Anomaly) { a.ActorKind, a.AppId = aerv1.ActorApp, "A1" }, 5, aerv1.Decision_LOG_ONLY},
		{"own", func(a *aerv1.Anomaly) { a.UserId = "aer" }, 2, aerv1.Decision_OWN_ACTION},
		{"external", func(a *aerv1.Anomaly) { a.UserType = "external" }, 3, aerv1.Decision_EXTERNAL_USER},
		{"weak", func(a *aerv1.Anomaly) { a.LogOnly = true }, 5, aerv1.Decision_LOG_ONLY},
		{"unheard-of type", func(a *aerv1.Anomaly) { a.Type = "teleport" }, 5, aerv1.Decision_LOG_ONLY},
	}
	for _, c := range cases {
		a := anomalyAt(0, aerv1.TypeTor, "S1")
		c.change(a)
		d := apply(&aerv1.UserHistory{}, a)
		if d.Outcome != c.outcome || len(d.Trace) != c.asked {
			t.Errorf("%s: %s after %d gates, want %s after %d", c.name, d.Outcome, len(d.Trace), c.outcome, c.asked)
		}
		for i, g := range d.Trace {
			if g.Gate != Gates[i].Name || g.Detail == "" || g.Passed != (i < c.asked-1 || c.outcome == aerv1.Decision_RESPOND) {
				t.Errorf("%s: trace line %d: %v", c.name, i, g)
			}
		}
		if d.Reason == "" {
			t.Errorf("%s: no reason", c.name)
		}
	}
}

func TestDecisionRecord(t *testing.T) {
	a := anomalyAt(5, aerv1.TypeTor, "S1", "S2")
	s := respondAll(2)
	clock := day.Add(UsefulFor)
	emitted, d := User{}.Apply(&aerv1.UserHistory{}, a, Env{Settings: s, Mode: aerv1.ModeEnforce, DecidedAt: clock})
	want := &aerv1.Decision{
		Id: aerv1.NewID("decision", a.Id), AnomalyId: a.Id, AnomalyType: a.Type, OrgId: "O1", UserId: "U1",
		Outcome: aerv1.Decision_RESPOND, Reason: d.Reason, Trace: d.Trace, SettingsVersion: s.Version, BaselineVersion: "b1",
		Mode: "enforce", Time: a.KnownAt, SessionIds: []string{"S1", "S2"}, DecidedAt: aerv1.Time(clock),
	}
	if !proto.Equal(want, d) {
		t.Errorf("got %v\nwant %v", d, want)
	}
	if emitted.Count != 1 || emitted.Escalates != "" || emitted == a {
		t.Errorf("emitted: %v", emitted)
	}
	_, d = User{}.Apply(&aerv1.UserHistory{}, a, Env{Mode: aerv1.ModeReplay, DecidedAt: clock})
	if d.DecidedAt != nil {
		t.Error("a replay has no wall clock")
	}
}

// AER's audit entry about a reset comes back as an event of the user: not evidence against the user.
func TestOwnAuditEntriesAreNoEvidence(t *testing.T) {
	h := &aerv1.UserHistory{}
	first := apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
	own := anomalyAt(30, aerv1.TypeUnexpectedScraping, "S2")
	own.EventIds = []string{AuditEntryID("O1", aerv1.DecisionID(first.Id))}
	mixed := anomalyAt(31, aerv1.TypeExcessiveDownloads, "S3")
	mixed.EventIds = []string{AuditEntryID("O1", aerv1.DecisionID(first.Id)), "e-7"}
	if d := apply(h, own); d.Outcome != aerv1.Decision_OWN_ACTION {
		t.Errorf("own audit entry: %s", d.Outcome)
	}
	if d := apply(h, mixed); d.Outcome == aerv1.Decision_OWN_ACTION {
		t.Error("other evidence beside it counts")
	}
}

// PERSISTING passes its gate, refers to the reset it follows, and says what to do.
func TestPersistingAndCooldownSayWhatToDo(t *testing.T) {
	h := &aerv1.UserHistory{}
	first := apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
	d := apply(h, anomalyAt(10, aerv1.TypeTor, "S1"))
	last := d.Trace[len(d.Trace)-1]
	if d.Outcome != aerv1.Decision_PERSISTING || !d.Escalate || d.PreviousDecisionId != first.Id || !last.Passed ||
		last.Gate != GateLoopProtection || !strings.Contains(d.Recommendation, "session store") {
		t.Errorf("session that goes on: %v", d)
	}
	d = apply(h, anomalyAt(20, aerv1.TypeTor, "S2"))
	if d.Outcome != aerv1.Decision_PERSISTING || !strings.Contains(d.Recommendation, "reset the password") {
		t.Errorf("offender who returns: %v", d)
	}
	own := anomalyAt(30, aerv1.TypeTor, "S3")
	own.Evidence = &aerv1.Evidence{ClientUsual: true, NetworkUsual: true, Client: &aerv1.Client{DeviceId: "D-kim"}}
	d = apply(h, own)
	if d.Outcome != aerv1.Decision_COOLDOWN || !d.Escalate || !strings.Contains(d.Recommendation, "exclude") {
		t.Errorf("the user in a loop: %v", d)
	}
}

// The profile may have learnt the intruder by the second time; what counts is what was known at the first.
func TestOffenderIsKnownFromTheFirstAnomaly(t *testing.T) {
	h := &aerv1.UserHistory{}
	apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
	a := anomalyAt(60, aerv1.TypeTor, "S2")
	a.Evidence.ClientUsual, a.Evidence.NetworkUsual = true, true
	if d := apply(h, a); d.Outcome != aerv1.Decision_PERSISTING {
		t.Errorf("%s: %s", d.Outcome, d.Reason)
	}
}

// Nothing that a message may lack or hold makes the stage panic, and the outcome is always one of the enumerated.
func TestStrangeAnomalies(t *testing.T) {
	if e, d := (User{}).Apply(&aerv1.UserHistory{}, nil, Env{}); e != nil || d != nil {
		t.Error("no anomaly, no decision")
	}
	for _, a := range []*aerv1.Anomaly{{}, {Id: "x", Evidence: &aerv1.Evidence{}},
		{Id: "y", SessionIds: []string{"", ""}, Type: aerv1.TypeTor}} {
		for _, s := range []*aerv1.Settings{nil, {}, settings.Default("")} {
			_, d := User{}.Apply(&aerv1.UserHistory{}, a, Env{Settings: s})
			if d.GetOutcome() == aerv1.Decision_OUTCOME_UNSPECIFIED {
				t.Errorf("%v: no outcome", a)
			}
		}
	}
}

// The stream keeps only users of the last two days, and forgetting changes nothing.
func TestStreamForgets(t *testing.T) {
	s := NewStream(Config{})
	for i := range 3 * sweepEvery {
		a := anomalyAt(float64(i), aerv1.TypeTor, "S1")
		a.UserId = a.Id
		s.Add(a)
	}
	if n, most := len(s.kept[0]), int(Memory.Minutes())+sweepEvery; n > most {
		t.Errorf("%d users are remembered, want at most %d", n, most)
	}
}

func TestDecisionsAreInTheOrderOfTheirAnomalies(t *testing.T) {
	var as []*aerv1.Anomaly
	for i := range 20 {
		a := anomalyAt(float64(i%3), aerv1.TypeTor, "S1")
		a.Id = aerv1.NewID("anomaly", string(rune('a'+i)))
		a.UserId = a.Id
		as = append(as, a)
	}
	emitted, ds := Replay(as, Config{})
	shuffled := slices.Clone(ds)
	slices.Reverse(shuffled)
	slices.SortStableFunc(shuffled, CompareDecisions)
	for i := range ds {
		if ds[i] != shuffled[i] || emitted[i].Id != ds[i].AnomalyId {
			t.Fatalf("decision %d is out of order", i)
		}
	}
}
