// SPDX-License-Identifier: Apache-2.0

// Package evidence is what detectors are given and what they return: one user's profile and slice in, findings with
// checkable numbers out.
package evidence

import (
	"math"
	"strconv"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/profile"
)

// Input is one slice to be judged, and what it is judged against.
type Input struct {
	// Profile already holds the slice: what the slice brought has FirstMS within its window.
	Profile *profile.Profile
	Slice   *aerv1.Slice
	// Baseline may be nil.
	Baseline *baseline.Index
	// Choice is asked for the organisation's choice for this detector, when it can matter.
	Choice Choice
}

// Choice gives an organisation's choice for a detector: low, medium or high. nil stands for medium.
type Choice func(orgID string) string

// Chosen is the choice of everyone.
func Chosen(sensitivity string) Choice { return func(string) string { return sensitivity } }

func (c Choice) of(orgID string) string {
	if c == nil {
		return aerv1.SensitivityMedium
	}
	return c(orgID)
}

// Sensitivity is low, medium or high.
func (in *Input) Sensitivity() string { return in.Choice.of(in.Slice.OrgId) }

// EndMS is the time of judgement: the end of the slice's window, Unix milliseconds.
func (in *Input) EndMS() int64 { return profile.EndMS(in.Slice) }

// App says whether it is an app that acts under the person's name. What people do is no measure for it.
func (in *Input) App() bool { return in.Slice.ActorKind == aerv1.ActorApp }

// Who is whom the slice is about, for summaries: the user, or the app.
func (in *Input) Who() string {
	if in.App() {
		return "the app"
	}
	return "the user"
}

// EventInput is one event to be judged by itself, in the fast lane.
type EventInput struct {
	Event    *aerv1.Event
	Baseline *baseline.Index
	Choice   Choice
}

// Doc says what a detector does, for the table in README.md of package detector.
type Doc struct {
	Type, Signal, Horizons, Threshold, ColdStart, Evidence, Tolerates string
}

// SensitivityFactor scales thresholds: low 1.5, medium 1, high 0.75 (start values).
func SensitivityFactor(sensitivity string) float64 {
	switch sensitivity {
	case aerv1.SensitivityLow:
		return 1.5
	case aerv1.SensitivityHigh:
		return 0.75
	}
	return 1
}

// Severities by how far a finding stands above its threshold.
const (
	SeverityLow      = "low"
	SeverityMedium   = "medium"
	SeverityHigh     = "high"
	SeverityCritical = "critical"
)

// Severity grades a magnitude (observed / threshold): from 1 medium, from 2 high, from 5 critical.
func Severity(magnitude float64) string {
	switch {
	case magnitude >= 5:
		return SeverityCritical
	case magnitude >= 2:
		return SeverityHigh
	case magnitude >= 1:
		return SeverityMedium
	}
	return SeverityLow
}

// Slack's reason codes beside the detectors' own names, and which reason implies which.
var coReasons = map[string]string{
	aerv1.TypeUnexpectedUserAgent: "user_agent",
	aerv1.TypeSpoofedUserAgent:    "unexpected_client",
	"asn":                         "ip_address",
}

// Reasons lists reason codes with those that must accompany them, without repetition.
func Reasons(codes ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range codes {
		for ; c != "" && !seen[c]; c = coReasons[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}

// Stronger says whether a is to be reported rather than b: what may act before what only logs, that before a hint, then
// the more certain. A detector that took the first would at a higher sensitivity report less: a weak sign before the
// strong one.
func Stronger(a, b *aerv1.Anomaly) bool {
	switch {
	case b == nil:
		return a != nil
	case a.LogOnly != b.LogOnly:
		return b.LogOnly
	case a.Hint != b.Hint:
		return b.Hint
	}
	return a.Confidence > b.Confidence
}

// Combine is 1 - product(1 - weight): the confidence that several independent signs give together.
func Combine(signs []*aerv1.Sign) float64 {
	rest := 1.0
	for _, s := range signs {
		rest *= 1 - s.Weight
	}
	return 1 - rest
}

// Number renders a figure for evidence: no more digits than it needs, two decimals at most.
func Number(x float64) string {
	return strconv.FormatFloat(float64(int64(x*100+0.5))/100, 'f', -1, 64)
}

// Fraction renders a confidence: four decimals at most, so that 0.897 does not read as the 0.9 that it missed.
func Fraction(x float64) string {
	return strconv.FormatFloat(math.Round(x*1e4)/1e4, 'f', -1, 64)
}
