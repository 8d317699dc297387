package process

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
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

// Judge is what the stages of the run judge with.
func (r Run) Judge(w *Worker) detector.Judge {
	return detector.Judge{Detectors: w.Detectors, Baselines: w.Baselines, Now: r.now(w)}
}

// Decide is what the stages of the run decide with.
func (r Run) Decide(w *Worker) decision.Config {
	cfg := w.Decide
	cfg.Mode, cfg.Now = r.Mode, r.now(w)
	return cfg
}

// now is the wall clock, or nothing in replays, whose results must not depend on it.
func (r Run) now(w *Worker) func() time.Time {
	if r.Mode == aerv1.ModeReplay {
		return nil
	}
	return w.Now
}
