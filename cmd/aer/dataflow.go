// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/capacity"
	"github.com/aer-project/aer/pipelines/dataflow"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/transforms/source"
	"github.com/aer-project/aer/transforms/strict"
)

// dataflowOptions are the flags of run that are for Dataflow, besides Beam's own.
type dataflowOptions struct {
	load       capacity.Load
	updateFrom string
	template   bool
}

// dailyEvents is how many events a user makes a day, unless a load is given: as in the page of package capacity, ten
// billion of 47 million users.
const dailyEvents = 10e9 / 47e6

func (o *dataflowOptions) add(f *pflag.FlagSet) {
	f.Float64Var(&o.load.EventsPerDay, "events-per-day", 0, "with --runner dataflow: `number` of events a day, from "+
		"which workers follow (default: 213 for each of slices.expected_users)")
	f.StringVar(&o.updateFrom, "update-from", "", "with --runner dataflow and --update: the `version` of AER that the "+
		"running job was started with, if its steps had other names, as 0.1")
	f.BoolVar(&o.template, "print-template", false, "print the parameters of a flex template for Dataflow, and end")
}

// runDataflow hands a job to Dataflow and waits for it.
func (a *app) runDataflow(cmd *cobra.Command, c config.Config, o dataflowOptions) error {
	f := beamFlags{cmd.Flags()}
	if err := required("project", f.Value("project"), "region", f.Value("region"), "staging_location",
		f.Value("staging_location")); err != nil {
		return err
	}
	if err := dataflow.Check(f); err != nil {
		return usageError{err}
	}
	if err := onWorkers(c, f.Given("sdk_container_image")); err != nil {
		return fmt.Errorf("running on Dataflow, whose workers share no disk:\n%w", err)
	}
	if o.updateFrom != "" {
		names, err := dataflow.Mapping(o.updateFrom)
		if err != nil {
			return usagef("--update-from %s: %w", o.updateFrom, err)
		}
		if err := f.Set("transform_name_mapping", names); err != nil {
			return err
		}
	}
	set, err := dataflow.Apply(f, dataflow.Choose(o.plan(c)))
	if err != nil {
		return err
	}
	a.tellChosen(set)
	cfg, err := setup.Pipeline(c, "aer", source.KindDataflow, false)
	if err != nil {
		return err
	}
	return dataflow.Run(cmd.Context(), pipelines.Detect(cfg), dataflow.Options{
		Flags: f, Out: a.out, Log: a.logf, Signals: []os.Signal{syscall.SIGINT, syscall.SIGTERM},
	})
}

// plan is what the load makes of the configuration's layout.
func (o dataflowOptions) plan(c config.Config) capacity.Plan {
	l := o.load
	l.Users = float64(c.Slices.ExpectedUsers)
	l.EventsPerDay = cmp.Or(l.EventsPerDay, dailyEvents*l.Users)
	l.PeakPerSecond = capacity.PeakFactor * l.MeanPerSecond()
	layout := capacity.Layout{Shards: float64(c.Slices.ShardCount()), WindowS: c.Slices.Window.Seconds()}
	return capacity.PlanFor(l, layout, capacity.DefaultMeasured())
}

// tellChosen says on standard error what a job is given that nobody asked for.
func (a *app) tellChosen(set []dataflow.Option) {
	t := term.NewTable("chosen", "because")
	for _, o := range set {
		t.Row("--"+o.Flag+"="+o.Value, o.Why)
	}
	t.Print(term.New(a.err))
}

// onWorkers refuses what is of one machine where there are several. Files may be in the workers' own image.
func onWorkers(c config.Config, ownImage bool) error {
	var k strict.Check
	k.Want(c.Source.Kind == source.KindPubSub, "source.kind", c.Source.Kind, source.KindPubSub)
	k.Want(c.Source.Endpoint == "", "source.endpoint", c.Source.Endpoint, "nothing: Dataflow reads from Pub/Sub itself")
	k.Want(!c.Warehouse.NDJSON, "warehouse.ndjson", "true", "false")
	k.Want(c.Warehouse.Kind != config.WarehouseDuckDB, "warehouse.kind", c.Warehouse.Kind,
		config.WarehouseBigQuery+" or "+config.WarehouseNone)
	k.Want(!setup.IsFile(c.Store), "store", c.Store, "a database: firestore:projects/P/databases/D")
	k.Want(c.BootstrapDays == 0, "bootstrap_days", c.BootstrapDays, "0: what is read at the start stays in this process")
	for i, s := range c.Audit.Sinks {
		k.Want(s.Kind != audit.KindFile, strict.Index("audit.sinks", i)+".kind", s.Kind, audit.KindPubSub)
	}
	if c.Mode == aerv1.ModeEnforce {
		k.Want(c.Sessions.Kind != adapters.KindEmbedded, "sessions.kind", c.Sessions.Kind,
			"webhook, slack, pubsub or caep: nobody else can read the embedded table")
		mail, dm := c.Notify.Email.Kind, c.Notify.DM.Kind
		k.Want(mail != channels.KindOutbox, "notify.email.kind", mail, "smtp, webhook or pubsub")
		k.Want(dm != channels.KindOutbox, "notify.dm.kind", dm, "slack, webhook, pubsub or none")
	}
	for _, f := range setup.NamedFiles(&c) {
		k.Want(ownImage || *f.Path == "" || strings.HasPrefix(*f.Path, setup.Bucket), f.Key, *f.Path,
			"gs://BUCKET/OBJECT, or a path in an image of your own (--sdk_container_image)")
	}
	return k.Err()
}

// beamFlags are Beam's flags as the command line has them.
type beamFlags struct{ *pflag.FlagSet }

// Given implements dataflow.Flags.
func (f beamFlags) Given(name string) bool { return f.Changed(name) }

// Value implements dataflow.Flags.
func (f beamFlags) Value(name string) string {
	if g := f.Lookup(name); g != nil {
		return g.Value.String()
	}
	return ""
}
