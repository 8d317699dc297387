package transforms

import (
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/transforms/event"
)

// Kinds of source.
const (
	SourceFiles    = "files"
	SourcePubSub   = "pubsub"
	SourceDataflow = "dataflow" // Pub/Sub through Dataflow's own source
)

// Source says where events come from and how they are decoded.
type Source struct {
	Kind   string
	Files  Files
	PubSub PubSub
	Decode event.Options
	// Keep is how long the windows behind the source take events in, so that those they drop can be counted.
	Keep Keep
	// RunID ties the source to Drain and to the stages that bound it.
	RunID string
}

// Ingest is the events of a source (PCollection<*aerv1.Event>, each at its own time) and its dead letters
// (PCollection<*aerv1.DeadLetter>). Every source stands behind this one function, because which of them works depends on
// the runner: Dataflow's own Pub/Sub source exists nowhere else, and ours does not scale beyond one worker.
func Ingest(s beam.Scope, cfg Source) (events, dead beam.PCollection) {
	s = s.Scope("Ingest")
	switch cfg.Kind {
	case SourceFiles:
		return beam.ParDo2(s, &filesFn{Files: cfg.Files, Decode: cfg.Decode, Keep: cfg.Keep, RunID: cfg.RunID}, beam.Impulse(s))
	case SourcePubSub:
		cfg.PubSub.FutureMax = cfg.Decode.FutureMax
		return decode(s, readPubSub(s, cfg.PubSub, cfg.RunID), cfg.Decode, cfg.Keep)
	case SourceDataflow:
		return decode(s, readDataflow(s, cfg.PubSub), cfg.Decode, cfg.Keep)
	}
	panic(fmt.Sprintf("source kind is %q: want %s, %s or %s", cfg.Kind, SourceFiles, SourcePubSub, SourceDataflow))
}
