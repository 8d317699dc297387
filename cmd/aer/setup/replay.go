package setup

import (
	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// Replayed is what a replay judges by.
func (j *Judge) Replayed() replay.Judge {
	return replay.Judge{
		Detectors: j.Detectors, Chosen: j.Chosen,
		Decide: func(s baseline.Source) decision.Config { return j.Decide(aerv1.ModeReplay, s, nil) },
	}
}

// History is files of events as replays and baselines read them.
func (j *Judge) History(paths []string, opt event.Options) base.Events {
	return base.Events{Paths: paths, Decode: opt, Enrich: j.Enricher.Enrich}
}
