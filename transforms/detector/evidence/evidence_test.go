// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/profile"
)

func TestSeverityByMagnitude(t *testing.T) {
	for magnitude, want := range map[float64]string{0: "low", 0.99: "low", 1: "medium", 1.99: "medium", 2: "high",
		4.9: "high", 5: "critical", math.Inf(1): "critical"} {
		if got := Severity(magnitude); got != want {
			t.Errorf("%v times the threshold is %s, want %s", magnitude, got, want)
		}
	}
}

func TestReasonsBringTheirCompany(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"tor"}, []string{"tor"}},
		{[]string{"unexpected_user_agent"}, []string{"unexpected_user_agent", "user_agent"}},
		{[]string{"spoofed_user_agent"}, []string{"spoofed_user_agent", "unexpected_client"}},
		{[]string{"session_fingerprint", "asn"}, []string{"session_fingerprint", "asn", "ip_address"}},
		{[]string{"asn", "ip_address", "asn"}, []string{"asn", "ip_address"}}, {nil, nil},
	} {
		if got := Reasons(c.in...); !slices.Equal(got, c.want) {
			t.Errorf("%v became %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCombine(t *testing.T) {
	sign := func(w float64) *aerv1.Sign { return &aerv1.Sign{Code: "x_y", Weight: w} }
	for _, c := range []struct {
		signs []*aerv1.Sign
		want  float64
	}{{nil, 0}, {[]*aerv1.Sign{sign(0.7)}, 0.7}, {[]*aerv1.Sign{sign(0.7), sign(0.6)}, 0.88},
		{[]*aerv1.Sign{sign(0.7), sign(0.6), sign(0.2)}, 0.904}, {[]*aerv1.Sign{sign(1), sign(0.1)}, 1}} {
		if got := Combine(c.signs); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v signs combine to %v, want %v", c.signs, got, c.want)
		}
	}
	if got := Codes([]*aerv1.Sign{sign(1), sign(1)}); got != "x y, x y" {
		t.Errorf("codes %q", got)
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 3: "3", 2.5: "2.5", 1.0 / 3: "0.33", 0.999: "1",
		123456.789: "123456.79"} {
		if got := Number(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

func TestBusiestClient(t *testing.T) {
	s := &aerv1.Slice{Facets: []*aerv1.Facet{
		{SessionId: "S1", Downloads: 2, Client: &aerv1.FacetClient{Ip: "a"}},
		{SessionId: "S2", Downloads: 5, Client: &aerv1.FacetClient{Ip: "b"}},
		{SessionId: "S2", Downloads: 1, Client: &aerv1.FacetClient{Ip: "c"}}, {SessionId: "S3", Reads: 9}, {Downloads: 1},
	}}
	if c, sessions := BusiestClient(s, (*aerv1.Facet).GetDownloads); c.GetIp() != "b" ||
		!slices.Equal(sessions, []string{"S2", "S1"}) {
		t.Errorf("client %v, sessions %v", c, sessions)
	}
	if c, sessions := BusiestClient(s, (*aerv1.Facet).GetCalls); c != nil || sessions != nil {
		t.Errorf("nobody called, got %v and %v", c, sessions)
	}
}

func TestEventIDsAreTheFirstAndTheLast(t *testing.T) {
	s := &aerv1.Slice{Last: &aerv1.EventRef{Id: "last"}}
	for i := range 16 {
		s.Refs = append(s.Refs, &aerv1.EventRef{Id: fmt.Sprint(i)})
	}
	if ids := eventIDs(s); len(ids) != 16 || ids[0] != "0" || ids[14] != "14" || ids[15] != "last" {
		t.Errorf("%v", ids)
	}
	if ids := eventIDs(&aerv1.Slice{Refs: s.Refs[:1], Last: s.Refs[0]}); len(ids) != 1 {
		t.Errorf("one event gave %v", ids)
	}
}

// TestTheFormulaAddsUp at every sensitivity.
func TestTheFormulaAddsUp(t *testing.T) {
	signs := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "family_changed", Weight: 0.7}}
	for sensitivity, want := range map[string]string{
		"medium": "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, T = 0.9",
		"low":    "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, / 1.08 by sensitivity = 0.8426, T = 0.9",
		"high":   "1 - (1 - 0.7 os_changed) × (1 - 0.7 family_changed) = 0.91, / 0.93 by sensitivity = 0.9785, T = 0.9",
	} {
		a := &aerv1.Anomaly{Evidence: &aerv1.Evidence{}}
		FillSigns(a, "s", signs, 1, 0.9, sensitivity)
		if a.Evidence.FormulaFilled != want {
			t.Errorf("%s:\n got  %s\n want %s", sensitivity, a.Evidence.FormulaFilled, want)
		}
	}
}

// TestFillSignsOfAWeakFinding: below act it only logs, and what signs may give at most is said.
func TestFillSignsOfAWeakFinding(t *testing.T) {
	weak := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "asn_new", Weight: 0.4}}
	strong := []*aerv1.Sign{{Code: "os_changed", Weight: 0.7}, {Code: "fork", Weight: 0.8}}
	for _, c := range []struct {
		signs []*aerv1.Sign
		most  float64
		log   bool
		want  float64
	}{{weak, 1, true, 0.82}, {strong, 1, false, 0.94}, {strong, 0.8, true, 0.8}, {strong, 0.95, false, 0.94},
		{[]*aerv1.Sign{{Weight: 1}}, 1, false, 0.999}} {
		a := &aerv1.Anomaly{Evidence: &aerv1.Evidence{}}
		FillSigns(a, "s", c.signs, c.most, 0.9, "")
		said := strings.Contains(a.Evidence.FormulaFilled, "at most "+Number(c.most))
		if a.LogOnly != c.log || math.Abs(a.Confidence-c.want) > 1e-9 || said != (c.most < Combine(c.signs)) ||
			len(a.Evidence.Signs) != len(c.signs) {
			t.Errorf("%v, at most %v: %v", c.signs, c.most, a)
		}
	}
}

// A finding by a baseline that has long ended says so; one by a current baseline does not.
func TestAStaleBaselineIsSaid(t *testing.T) {
	in := &Input{Profile: &profile.Profile{}, Slice: &aerv1.Slice{WindowStartMs: 1_772_442_000_000, WindowMs: 10_000}}
	end := time.UnixMilli(in.EndMS())
	for age, want := range map[time.Duration]bool{-time.Hour: false, time.Hour: false, 72 * time.Hour: true} {
		in.Baseline = baseline.NewIndex(&aerv1.Baseline{Version: "b", ValidFrom: aerv1.Time(end.AddDate(0, 0, -9)),
			ValidUntil: aerv1.Time(end.Add(-age))})
		notes := FromSlice(in, aerv1.TypeExcessiveDownloads, "", nil).Evidence.Notes
		if said := len(notes) == 1 && strings.Contains(notes[0], "3 days old"); said != want {
			t.Errorf("ended %s ago: %q", age, notes)
		}
	}
}
