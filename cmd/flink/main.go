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
	"sync"
	"syscall"
	"time"

	"github.com/aer-project/aer/cmd/flink/cluster"
	"github.com/aer-project/aer/cmd/flink/jars"
	"github.com/aer-project/aer/cmd/flink/trial"
)

type options struct {
	server, aer string
	hold        bool
	rate        int
	lasts       time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.server, "maven", jars.Central, "`URL` of the server to fetch archives from")
	flag.StringVar(&o.aer, "aer", "bin/aer", "`program` to try")
	flag.BoolVar(&o.hold, "hold", false, "only start the cluster, and hold it until interrupted")
	flag.IntVar(&o.rate, "rate", 1000, "events a second")
	flag.DurationVar(&o.lasts, "lasts", 20*time.Second, "how long")
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
	var mu sync.Mutex
	lib, err := jars.Fetch(ctx, o.server, func(have, total int) {
		mu.Lock()
		defer mu.Unlock()
		if have%20 == 0 || have == total {
			say("fetching archives: %d of %d", have, total)
		}
	})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "aer-flink-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say("starting a JobManager, two TaskManagers and Beam's job server")
	c, err := cluster.Start(ctx, dir, lib, 2)
	if err != nil {
		return err
	}
	defer c.Stop()
	if o.hold {
		say("the job server is at %s, logs are in %s; interrupt to end", c.JobServer, dir)
		<-ctx.Done()
		return nil
	}
	t := trial.Trial{Cluster: c, AER: o.aer, Dir: dir}
	res, err := trial.Live{Rate: o.rate, Lasts: o.lasts, Parallelism: 2}.Run(ctx, t, "live")
	say("%+v", res)
	return errors.Join(err, res.Holds())
}
