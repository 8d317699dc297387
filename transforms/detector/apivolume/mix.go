package apivolume

import (
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// MixConfig holds the constants of the method mix.
type MixConfig struct {
	// MinActiveDays is how many active days an account needs before a method can be new to it.
	MinActiveDays uint32
	// MinCalls is how many calls of new methods in an hour are unexpected.
	MinCalls uint32
	// MinShare is the share of the hour's calls that must go to new methods.
	MinShare float64
	// NewForMS is how long a method counts as new after its first use, milliseconds.
	NewForMS int64
}

func defaultMix() MixConfig {
	return MixConfig{MinActiveDays: 3, MinCalls: 15, MinShare: 0.3, NewForMS: 60 * 60 * 1000}
}

// judgeMix reports an hour in which much of the traffic goes to methods that the account never called before.
func (d Detector) judgeMix(in *evidence.Input) *aerv1.Anomaly {
	c := d.Config.Mix
	if evidence.Cold(in) || in.Profile.ActiveDays < c.MinActiveDays {
		return nil
	}
	fresh, total, names := newMethodCalls(in, c.NewForMS)
	limit := float64(c.MinCalls) * evidence.SensitivityFactor(in.Sensitivity)
	if float64(fresh) < limit || float64(fresh) < c.MinShare*float64(total) {
		return nil
	}
	a := d.finding(in)
	a.EpisodeKey = "mix"
	a.Id = aerv1.NewID("anomaly", a.Id, a.EpisodeKey)
	a.Magnitude = float64(fresh) / limit
	a.Severity, a.Confidence = evidence.Severity(a.Magnitude), min(0.95, 1-0.3/a.Magnitude)
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "calls_of_new_methods_1h", "calls", float64(fresh), limit
	e.Formula = "calls of methods new to the account ≥ T, and at least a share of all calls"
	e.FormulaFilled = fmt.Sprintf("%d ≥ %s and %d of %d calls (≥ %s %%)", fresh, evidence.Number(limit), fresh, total, evidence.Number(100*c.MinShare))
	e.Notes = append(e.Notes, "new methods: "+strings.Join(names[:min(len(names), 8)], ", "))
	a.Summary = fmt.Sprintf("%d calls in 1 h of methods this account never used: %s", fresh, strings.Join(names[:min(len(names), 3)], ", "))
	return a
}

// newMethodCalls counts the last hour's calls of methods first used within newForMS, and all calls of that hour.
func newMethodCalls(in *evidence.Input, newForMS int64) (fresh, total uint32, names []string) {
	end := in.EndMS()
	for method, n := range profile.RecentCalls(in.Profile, end, 60*60*1000) {
		total += n
		if k := profile.Known(in.Profile.Methods, method); k != nil && end-k.FirstMs <= newForMS && method != "" {
			fresh += n
			names = append(names, method)
		}
	}
	slices.Sort(names)
	return fresh, total, names
}
