// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/baseline"
	"github.com/aer-project/aer/cmd/aer/term"
	learn "github.com/aer-project/aer/pipelines/baseline"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/profile"
)

func (a *app) baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "baseline", Short: "Build thresholds from history, and show them",
		Long: `Builds the baselines, which say what is normal for a person, an organisation and everybody, and shows the
thresholds that follow from them. Without a baseline the volume detectors go by fixed limits.`,
		Example: `  aer baseline build --warehouse aer-out/warehouse.duckdb --baseline baselines
  aer baseline show --baseline baselines --org O1`,
	}
	cmd.AddCommand(a.baselineBuildCommand(), a.baselineShowCommand())
	return cmd
}

// historyFlags are how events are read.
type historyFlags struct {
	paths, tor, networks []string
	format               string
	decode               event.Options
}

// events opens what enriches events.
func (h historyFlags) events() (learn.Events, error) {
	format, err := event.ParseFormat(h.format)
	if err != nil {
		return learn.Events{}, usageError{fmt.Errorf("--%w", err)}
	}
	c := enrich.DefaultConfig()
	c.Network.Databases = h.networks
	for _, path := range h.tor {
		c.Tor = append(c.Tor, tor.Source{Path: path})
	}
	e, err := enrich.New(c)
	if err != nil {
		return learn.Events{}, err
	}
	h.decode.Format = format
	return learn.Events{Paths: h.paths, Decode: h.decode, Enrich: e.Enrich}, nil
}

func (h *historyFlags) add(cmd *cobra.Command, events string) {
	f := cmd.Flags()
	f.StringSliceVar(&h.paths, "events", nil, events)
	f.StringVar(&h.format, "format", event.Auto.String(), "`format` of the events: auto, native, slack or proto")
	organisationFlags(f, &h.decode)
	f.StringSliceVar(&h.tor, "tor", nil, "`files` of Tor exits")
	f.StringSliceVar(&h.networks, "networks", nil, "`files` in MaxMind format, for networks the events do not name")
}

// buildFlags are the flags of baseline build.
type buildFlags struct {
	historyFlags
	warehouse, out, since, asOf string
	exclude                     []string
	people, replace             bool
	bigquery, dataset           string
}

func (a *app) baselineBuildCommand() *cobra.Command {
	var o buildFlags
	cmd := &cobra.Command{
		Use:   "build (--events FILE... | --warehouse FILE) --baseline FILE",
		Short: "Build a version of the baselines", Args: noArgs,
		Long: `Derives thresholds from history and adds them to a file that aer run and aer replay read. A version stands on
the 28 days that end a week before it, is valid for one UTC day of event time, and is named after its day and its
content: the same history gives the same version again. Versions are immutable; another content for the same day is
refused unless --replace is given. The file is replaced as a whole, so it can be in use.

TLS fingerprints are known for five years, by organisation: to each what its own people showed on two days, and what
five organisations know. Neither an account nor a tenant teaches others what is a browser's and what a library's.

History comes from recorded events, in one pass, or from the activity in the embedded warehouse. --bigquery prints the
scheduled query that does the same in BigQuery once a day, or the one that follows the day in progress every hour.

A warehouse leaves out by itself the days on which sessions were ended, and those that aer feedback confirmed as
attacks, in the folder of the file. With --events, --exclude names what must not be learnt: decisions.ndjson and
anomalies.ndjson of a replay, feedback, or lines of {"org_id","user_id","from","until"}.`,
		Example: `  aer baseline build --events sim/events.ndjson.gz --baseline baselines
  aer baseline build --warehouse aer-out/warehouse.duckdb --as-of 2026-11-22 --baseline baselines
  aer baseline build --events sim/events.ndjson.gz --since 2026-11-01 --exclude sim/out/anomalies.ndjson,sim/out/decisions.ndjson --baseline baselines
  aer baseline build --bigquery daily --dataset my-project.aer`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.buildBaseline(cmd, o) },
	}
	o.add(cmd, "`files` of events to learn from; - is standard input")
	f := cmd.Flags()
	f.StringVar(&o.warehouse, "warehouse", "", "DuckDB `file` to learn from; no other process may have it open")
	f.StringVar(&o.out, "baseline", "", "`file` to add the versions to")
	f.StringVar(&o.asOf, "as-of", "", "UTC `day` of the version (default: the day after the last event)")
	f.StringVar(&o.since, "since", "", "UTC `day`: one version for each day from here on (default: only that of --as-of)")
	f.StringSliceVar(&o.exclude, "exclude", nil,
		"`files` of what must not be learnt, one JSON object a line; with --events")
	f.BoolVar(&o.people, "people", true, "keep rows of single people, for aer baseline show --user")
	f.BoolVar(&o.replace, "replace", false, "replace versions of the same days that have another content")
	f.StringVar(&o.bigquery, "bigquery", "", "print the scheduled query for BigQuery and end: `daily` or hourly")
	f.StringVar(&o.dataset, "dataset", sqlgen.DefaultDataset,
		"BigQuery `dataset` of the tables: dataset or project.dataset")
	return cmd
}

// scheduledQuery prints the SQL that BigQuery runs by the clock.
func (a *app) scheduledQuery(o buildFlags) (err error) {
	var sql string
	s := sqlgen.Schedule{Dataset: o.dataset}
	switch o.bigquery {
	case "daily":
		sql, err = s.Daily()
	case "hourly":
		sql, err = s.Hourly()
	default:
		return usagef("--bigquery %s: must be daily or hourly", o.bigquery)
	}
	if err == nil {
		_, err = fmt.Fprint(a.out, sql)
	}
	return err
}

// check says what is wrong with the command line, and what to learn.
func (o buildFlags) check() (l learn.Learn, err error) {
	switch {
	case (len(o.paths) > 0) == (o.warehouse != ""):
		return l, usagef("give one of --events and --warehouse")
	case o.out == "":
		return l, usagef("missing --baseline")
	case o.warehouse != "" && len(o.exclude) > 0:
		return l, usagef("--exclude is for --events: a warehouse leaves out what it has decisions about")
	}
	for _, d := range []struct {
		flag, text string
		to         *time.Time
	}{{"since", o.since, &l.Since}, {"as-of", o.asOf, &l.AsOf}} {
		if d.text == "" {
			continue
		}
		if *d.to, err = time.Parse(time.DateOnly, d.text); err != nil {
			return l, usagef("--%s %s: want a day like 2026-11-22", d.flag, d.text)
		}
	}
	if !l.AsOf.IsZero() && l.Since.After(l.AsOf) {
		return l, usagef("--since %s is after --as-of %s", o.since, o.asOf)
	}
	l.People = o.people
	return l, nil
}

func (a *app) buildBaseline(cmd *cobra.Command, o buildFlags) error {
	if o.bigquery != "" {
		return a.scheduledQuery(o)
	}
	l, err := o.check()
	if err != nil {
		return err
	}
	if l.Leave, err = learn.ReadPeriods(o.exclude); err != nil {
		return fmt.Errorf("reading what to leave out: %w", err)
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	st := a.stages(time.Now())
	defer st.done()
	l.Stage, l.Progress = st.begin, st.at
	var learned learn.Learned
	if o.warehouse != "" {
		learned, err = learn.FromWarehouse(ctx, o.warehouse, l)
	} else {
		var in learn.Events
		if in, err = o.events(); err == nil {
			learned, err = learn.FromEvents(ctx, in, l)
		}
	}
	if err != nil {
		return err
	}
	if len(learned.Versions) == 0 {
		return fmt.Errorf("nothing to learn from: %s", learned.Span())
	}
	m, err := learn.AddToFile(o.out, learned.Versions, o.replace)
	if err != nil {
		return err
	}
	st.done()
	return a.printBuilt(o.out, learned, m)
}

func (a *app) printBuilt(path string, l learn.Learned, m core.Merged) error {
	built := baseline.DescribeAll(m)
	if a.output == outputJSON {
		return a.printJSON(map[string]any{"baseline": path, "versions": built, "in_file": len(m.Versions)})
	}
	p := a.printer()
	baseline.PrintBuilt(p, built)
	fmt.Fprintf(p, "\n%s; %s in %s\n", l.Span(), term.Count(len(m.Versions), "version"), term.Clean(path))
	return nil
}

// showFlags are the flags of baseline show.
type showFlags struct {
	historyFlags
	file, at, org, user string
}

func (a *app) baselineShowCommand() *cobra.Command {
	var o showFlags
	cmd := &cobra.Command{
		Use:   "show --baseline FILE [--org ORG [--user USER]]",
		Short: "Show the thresholds of an organisation or a person", Args: noArgs,
		Long: `Shows by what numbers events would be judged at a time: each rule of each detector at each sensitivity, whose
history the numbers come from and with what weight, and what is cold. Without --org it lists versions and
organisations.

The pipeline keeps the habits of each person itself. With --events they are worked out from recorded events, and the
thresholds of --user are then exactly those of the detectors.`,
		Example: `  aer baseline show --baseline baselines
  aer baseline show --baseline baselines --org O1
  aer baseline show --baseline baselines --org O1 --user U7 --at 2026-11-22T10:00:00Z --events sim/events.ndjson.gz -o json`,
		RunE: func(_ *cobra.Command, _ []string) error {
			if err := required("baseline", o.file); err != nil {
				return err
			}
			if o.org == "" && o.user != "" {
				return usagef("--user needs --org")
			}
			if len(o.paths) > 0 && o.user == "" {
				return usagef("--events needs --user: it is for the habits of one person")
			}
			return a.showBaseline(o)
		},
	}
	o.add(cmd, "`files` of events to work out the person's habits from")
	f := cmd.Flags()
	f.StringVar(&o.file, "baseline", "", "`file` of baselines")
	f.StringVar(&o.at, "at", "", "event `time` or day to show (default: the begin of the last version)")
	f.StringVar(&o.org, "org", "", "organisation `id`; * is all together")
	f.StringVar(&o.user, "user", "", "user `id`")
	return cmd
}

func (a *app) showBaseline(o showFlags) error {
	list, err := learn.ReadFile(o.file)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("%s holds no version", o.file)
	}
	versions := core.NewVersions(list)
	at := list[len(list)-1].ValidFrom.AsTime()
	if o.at != "" {
		if at, err = learn.ParseTime(o.at); err != nil {
			return usageError{fmt.Errorf("--at %w", err)}
		}
	}
	x := versions.At(at)
	if o.org == "" {
		return a.overview(list, x)
	}
	q := baseline.Question{OrgID: o.org, UserID: o.user, At: at}
	if len(o.paths) > 0 {
		in, err := o.events()
		if err != nil {
			return err
		}
		if q.Profile, err = learn.Remember(in, o.org, o.user, at); err != nil {
			return err
		}
		if q.Profile == nil { // an account whose first event is now
			q.Profile = profile.New(aerv1.OrgID(o.org), aerv1.UserID(o.user))
			q.Profile.FirstMS = at.UnixMilli()
		}
	}
	answer := baseline.Show(x, q)
	if a.output == outputJSON {
		return a.printJSON(answer)
	}
	answer.Print(a.printer())
	return nil
}

func (a *app) overview(list []*aerv1.Baseline, x *core.Index) error {
	if a.output != outputJSON {
		baseline.Overview(a.printer(), list, x)
		return nil
	}
	built := make([]baseline.Built, len(list))
	for i, v := range list {
		built[i] = baseline.Describe(v, "")
	}
	return a.printJSON(map[string]any{"versions": built, "used": x.Version(), "organisations": x.Orgs()})
}
