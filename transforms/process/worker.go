package process

import (
	"time"

	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
)

// Worker is what the stages judge with, shared by all DoFn instances. Lists and baselines are looked up here and
// refreshed by age; they are never side inputs.
type Worker struct {
	Enricher  *enrich.Enricher
	Detectors *detector.Set
	// Baselines may be nil.
	Baselines baseline.Source
	// Decide answers what the gates and budgets ask, as it does for decision.Stream.
	Decide decision.Config
	// Now is the wall clock, for detected_at and decided_at; nil leaves them out, as in replays.
	Now func() time.Time
}
