// SPDX-License-Identifier: Apache-2.0

// Command quality measures AER on simulated organisations over many seeds, and fails if its bounds do not hold.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/cmd/quality/measure"
)

func main() {
	o := options{}
	flag.IntVar(&o.seeds, "seeds", 20, "how many seeds")
	flag.Uint64Var(&o.first, "first", 1, "the first seed")
	flag.IntVar(&o.orgs, "orgs", simulate.DefaultOrgs, "how many organisations")
	flag.Float64Var(&o.scale, "scale", 1, "how large they are, as a share")
	flag.IntVar(&o.each, "each", simulate.DefaultEach, "how often each kind happens in a seed")
	flag.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "how many seeds at a time")
	flag.IntVar(&o.show, "show", 60, "how many failures to list")
	flag.StringVar(&o.out, "out", "aer-out/quality", "`directory` for what was simulated and found")
	flag.Parse()
	if flag.NArg() > 0 || o.seeds < 1 || o.parallel < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	totals, err := o.measure(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
	totals.Print(term.New(os.Stdout), measure.Promised, o.out, o.show)
	for _, v := range totals.Check(measure.Promised) {
		if !v.Holds {
			os.Exit(1)
		}
	}
}

type options struct {
	seeds, orgs, each, parallel, show int
	scale                             float64
	first                             uint64
	out                               string
}

// measure takes the seeds, several at a time, and sums them up in their order.
func (o options) measure(ctx context.Context) (*measure.Totals, error) {
	reports, errs := make([]*evaluate.Report, o.seeds), make([]error, o.seeds)
	next := make(chan int)
	var working sync.WaitGroup
	for range min(o.parallel, o.seeds) {
		working.Go(func() {
			for i := range next {
				reports[i], errs[i] = o.seed(ctx, o.first+uint64(i))
			}
		})
	}
	for i := range o.seeds {
		next <- i
	}
	close(next)
	working.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	totals := measure.NewTotals()
	for i, r := range reports {
		totals.Add(o.first+uint64(i), r)
	}
	return totals, nil
}

func (o options) seed(ctx context.Context, seed uint64) (*evaluate.Report, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := measure.Seed(ctx, simulate.QualityConfig{Seed: seed, Orgs: o.orgs, Scale: o.scale, Each: o.each},
		measure.Dir(o.out, seed))
	if err == nil {
		fmt.Fprintf(os.Stderr, "seed %d: %d of %d attacks found, %d look-alikes acted on, background %.2f respond and %.2f "+
			"log per 10,000 user-days\n",
			seed, r.AllAttacks.Found, r.AllAttacks.Incidents, r.AllLookLike.Responds, r.Background.RespondPer10,
			r.Background.LogPer10k)
	}
	return r, err
}
