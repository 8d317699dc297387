// SPDX-License-Identifier: Apache-2.0

// Package source reads events from files or Pub/Sub into a pipeline, as Beam sources.
package source

import (
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	register.Emitter2[beam.EventTime, *aerv1.Event]()
	register.Emitter2[beam.EventTime, *aerv1.DeadLetter]()
}

// Kinds of source.
const (
	KindFiles    = "files"
	KindPubSub   = "pubsub"
	KindDataflow = "dataflow" // Pub/Sub through Dataflow's own source
)

// Config says where events come from and how they are decoded.
type Config struct {
	Kind   string
	Files  Files
	PubSub PubSub
	Decode event.Options
	// Keep is how long the windows behind the source take events in, so that those they drop can be counted.
	Keep Keep
	// Run is whose process drains and bounds the source.
	Run process.Run
	// InFlightMax bounds the bytes of batches between the joining stage and the profiles, where both run in this process;
	// 0 or less = no bound. Dataflow and Flink hold sources back themselves.
	InFlightMax int64
}

// Ingest is the events of a source (PCollection<*aerv1.Event>, each at its own time) and its dead letters
// (PCollection<*aerv1.DeadLetter>). Every source stands behind this one function, because which of them works depends
// on the runner: Dataflow's own Pub/Sub source exists nowhere else, and ours does not scale beyond one worker.
func Ingest(s beam.Scope, cfg Config) (events, dead beam.PCollection) {
	s = s.Scope("Ingest")
	in := intake{Run: cfg.Run, Options: cfg.Decode, Keep: cfg.Keep, InFlightMax: cfg.InFlightMax}
	switch cfg.Kind {
	case KindFiles:
		return beam.ParDo2(s, &filesFn{Files: cfg.Files, Intake: in}, beam.Impulse(s))
	case KindPubSub:
		return beam.ParDo2(s, &pubsubFn{PubSub: cfg.PubSub, Intake: in}, beam.Impulse(s))
	case KindDataflow:
		return readDataflow(s, cfg.PubSub, in)
	}
	panic(fmt.Sprintf("source kind is %q: want %s, %s or %s", cfg.Kind, KindFiles, KindPubSub, KindDataflow))
}
