// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Worst evaluates the rules and returns the one that is exceeded most, or else the one that comes closest to its limit
// from hintShare on (a hint: observed is then at most the limit), or ok = false.
func Worst(in *evidence.Input, rules []Rule) (rule Rule, observed float64, limit Limit, ok bool) {
	best, age := hintShare, ageFactor(in)
	for _, r := range rules {
		if !r.Pace && tooYoung(in, r) {
			continue
		}
		x, floor := float64(r.Metric.Value(in.Profile, in.EndMS())), r.Floor*age
		if x < 1 || x/(mostSensitive*floor) <= best { // no limit is below its floor: not worth any lookup
			continue
		}
		s := evidence.SensitivityFactor(in.Sensitivity())
		if x/(s*floor) <= best {
			continue
		}
		l := r.threshold(in, s)
		if x/l.Value > best && r.goesOn(in, l.Value) {
			best, rule, observed, limit, ok = x/l.Value, r, x, l, true
		}
	}
	return rule, observed, limit, ok
}

// mostSensitive is the smallest factor that an organisation can choose.
var mostSensitive = evidence.SensitivityFactor(aerv1.SensitivityHigh)

// Fill writes a limit and what was observed of a metric into a finding; the finding's window becomes the metric's
// horizon.
func Fill(a *aerv1.Anomaly, metric profile.Metric, unit string, observed float64, l Limit) {
	a.Window.Start = aerv1.TimeMS(metric.FromMS(a.Window.End.AsTime().UnixMilli()))
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = metric.String(), unit, observed, l.Value
	e.Formula = "T = max(s × F, a × L × Q_org(0.9), b × habit)"
	e.FormulaFilled = fmt.Sprintf("%s > %s", evidence.Number(observed), l.Formula())
	e.BaselineRows, e.BaselineN = l.Rows()
	e.Notes = append(e.Notes, l.Notes()...)
	a.Magnitude = observed / l.Value
	a.Severity = evidence.Severity(a.Magnitude)
	a.Confidence = min(0.99, 1-0.5/a.Magnitude)
	a.LogOnly = l.Cold
	if observed <= l.Value {
		a.Hint, a.LogOnly, a.Confidence = true, true, a.Magnitude
		e.FormulaFilled = fmt.Sprintf("%s > %s of %s", evidence.Number(observed), evidence.Number(hintShare),
			l.Formula())
	}
}

// goesOn says whether the recent part of a long horizon is still above the pace that the threshold means.
func (r Rule) goesOn(in *evidence.Input, threshold float64) bool {
	if r.RecentPace == 0 {
		return true
	}
	pace := threshold * float64(r.Recent.HorizonMS()) / float64(r.Metric.HorizonMS())
	return float64(r.Recent.Value(in.Profile, in.EndMS())) > r.RecentPace*pace
}
