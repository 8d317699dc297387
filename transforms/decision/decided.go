// SPDX-License-Identifier: Apache-2.0

package decision

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// Decided is an anomaly with the decision about it, or a finding that nothing was decided about yet.
type Decided struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
	// Before is what an earlier run decided about the finding, or nil. It stands: the stages remember it as theirs, and
	// what they would say is not handed out again.
	Before *aerv1.Decision
}

// TimeMS is when it was known and so decided about, Unix milliseconds.
func (d Decided) TimeMS() int64 {
	if d.Decision != nil {
		return d.Decision.GetTime().AsTime().UnixMilli()
	}
	return knownAt(d.Anomaly).UnixMilli()
}

// CompareDecided orders pairs as CompareDecisions orders their decisions.
func CompareDecided(a, b Decided) int { return CompareDecisions(a.Decision, b.Decision) }
