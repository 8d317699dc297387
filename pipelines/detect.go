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
)

// Config is what Detect is built from. What the stages judge with and where results go is provided to the run instead:
// see transforms.Workers and sinks.Outputs.
type Config struct {
	Run    transforms.Run
	Source transforms.Source
	// Shards, WindowMS and Lateness: zero means the default. Changing Shards re-keys all state.
	Shards   int
	WindowMS int32
	Lateness time.Duration
	// Join puts the batches that are ready together before the profiles: for Prism.
	Join bool
	// Activity writes the slices to the warehouse, from which baselines are derived.
	Activity bool
}

// DefaultInFlight is how many batches may be between the joining stage and the profiles before a source pauses. Nothing
// else holds a source back on Prism, which keeps all of it in memory: at 1 KB a batch, 20 MB.
const DefaultInFlight = 20_000

// withDefaults fills in what is left open.
func (c Config) withDefaults() Config {
	c.Shards = cmp.Or(c.Shards, activity.DefaultShards)
	c.WindowMS = cmp.Or(c.WindowMS, activity.DefaultWindowMS)
	c.Lateness = cmp.Or(c.Lateness, activity.DefaultLateness)
	c.Run.Mode = cmp.Or(c.Run.Mode, aerv1.ModeObserve)
	c.Source.RunID = c.Run.ID
	c.Source.Keep = transforms.Keep{WindowMS: c.WindowMS, Lateness: c.Lateness}
	if c.Join {
		c.Source.Files.InFlightMax = cmp.Or(c.Source.Files.InFlightMax, DefaultInFlight)
		c.Source.PubSub.InFlightMax = cmp.Or(c.Source.PubSub.InFlightMax, DefaultInFlight)
	}
	return c
}

// Detect is the whole way of the data, from a source to the warehouse and to what is done about it.
//
//	source ─▶ ingest ─▶ enrich ─┬─────────────────────────── fast lane ──┐
//	             │              └─▶ slices ─▶ (join) ─▶ profiles ────────┴─▶ decide ─▶ common ─▶ budget ─┬─▶ respond ─┐
//	             ▼                    ▼                                                        ▼            ▼
//	        dead letters           activity                                         anomalies, decisions, responses
func Detect(s beam.Scope, cfg Config) {
	cfg = cfg.withDefaults()
	received, dead := transforms.Ingest(s, cfg.Source)
	events := transforms.Enrich(s, received, cfg.Run)

	early := transforms.FastLane(s, events, cfg.Run)
	batches := transforms.Slices(s, events, cfg.Shards, cfg.WindowMS, cfg.Lateness)
	ready := batches
	if cfg.Join {
		ready = transforms.Join(s, batches, cfg.Run.ID)
	}
	found := transforms.Profiles(s, ready, cfg.Run)

	final := transforms.Decide(s, beam.Flatten(s, early, found), cfg.Run)

	rows := []beam.PCollection{
		sinks.Rows[*aerv1.DeadLetter](s, warehouse.DeadLetters, dead),
		sinks.DecidedRows(s, final),
	}
	if cfg.Activity {
		rows = append(rows, sinks.Rows[*aerv1.Slice](s, warehouse.Activity, transforms.Activity(s, batches)))
	}
	if cfg.Run.Mode == aerv1.ModeEnforce {
		responses, audit, notifications := sinks.Respond(s, final, cfg.Run)
		rows = append(rows,
			sinks.Rows[*aerv1.Response](s, warehouse.Responses, responses),
			sinks.Rows[*aerv1.AuditEntry](s, warehouse.AuditLog, audit),
			sinks.Rows[*aerv1.Notification](s, warehouse.Notifications, notifications))
	}
	sinks.Write(s, cfg.Run, rows...)
}
