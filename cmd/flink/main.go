// SPDX-License-Identifier: Apache-2.0

// Command flink starts a small Flink on this machine, has AER run on it, and says what came of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/cmd/flink/cluster"
	"github.com/aer-project/aer/cmd/flink/jars"
	"github.com/aer-project/aer/cmd/flink/trial"
)

type options struct {
	server, aer, only string
	hold, keep        bool
	sparse            int
	lasts             time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.server, "maven", jars.Central, "`URL` of the server to fetch archives from")
	flag.StringVar(&o.aer, "aer", "bin/aer", "`program` to try")
	flag.StringVar(&o.only, "only", "", "try only what has this `text` in its name, such as file, live or kill")
	flag.IntVar(&o.sparse, "sparse", 200_000, "`events` of the sparse file")
	flag.DurationVar(&o.lasts, "lasts", 20*time.Second, "for how long live traffic comes")
	flag.BoolVar(&o.hold, "hold", false, "only start the cluster, and hold it until interrupted")
	flag.BoolVar(&o.keep, "keep", false, "keep the folder with logs and results, and say where it is")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := o.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "flink:", err)
		os.Exit(1)
	}
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// run does everything below a temporary folder, which is gone afterwards.
func (o options) run(ctx context.Context) (err error) {
	if o.aer, err = filepath.Abs(o.aer); err != nil {
		return err
	}
	lib, err := o.fetch(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "aer-flink-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() {
		if o.keep {
			say("logs and results are in %s", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	say("starting ZooKeeper, a JobManager, two TaskManagers and Beam's job server")
	c, err := cluster.Start(ctx, dir, lib, 2)
	if err != nil {
		return err
	}
	defer func() {
		if left := c.Stop(); left > 0 {
			err = errors.Join(err, fmt.Errorf("%d groups of processes were left and had to be killed", left))
		}
	}()
	if o.hold {
		say("the job server is at %s, the JobManager at %s, logs are in %s; interrupt to end", c.JobServer, c.Master, dir)
		<-ctx.Done()
		return nil
	}
	return o.try(ctx, trial.Trial{Cluster: c, AER: o.aer, Dir: dir})
}

func (o options) fetch(ctx context.Context) (lib string, err error) {
	var mu sync.Mutex
	return jars.Fetch(ctx, o.server, func(have, total int) {
		mu.Lock()
		defer mu.Unlock()
		if have%20 == 0 || have == total {
			say("fetching archives: %d of %d", have, total)
		}
	})
}

// try tries everything and prints the table. One that fails does not keep the others from being tried.
func (o options) try(ctx context.Context, t trial.Trial) error {
	trials, err := t.All(ctx, o.sparse, o.lasts)
	if err != nil {
		return err
	}
	table := term.NewTable("on Flink 1.19, Beam's runner 2.70", ">events", ">seconds", ">events/s", ">µs/event",
		">decisions", ">ended", ">latency", "same as the local driver's")
	var errs []error
	for _, one := range trials {
		if !strings.Contains(one.Name, o.only) {
			continue
		}
		say("%s", one.Name)
		res, err := one.Run(ctx, t, one.Name)
		if err == nil {
			err = res.Holds()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", one.Name, err))
		}
		row(table, one.Name, res, err)
	}
	table.Print(term.New(os.Stdout))
	return errors.Join(errs...)
}

func row(table *term.Table, name string, r trial.Result, err error) {
	same := "yes"
	if err != nil {
		same = "NO"
	}
	if r.Again > 0 {
		same += fmt.Sprintf("; %d rows twice, which views show once", r.Again)
	}
	perSecond, micros, latency, ended := "", "", "", ""
	if r.Events > 0 && r.Took > 0 {
		perSecond = fmt.Sprintf("%.0f", float64(r.Events)/r.Took.Seconds())
		micros = fmt.Sprintf("%.0f", float64(r.CPU.Microseconds())/float64(r.Events))
	}
	if r.Latency > 0 {
		latency = fmt.Sprintf("%.1f s", r.Latency.Seconds())
		ended = fmt.Sprint(r.Done)
	}
	table.Row(name, r.Events, fmt.Sprintf("%.0f", r.Took.Seconds()), perSecond, micros, r.Decisions, ended, latency, same)
}
