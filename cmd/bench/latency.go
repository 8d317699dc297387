// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/cmd/bench/latency"
	"github.com/aer-project/aer/transforms/activity"
)

// measureLatency measures the time from an event to the end of its sessions.
func measureLatency(ctx context.Context, args []string) error {
	var o latency.Options
	f := flag.NewFlagSet("bench latency", flag.ContinueOnError)
	f.StringVar(&o.AER, "aer", "bin/aer", "the `program` aer")
	f.IntVar(&o.Rate, "rate", 1000, "ordinary events a second")
	f.DurationVar(&o.For, "for", time.Minute, "how `long` there are attacks")
	f.DurationVar(&o.AttackEvery, "every", time.Second, "`time` between two attacks in each lane")
	f.DurationVar(&o.Window, "window", activity.DefaultWindowMS*time.Millisecond, "`length` of a slice")
	f.DurationVar(&o.Skew, "skew", 200*time.Millisecond, "how `far` events may lag behind others, as source.skew")
	out := f.String("out", "aer-out/bench", "`folder` for configuration, results and log")
	output := f.String("o", "table", "`format`: table or json")
	if err := parse(f, args); err != nil {
		return err
	}
	o.Dir, o.Say = filepath.Join(*out, fmt.Sprint("latency-", o.Rate)), say
	if err := os.RemoveAll(o.Dir); err != nil {
		return err
	}
	on, at := machine(), time.Now().UTC()
	r, err := latency.Measure(ctx, o)
	if err != nil {
		return err
	}
	if *output == "json" {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	p := term.New(os.Stdout)
	fmt.Fprintf(p, "%s; %s at the beginning\n\n", at.Format("2 Jan 2006 15:04"), on)
	r.Print(p)
	return nil
}
