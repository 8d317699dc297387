// SPDX-License-Identifier: Apache-2.0

package process

import (
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
)

// Core is what the stages judge with, shared by all DoFn instances. Lists and baselines are looked up here and
// refreshed by age; they are never side inputs.
type Core struct {
	Enricher  *enrich.Enricher
	Detectors *detector.Set
	// Baselines may be nil.
	Baselines baseline.Source
	// Decide answers what the gates and budgets ask, as it does for decision.Stream. Its clock is also that of
	// detected_at.
	Decide decision.Config
}
