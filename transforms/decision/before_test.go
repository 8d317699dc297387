// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// streamed decides about findings, after what earlier runs knew.
func streamed(cfg Config, before []Decided, found []*aerv1.Anomaly) (out []*aerv1.Decision) {
	s := NewStream(cfg)
	keep := func(list []Decided) {
		for _, d := range list {
			out = append(out, d.Decision)
		}
	}
	for _, b := range before {
		keep(s.Remember(b.Anomaly, b.Before))
	}
	for _, f := range found {
		keep(s.Add(f))
	}
	keep(s.Flush())
	slices.SortStableFunc(out, CompareDecisions)
	return out
}

// remembered pairs findings with what was decided about them.
func remembered(found []*aerv1.Anomaly, decided []*aerv1.Decision) (before []Decided) {
	byID := map[string]*aerv1.Decision{}
	for _, d := range decided {
		byID[d.AnomalyId] = d
	}
	for _, f := range found {
		before = append(before, Decided{Anomaly: f, Before: byID[f.Id]})
	}
	return before
}

func TestARunThatRemembersGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := sorted(anyAnomalies(t, 40))
		chosen := respondAll(2)
		cfg := Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return chosen }}
		n := rapid.IntRange(0, len(all)).Draw(t, "cut")
		first := map[string]bool{}
		for _, a := range all[:n] {
			first[a.Id] = true
		}
		want := slices.DeleteFunc(streamed(cfg, nil, all),
			func(d *aerv1.Decision) bool { return first[d.AnomalyId] })
		got := streamed(cfg, remembered(all[:n], streamed(cfg, nil, all[:n])), all[n:])
		if !slices.EqualFunc(want, got, func(a, b *aerv1.Decision) bool { return proto.Equal(a, b) }) {
			t.Fatalf("never stopped, %d decisions: %v\nbegun anew after %d, %d decisions: %v", len(want), want, n, len(got), got)
		}
	})
}

// What was decided stands, whatever is chosen now. What was not decided yet is.
func TestWhatWasDecidedStands(t *testing.T) {
	responds, logs := respondAll(2), respondAll(2)
	for _, d := range logs.Detectors {
		d.Mode = aerv1.DetectorLog
	}
	with := func(s *aerv1.Settings) Config {
		return Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return s }}
	}
	found, again := anomalyAt(0, aerv1.TypeTor, "S1"), anomalyAt(30, aerv1.TypeTor, "S1")
	for name, c := range map[string]struct {
		then, now *aerv1.Settings
		want      aerv1.Decision_Outcome
	}{
		"responds":                 {responds, responds, aerv1.Decision_PERSISTING},
		"logged, and responds now": {logs, responds, aerv1.Decision_RESPOND}, // nobody was signed out
	} {
		t.Run(name, func(t *testing.T) {
			before := remembered([]*aerv1.Anomaly{found}, streamed(with(c.then), nil, []*aerv1.Anomaly{found}))
			got := streamed(with(c.now), before, []*aerv1.Anomaly{again})
			if len(got) != 1 || got[0].AnomalyId != again.Id || got[0].Outcome != c.want {
				t.Errorf("%v, want %v about the second alone", got, c.want)
			}
		})
	}
	owed := streamed(with(responds), []Decided{{Anomaly: found}}, nil)
	if len(owed) != 1 || owed[0].Outcome != aerv1.Decision_RESPOND {
		t.Errorf("%v, want what the earlier run still owed", owed)
	}
}

// The user's stage is remembered as it was, whatever stages behind it made of it.
func TestFirstOutcome(t *testing.T) {
	gates := func(last string, passed bool, more ...string) (trace []*aerv1.GateResult) {
		trace = append(trace, &aerv1.GateResult{Gate: GateNotSignedIn, Passed: true},
			&aerv1.GateResult{Gate: last, Passed: passed})
		for _, g := range more {
			trace = append(trace, &aerv1.GateResult{Gate: g})
		}
		return trace
	}
	const common, exhausted = aerv1.Decision_COMMON_CAUSE, aerv1.Decision_BUDGET_EXHAUSTED
	for want, d := range maps.All(map[aerv1.Decision_Outcome]*aerv1.Decision{
		aerv1.Decision_EXCLUDED:      {Outcome: aerv1.Decision_EXCLUDED},
		aerv1.Decision_LOG_ONLY:      {Outcome: common, Trace: gates(GateDetectorMode, false, GateCommonCause)},
		aerv1.Decision_STALE:         {Outcome: common, Trace: gates(GateStale, false, GateCommonCause)},
		aerv1.Decision_ALREADY_ENDED: {Outcome: common, Trace: gates(GateAlreadyEnded, false, GateCommonCause)},
		aerv1.Decision_COOLDOWN:      {Outcome: common, Trace: gates(GateLoopProtection, false, GateCommonCause)},
		aerv1.Decision_RESPOND: {Outcome: exhausted,
			Trace: gates(GateLoopProtection, true, GateCommonCause, GateBudgetOrg)},
		aerv1.Decision_PERSISTING: {Outcome: exhausted, PreviousDecisionId: "d",
			Trace: gates(GateLoopProtection, true, GateBudgetGlobal)},
		aerv1.Decision_OUTCOME_UNSPECIFIED: {Outcome: common},
	}) {
		if got := firstOutcome(d); got != want {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
	}
}
