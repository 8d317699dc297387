// SPDX-License-Identifier: Apache-2.0

// Package config is the configuration file of aer run: strict, with every key documented in default.yaml.
package config

import (
	"bytes"
	_ "embed" // the defaults
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/retention"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/sinks/warehouse/bigquery"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/source"
	"github.com/aer-project/aer/transforms/strict"
)

//go:embed default.yaml
var defaultYAML []byte

// DefaultYAML is the default configuration with a comment on every key.
func DefaultYAML() []byte { return bytes.Clone(defaultYAML) }

// Config is what a run does. See default.yaml for what each key means.
type Config struct {
	Mode      string        `yaml:"mode"`
	Source    Source        `yaml:"source"`
	Slices    Slices        `yaml:"slices"`
	Enrich    enrich.Config `yaml:"enrich"`
	Store     string        `yaml:"store"`
	Settings  string        `yaml:"settings"`
	Directory string        `yaml:"directory"`
	Baseline  string        `yaml:"baseline"`
	Out       string        `yaml:"out"`
	Warehouse Warehouse     `yaml:"warehouse"`
	Sender    string        `yaml:"sender"`
	// BootstrapDays is bootstrap.Config.History in days; 0 is none.
	BootstrapDays int `yaml:"bootstrap_days"`
	// Sessions is where sessions are ended.
	Sessions adapters.Config `yaml:"sessions"`
	// Notify is how messages reach people, Audit where audit entries go besides the store.
	Notify channels.Config `yaml:"notify"`
	Audit  audit.Config    `yaml:"audit"`
	// Retention is how long the stores keep what they have.
	Retention retention.Config `yaml:"retention"`
}

// Source is where events come from.
type Source struct {
	Kind          string   `yaml:"kind"`
	Files         []string `yaml:"files"`
	Subscription  string   `yaml:"subscription"`
	Endpoint      string   `yaml:"endpoint"`
	TimeAttribute string   `yaml:"time_attribute"`
	// IDAttribute and AckAfter are those of source.PubSub.
	IDAttribute string        `yaml:"id_attribute"`
	AckAfter    time.Duration `yaml:"ack_after"`
	Format      string        `yaml:"format"`
	OrgID       string        `yaml:"org_id"`
	// Workspaces is event.Options.Workspaces.
	Workspaces map[string]string `yaml:"workspaces"`
	// Skew is source.PubSub.Skew.
	Skew time.Duration `yaml:"skew"`
	// FutureMax is event.Options.FutureMax.
	FutureMax time.Duration `yaml:"future_max"`
}

// Slices is how events are gathered.
type Slices struct {
	Window   time.Duration `yaml:"window"`
	Lateness time.Duration `yaml:"lateness"`
	// ExpectedUsers is how many people act, over all organisations; Shards follows from it where that is 0.
	ExpectedUsers int `yaml:"expected_users"`
	Shards        int `yaml:"shards"`
}

// ShardCount is the number of shards.
func (s Slices) ShardCount() int {
	if s.Shards != 0 {
		return s.Shards
	}
	return activity.ShardsFor(s.ExpectedUsers)
}

// Warehouse is which copies of the results are written: files, and a database of one kind.
type Warehouse struct {
	NDJSON   bool            `yaml:"ndjson"`
	Kind     string          `yaml:"kind"`
	BigQuery bigquery.Config `yaml:"bigquery"`
}

// The kinds of a warehouse's database.
const (
	WarehouseDuckDB   = "duckdb"
	WarehouseBigQuery = "bigquery"
	WarehouseNone     = "none"
)

// HasDatabase says whether there is one: activity, from which baselines are made, goes there only.
func (w Warehouse) HasDatabase() bool { return w.Kind != WarehouseNone }

func (w Warehouse) validate() error {
	var k strict.Check
	strict.Choice(&k, "kind", w.Kind, WarehouseDuckDB, WarehouseBigQuery, WarehouseNone)
	if w.Kind == WarehouseBigQuery {
		k.Under(WarehouseBigQuery, w.BigQuery.Validate())
	}
	return k.Err()
}

// LedgerFile is the ledger of responses in the folder of results, unless the store is a database.
const LedgerFile = "aer.db"

// Limits of the keys that would otherwise make a run useless or unbounded.
const (
	windowMin, windowMax = time.Second, time.Minute // a pace histogram has one bucket a second
	latenessMax          = 24 * time.Hour
	skewMax              = time.Hour
	ackAfterMax          = 10 * time.Minute
	shardsMax            = 1 << 14 // 160 million users
	bootstrapMax         = int(profile.IdleMS / (24 * 60 * 60 * 1000))
)

// Default is what default.yaml says.
func Default() Config {
	var c Config
	if err := strict.Decode("default.yaml", defaultYAML, &c); err != nil {
		panic(err) // the embedded file is part of the program: its test reads it
	}
	return c
}

// Replay is the configuration of a replay: the files of a judge are for its caller to fill in, and results are its
// caller's. No file says so.
func Replay() Config {
	c := Default()
	c.Mode = aerv1.ModeReplay
	return c
}

// Read reads a file; keys that it leaves out keep their defaults.
func Read(path string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading configuration: %w", err)
	}
	return Parse(path, raw)
}

// Parse reads a configuration. The error joins a *strict.Error for every mistake; name is the file in it.
func Parse(name string, raw []byte) (Config, error) {
	c := Default()
	if err := strict.Decode(name, raw, &c); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	strict.Choice(&k, "mode", c.Mode, aerv1.ModeObserve, aerv1.ModeEnforce)
	k.Under("source", c.Source.validate())
	k.Under("slices", c.Slices.validate())
	_, err := kv.FirestoreName(c.Store)
	k.Want(err == nil, "store", c.Store, "a file, firestore:projects/P or firestore:projects/P/databases/D")
	k.Want(c.Store == "" || filepath.Clean(c.Store) != filepath.Join(c.Out, LedgerFile), "store", c.Store,
		"another file: this one holds the ledger, which a run keeps to itself")
	k.Filled("out", c.Out, "a directory for the results")
	_, err = mail.ParseAddress(c.Sender)
	k.Want(err == nil, "sender", c.Sender, "a mail address, with or without a name")
	k.Under("warehouse", c.Warehouse.validate())
	k.Want(c.BootstrapDays >= 0 && c.BootstrapDays <= bootstrapMax, "bootstrap_days", c.BootstrapDays,
		fmt.Sprintf("0 to %d: nobody is remembered for longer", bootstrapMax))
	k.Want(c.BootstrapDays == 0 || c.Warehouse.HasDatabase(), "bootstrap_days", c.BootstrapDays,
		fmt.Sprintf("0, or a database to read from: warehouse.kind %s or %s", WarehouseDuckDB, WarehouseBigQuery))
	k.Under("enrich", c.Enrich.Validate())
	k.Under("sessions", c.Sessions.Validate())
	k.Under("notify", c.Notify.From(c.Sender).Validate())
	k.Under("audit", c.Audit.Validate())
	k.Under("retention", c.Retention.Validate())
	return k.Err()
}

func (s Source) validate() error {
	var k strict.Check
	strict.Choice(&k, "kind", s.Kind, source.KindFiles, source.KindPubSub)
	switch s.Kind {
	case source.KindFiles:
		if len(s.Files) == 0 {
			k.Wrong("files", "must not be empty", `give at least one file, or "-" for standard input`)
		}
	case source.KindPubSub:
		p := strings.Split(s.Subscription, "/")
		k.Want(len(p) == 4 && p[0] == "projects" && p[2] == "subscriptions", "subscription", s.Subscription,
			"projects/P/subscriptions/S")
	}
	k.Want(s.Skew > 0 && s.Skew <= skewMax, "skew", s.Skew,
		fmt.Sprintf("more than 0s and at most %s: every decision waits for so long", strict.Duration(skewMax)))
	k.Want(s.AckAfter >= 0 && s.AckAfter <= ackAfterMax, "ack_after", s.AckAfter,
		fmt.Sprintf("0s to %s: what is pulled meanwhile is held, and comes again after a crash",
			strict.Duration(ackAfterMax)))
	strict.Choice(&k, "format", s.Format, event.Auto.String(), event.Native.String(), event.Slack.String(),
		event.Proto.String())
	for workspace, org := range s.Workspaces {
		k.Filled("workspaces."+workspace, org, "the organisation of the workspace, for example T0123: E0456")
	}
	return k.Err()
}

func (s Slices) validate() error {
	var k strict.Check
	k.Want(s.Window >= windowMin && s.Window <= windowMax && s.Window%time.Second == 0, "window", s.Window,
		fmt.Sprintf("whole seconds from %s to %s", strict.Duration(windowMin), strict.Duration(windowMax)))
	k.Want(s.Lateness > 0 && s.Lateness <= latenessMax, "lateness", s.Lateness,
		fmt.Sprintf("more than 0s and at most %s: without it late events are dropped silently", strict.Duration(latenessMax)))
	k.Want(s.ExpectedUsers >= 1 && s.ExpectedUsers <= shardsMax*activity.UsersPerShard, "expected_users", s.ExpectedUsers,
		fmt.Sprintf("1 to %d", shardsMax*activity.UsersPerShard))
	k.Want(s.Shards >= 0 && s.Shards <= shardsMax, "shards", s.Shards,
		fmt.Sprintf("1 to %d, or 0 for as many as expected_users want", shardsMax))
	return k.Err()
}

// Options are how the source's messages are decoded.
func (s Source) Options() event.Options {
	f, _ := event.ParseFormat(s.Format) // Validate has checked it
	return event.Options{Format: f, OrgID: s.OrgID, Workspaces: s.Workspaces, FutureMax: s.FutureMax}
}
