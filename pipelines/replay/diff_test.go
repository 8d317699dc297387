// SPDX-License-Identifier: Apache-2.0

package replay

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	base "github.com/aer-project/aer/pipelines/baseline"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func decided(user, anomaly string, o aerv1.Decision_Outcome, gate string) *aerv1.Decision {
	d := &aerv1.Decision{AnomalyId: anomaly, AnomalyType: "tor", OrgId: "o", UserId: user, Outcome: o, Reason: "why",
		Time: aerv1.Time(noon)}
	if gate != "" {
		d.Trace = []*aerv1.GateResult{{Gate: "own_action", Passed: true}, {Gate: gate, Detail: gate + " says no"}}
	}
	return d
}

func TestWithout(t *testing.T) {
	a, b := newSide(), newSide()
	for _, id := range []string{"1", "2", "3", "folded"} {
		_ = b.finding(&aerv1.Anomaly{Id: id})
	}
	_ = a.Decision(decided("ada", "1", aerv1.Decision_RESPOND, ""))
	_ = b.Decision(decided("ada", "1", aerv1.Decision_EXCLUDED, "excluded"))
	_ = a.Decision(decided("bela", "2", aerv1.Decision_RESPOND, ""))
	_ = b.Decision(decided("bela", "2", aerv1.Decision_PERSISTING, ""))
	_ = a.Decision(decided("carla", "folded", aerv1.Decision_RESPOND, ""))
	_ = a.Decision(decided("carla", "nowhere", aerv1.Decision_PERSISTING, ""))
	_ = a.Decision(decided("dora", "3", aerv1.Decision_LOG_ONLY, "detector_mode"))
	only, both := a.without(b)
	want := []UserDiff{
		{OrgID: "o", UserID: "ada", Resets: 1,
			Changes: []Change{{AnomalyID: "1", Type: "tor", Time: noon, Outcome: "RESPOND", Other: "EXCLUDED", Gate: "excluded",
				Detail: "excluded says no"}}},
		{OrgID: "o", UserID: "carla", Resets: 2, Changes: []Change{
			{AnomalyID: "folded", Type: "tor", Time: noon, Outcome: "RESPOND", Other: Folded,
				Detail: "It is part of an anomaly that was decided about before."},
			{AnomalyID: "nowhere", Type: "tor", Time: noon, Outcome: "PERSISTING", Other: NotFound,
				Detail: "The detector does not raise it with this sensitivity."},
		}},
	}
	if diff := cmp.Diff(want, only); diff != "" || both != 1 {
		t.Errorf("both %d, %s", both, diff)
	}
	if only, both := b.without(a); len(only) != 0 || both != 1 {
		t.Errorf("the reverse: %v, both %d", only, both)
	}
}

func TestChangesAreBounded(t *testing.T) {
	a := newSide()
	for i := range 50 {
		_ = a.Decision(decided("ada", fmt.Sprint(i), aerv1.Decision_RESPOND, ""))
	}
	only, _ := a.without(newSide())
	if only[0].Resets != 50 || len(only[0].Changes) != changesMax {
		t.Errorf("%d resets, %d changes", only[0].Resets, len(only[0].Changes))
	}
}

// visits writes events of users who come through Tor, and what they are judged by; it returns the options to replay
// them.
func visits(t *testing.T, users int) Options {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var b strings.Builder
	for i := range users {
		fmt.Fprintf(&b,
			`{"id":"e%d","time":%q,"org_id":"o","user_id":"u%02d","session_id":"s%d","action":"user_login","client":{"ip":"192.0.2.7"}}`+"\n",
			i, noon.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i, i)
	}
	cfg := enrich.DefaultConfig()
	cfg.Tor = []tor.Source{{Path: file("tor.tsv", fmt.Sprintf("192.0.2.7\t%d\t%d\n", noon.Unix()-3600, noon.Unix()+7200))}}
	e, err := enrich.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Events: base.Events{Paths: []string{file("events.ndjson", b.String())}, Enrich: e.Enrich}, Baseline: None,
		Out:   filepath.Join(dir, "out"),
		Rules: rules(t, "mode: respond"),
	}
}

// judge goes by one organisation's settings for Tor.
func rules(t *testing.T, chosen string) Rules {
	t.Helper()
	list, err := settings.Parse("test.yaml", []byte("orgs:\n  o:\n    detectors:\n      tor: {"+chosen+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	of := func(string) *aerv1.Settings { return list[0] }
	return Rules{
		Chosen: list,
		Detectors: detector.NewSet(detector.All(),
			func(org, kind string) string { return of(org).GetDetectors()[kind].GetSensitivity() }),
		Decide: func(baseline.Source) decision.Config { return decision.Config{Mode: aerv1.ModeReplay, Settings: of} },
	}
}

// TestRunDiff: an exclusion, and a sensitivity that has the events judged twice and changes nothing about Tor.
func TestRunDiff(t *testing.T) {
	for sensitivity, shared := range map[string]bool{"medium": true, "low": false} {
		t.Run(sensitivity, func(t *testing.T) {
			o := visits(t, 3)
			d, err := RunDiff(context.Background(), o,
				rules(t, "mode: respond, sensitivity: "+sensitivity+", excluded_users: [u01]"))
			if err != nil {
				t.Fatal(err)
			}
			if d.Shared != shared || len(d.OnlyA) != 1 || len(d.OnlyB) != 0 || d.Both != 2 {
				t.Fatalf("%+v", d)
			}
			if c := d.OnlyA[0]; c.UserID != "u01" || c.Changes[0].Other != "EXCLUDED" || c.Changes[0].Gate != "excluded" {
				t.Errorf("%+v", c)
			}
			if d.A.Outcomes[aerv1.Decision_RESPOND] != 3 || d.B.Outcomes[aerv1.Decision_RESPOND] != 2 ||
				d.B.Outcomes[aerv1.Decision_EXCLUDED] != 1 {
				t.Errorf("A %v, B %v", d.A.Outcomes, d.B.Outcomes)
			}
			for _, side := range []string{"a", "b"} {
				if raw, err := os.ReadFile(filepath.Join(o.Out, side, "decisions.ndjson")); err != nil ||
					strings.Count(string(raw), "\n") != 3 {
					t.Errorf("%s: %d lines, %v", side, strings.Count(string(raw), "\n"), err)
				}
			}
		})
	}
}
