// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"math"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ConfidenceFactor divides a combined confidence before it is compared: low asks for about a tenth more, high for a
// tenth less. Scaling it like a volume would make low unreachable, because a confidence ends at 1.
func ConfidenceFactor(sensitivity string) float64 {
	switch sensitivity {
	case aerv1.SensitivityLow:
		return 1.08
	case aerv1.SensitivityHigh:
		return 0.93
	}
	return 1
}

// Confidence is what signs give together, at most most, as the sensitivity has it.
func Confidence(signs []*aerv1.Sign, most float64, sensitivity string) float64 {
	return min(Combine(signs), most) / ConfidenceFactor(sensitivity)
}

// FillSigns writes combined signs into a finding. One that stays below act only logs. most is what they may give at
// most, 1 for as much as they do.
func FillSigns(a *aerv1.Anomaly, signal string, signs []*aerv1.Sign, most, act float64, sensitivity string) {
	combined := min(Combine(signs), most)
	confidence := min(Confidence(signs, most, sensitivity), 0.999)
	a.Confidence, a.Magnitude, a.Severity = confidence, confidence/act, SeverityHigh
	if confidence < act {
		a.LogOnly, a.Severity = true, SeverityMedium
	}
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold, e.Signs = signal, "confidence", confidence, act, signs
	e.Formula = "1 - ∏(1 - weight) ≥ T"
	parts := make([]string, len(signs))
	for i, s := range signs {
		parts[i] = fmt.Sprintf("(1 - %s %s)", Number(s.Weight), s.Code)
	}
	limited := ""
	if combined < Combine(signs) {
		e.Formula = "min(1 - ∏(1 - weight), what such signs may give) ≥ T"
		limited = ", at most " + Number(most)
	}
	e.FormulaFilled = fmt.Sprintf("1 - %s = %s%s%s, T = %s", strings.Join(parts, " × "), Fraction(Combine(signs)),
		limited, scaled(combined, confidence), Number(act))
}

// scaled says how a combined confidence became the one that was compared, where the sensitivity changed it: evidence
// must add up when it is checked by hand.
func scaled(combined, confidence float64) string {
	if confidence == 0 || math.Abs(combined-confidence) < 0.002 { // no more than the cut at 0.999
		return ""
	}
	return fmt.Sprintf(", / %s by sensitivity = %s", Number(combined/confidence), Fraction(confidence))
}

// Codes names the signs in words.
func Codes(signs []*aerv1.Sign) string {
	out := make([]string, len(signs))
	for i, s := range signs {
		out[i] = strings.ReplaceAll(s.Code, "_", " ")
	}
	return strings.Join(out, ", ")
}
