package decision

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// Decided is an anomaly with the decision about it.
type Decided struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
}

// CompareDecided orders pairs as CompareDecisions orders their decisions.
func CompareDecided(a, b Decided) int { return CompareDecisions(a.Decision, b.Decision) }
