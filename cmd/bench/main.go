// SPDX-License-Identifier: Apache-2.0

// Command bench measures what an event costs AER: against the plain-Go limit, stage by stage, and in time from an event
// to the end of its sessions.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/aer-project/aer/cmd/bench/streams"
)

// verbs are what the first argument may be; without one everything is compared.
var verbs = map[string]func(ctx context.Context, args []string) error{
	"compare": compareAll, "latency": measureLatency, "convert": convert,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	args := os.Args[1:]
	run := compareAll
	if len(args) > 0 && verbs[args[0]] != nil {
		run, args = verbs[args[0]], args[1:]
	}
	switch err := run(ctx, args); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parse parses the flags of a verb, which takes no other arguments.
func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s takes no arguments, got %q", f.Name(), f.Args())
	}
	return nil
}

// convert is for the bench itself, see streams.Maker.
func convert(_ context.Context, args []string) error {
	f := flag.NewFlagSet("bench convert", flag.ContinueOnError)
	in := f.String("in", "", "`file` of events in any form")
	native := f.String("native", "", "`file` to write them to as native JSON")
	proto := f.String("proto", "", "`file` to write them to as a protobuf batch")
	part := f.String("part", "", "`file` for the first of them")
	events := f.Int("events", 0, "how many go to the part")
	if err := parse(f, args); err != nil {
		return err
	}
	return streams.Convert(*in, *native, *proto, *part, *events)
}
