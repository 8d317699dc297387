// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/event"
)

// TestSimulateTo: what is published is what was written, in full batches.
func TestSimulateTo(t *testing.T) {
	bus := sinktest.NewBus(t, "projects/p/topics/events")
	dir := t.TempDir()
	run(t, "simulate", "--out", dir, "--days", "23", "--to", "pubsub://p/events", "--endpoint", bus.Addr)
	var want, got []string
	if err := ndjson.EachMessage(filepath.Join(dir, "events.ndjson.gz"),
		func(ev *aerv1.Event) { want = append(want, ev.GetId()) }); err != nil {
		t.Fatal(err)
	}
	for i, m := range bus.Messages() {
		evs, dead := event.Decode(m.Data, event.Source{}, event.Options{})
		if n := len(want) - 1000*i; len(dead) != 0 || len(evs) != min(n, 1000) {
			t.Errorf("message %d has %d events and %d dead letters", i, len(evs), len(dead))
		}
		for _, ev := range evs {
			got = append(got, ev.GetId())
		}
	}
	if !slices.Equal(want, got) {
		t.Errorf("%d events were published, %d written", len(got), len(want))
	}
}

func TestSimulateToMistakes(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--to projects/p/topics/t", "use pubsub://PROJECT/TOPIC"},
		{"--to pubsub://p", "use pubsub://PROJECT/TOPIC"},
		{"--to pubsub://p/t --batch 1001", "--batch 1001: must be 1 to 1000"},
		{"--to pubsub://p/t --rate -1", "--rate -1: must not be negative"},
		{"--rate 5", "--rate needs --to"},
		{"--to pubsub://p/t --perturb x", "give one"},
	} {
		var out, errs bytes.Buffer
		args := append([]string{"simulate", "--out", t.TempDir()}, strings.Fields(c.args)...)
		if code := execute(args, streams{strings.NewReader(""), &out, &errs}); code != exitUsage ||
			!strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit code %d, %s; want %q", c.args, code, errs.String(), c.want)
		}
	}
}
