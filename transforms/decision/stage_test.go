// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// TestStagesAreTheSameInPieces: whoever brings what is due one by one or in heaps, and whoever stores the states in
// between, gets the same decisions: what an engine does.
func TestStagesAreTheSameInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := sorted(anyAnomalies(t, 40))
		chosen := respondAll(2)
		cfg := Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return chosen }}
		_, want := Replay(all, cfg)
		pairs := make([]Decided, len(all))
		for i, a := range all {
			pairs[i] = Decided{Anomaly: a}
		}
		for _, stage := range Stages(cfg) {
			pairs = inPieces(t, stage, pairs)
		}
		got := make([]*aerv1.Decision, len(pairs))
		for i, p := range pairs {
			got[i] = p.Decision
		}
		slices.SortStableFunc(got, CompareDecisions)
		if !slices.EqualFunc(want, got, func(a, b *aerv1.Decision) bool { return proto.Equal(a, b) }) {
			t.Fatalf("%d decisions of a stream, %d in pieces:\n%v\n%v", len(want), len(got), want, got)
		}
	})
}

// inPieces passes pairs, in order, through a stage as a driver does that stores its states.
func inPieces(t *rapid.T, stage Stage, pairs []Decided) (out []Decided) {
	type cell struct {
		raw  []byte
		held []Held
	}
	cells := map[string]*cell{}
	look := func(c *cell, untilMS int64) {
		st := stage.Empty()
		if err := aerv1.UnmarshalState(c.raw, st); err != nil {
			t.Fatal(err)
		}
		done := stage.Step(st, c.held, untilMS)
		out, c.held = append(out, done.Out...), done.Rest
		var err error
		if c.raw, err = st.MarshalVT(); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range pairs {
		key, asks := stage.Key(p)
		if !asks {
			out = append(out, p)
			continue
		}
		if cells[key] == nil {
			cells[key] = &cell{}
		}
		c := cells[key]
		c.held = slices.Insert(c.held, rapid.IntRange(0, len(c.held)).Draw(t, "at"), Hold(p))
		if rapid.Bool().Draw(t, "look") {
			look(c, p.TimeMS()-1)
		}
	}
	const forever = int64(1) << 60
	for _, c := range cells {
		look(c, forever)
	}
	slices.SortStableFunc(out, CompareDecided)
	return out
}

// TestConfig: stages ask for settings, people and limits in one place.
func TestConfig(t *testing.T) {
	c := Config{}.withDefaults()
	d := &aerv1.Decision{OrgId: "O1", Time: aerv1.Time(day)}
	limits, active := c.limits(OrgBudget, d)
	if !proto.Equal(limits, settings.Default("O1").Limits) || active != 0 {
		t.Errorf("by default the limits of an organisation are %v for %d active users", limits, active)
	}
	if limits, _ := c.limits(GlobalBudget, d); !proto.Equal(limits, settings.GlobalLimits()) {
		t.Errorf("by default the limits of all are %v", limits)
	}
	if env := c.env(&aerv1.Anomaly{OrgId: "O1"}); env.Person != nil || !env.DecidedAt.IsZero() || env.Settings == nil {
		t.Errorf("by default decisions are surrounded by %v", env)
	}
	asked := map[string]time.Time{}
	c = Config{
		Mode: aerv1.ModeEnforce, EndsApps: true, Simulated: true, Now: func() time.Time { return day },
		Global: &aerv1.Limits{BudgetMin: 7},
		Person: func(org aerv1.OrgID, user aerv1.UserID) *aerv1.Person {
			return &aerv1.Person{UserId: string(org) + string(user)}
		},
		ActiveUsers: func(org string, at time.Time) uint32 { asked[org] = at; return 12 },
	}.withDefaults()
	if limits, active := c.limits(GlobalBudget, d); limits.BudgetMin != 7 || active != 12 || asked[""] != day {
		t.Errorf("limits of all are %v for %d active users, asked for %v", limits, active, asked)
	}
	if _, _ = c.limits(OrgBudget, d); asked["O1"] != day {
		t.Errorf("active users are asked for %v", asked)
	}
	env := c.env(&aerv1.Anomaly{OrgId: "O1", UserId: "U1"})
	if env.Person.GetUserId() != "O1U1" || env.Mode != aerv1.ModeEnforce || !env.EndsApps || !env.Simulated ||
		env.DecidedAt != day {
		t.Errorf("decisions are surrounded by %v", env)
	}
}

// TestNobodyIsToldOfWhatIsNoFinding: an app's witness says nothing to the common causes of people, and comes out
// nowhere.
func TestNobodyIsToldOfWhatIsNoFinding(t *testing.T) {
	a := anomalyAt(0, aerv1.TypeSpoofedUserAgent, "S1")
	a.Hint, a.Confidence, a.ActorKind, a.AppId = true, 0, aerv1.ActorApp, "A1"
	a.NewThings = []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: "J"}}
	a.Evidence.DeviceUsual = true
	if !onlyWitness(a) {
		t.Fatal("it is no witness: the test proves nothing")
	}
	if anomalies, decisions := Replay([]*aerv1.Anomaly{a}, Config{Mode: aerv1.ModeReplay}); len(anomalies) != 0 {
		t.Errorf("%v comes out with %v", anomalies, decisions)
	}
}

// TestStreamsForgetWhatHasExpired, in every stage.
func TestStreamsForgetWhatHasExpired(t *testing.T) {
	s := NewStream(Config{Mode: aerv1.ModeReplay})
	a := anomalyAt(0, aerv1.TypeTor, "S1")
	a.Confidence, a.NewThings = 1, []*aerv1.NewThing{{Kind: aerv1.NewJA4, Key: "J"}}
	if s.Add(a); len(s.kept[0]) != 1 || len(s.kept[1]) != 1 || len(s.kept[2]) != 1 || len(s.kept[3]) != 1 {
		t.Fatalf("kept: %v", s.kept)
	}
	for range sweepEvery {
		other := anomalyAt(30*24*60, aerv1.TypeTor, "S1")
		other.UserId, other.OrgId = "U2", "O2"
		s.Add(other)
	}
	if len(s.kept[0]) != 1 || len(s.kept[1])+len(s.kept[2]) > 1 || len(s.kept[3]) != 1 {
		t.Errorf("kept: %v", s.kept)
	}
}
