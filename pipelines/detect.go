// SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"cmp"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Config is what Detect is built from. What the stages judge with and where results go is given to the run instead: see
// process.Start.
type Config struct {
	Run    process.Run
	Source source.Config
	// Shards, WindowMS and Lateness: zero means the default. Changing Shards re-keys all state.
	Shards   int
	WindowMS int32
	Lateness time.Duration
	// Join puts the batches that are ready together before the profiles: for Prism and Flink.
	Join bool
	// Lanes is in how many lanes sinks work; zero means what suits Prism where batches are joined, and Lanes elsewhere.
	Lanes int
	// Over tells the process when all is done: for runners whose jobs do not end by themselves.
	Over bool
	// Remember begins with what earlier runs knew: process.Process.Memory, read for as many shards.
	Remember bool
	// Activity writes the slices to the warehouse, from which baselines are derived, and all findings: from both, a run
	// that is begun anew remembers what this one knew.
	Activity bool
}

// DefaultInFlight is how many bytes of batches may be between the joining stage and the profiles before a source
// pauses. Nothing else holds a source back on Prism, which keeps all of it in memory, several times over: 4 MB are the
// batches of 30,000 sparse or 65,000 dense events, more than a file's bundle.
const DefaultInFlight = 4 << 20

// In how many lanes sinks work: Prism has eight bundles for all stages, and sinks that are slow must leave it some.
// Other engines share them out among workers.
const (
	Lanes        = 64
	lanesOnPrism = 2
)

// withDefaults fills in what is left open.
func (c Config) withDefaults() Config {
	c.Shards = cmp.Or(c.Shards, activity.DefaultShards)
	c.WindowMS = cmp.Or(c.WindowMS, activity.DefaultWindowMS)
	c.Lateness = cmp.Or(c.Lateness, activity.DefaultLateness)
	c.Run.Mode = cmp.Or(c.Run.Mode, aerv1.ModeObserve)
	c.Source.Run = c.Run
	c.Source.Keep = source.Keep{WindowMS: c.WindowMS, Lateness: c.Lateness}
	if c.Join {
		c.Source.InFlightMax = cmp.Or(c.Source.InFlightMax, DefaultInFlight)
		c.Lanes = cmp.Or(c.Lanes, lanesOnPrism)
	}
	c.Lanes = cmp.Or(c.Lanes, Lanes)
	return c
}

// Detect makes a pipeline of the whole way of the data, from a source to the warehouse and to what is done about it.
//
//	source ─▶ ingest ─▶ enrich ─┬─────────────────────────── fast lane ──┐
//	             │              └─▶ slices ─▶ (join) ─▶ profiles ────────┴─▶ decide ─▶ common ─▶ budget ─┬─▶ respond ─▶ responses
//	             ▼                    ▼                                                                  ▼
//	        dead letters           activity                                                    anomalies, decisions
func Detect(cfg Config) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	cfg = cfg.withDefaults()
	received, dead := source.Ingest(s, cfg.Source)
	events := transforms.Enrich(s, received, cfg.Run)

	early := transforms.FastLane(s, events, cfg.Run)
	batches := transforms.Slices(s, events, cfg.Shards, cfg.WindowMS, cfg.Lateness)
	ready := batches
	var before []beam.PCollection
	if cfg.Remember {
		profiles, findings := transforms.Remember(s, cfg.Run)
		ready, before = beam.Flatten(s, batches, profiles), []beam.PCollection{findings}
	}
	if cfg.Join {
		ready = transforms.Join(s, ready, cfg.Run)
	}
	found := beam.Flatten(s, early, transforms.Profiles(s, ready, cfg.Shards, cfg.Run))

	final := transforms.Decide(s, found, cfg.Run, before...)

	rows := []beam.PCollection{
		sinks.Rows[*aerv1.DeadLetter](s, warehouse.DeadLetters, dead),
		sinks.DecidedRows(s, final),
	}
	if cfg.Activity {
		rows = append(rows, sinks.SliceRows(s, batches), sinks.Rows[*aerv1.Anomaly](s, warehouse.Findings, found))
	}
	var responded []beam.PCollection
	if cfg.Run.Mode == aerv1.ModeEnforce {
		responded = append(responded, sinks.Respond(s, final, cfg.Run, cfg.Lanes))
	}
	written := sinks.Write(s, cfg.Run, cfg.Lanes, rows...)
	if cfg.Over {
		sinks.Over(s, cfg.Run, written, responded...)
	}
	return p
}
