// SPDX-License-Identifier: Apache-2.0

// Package streams makes the streams of events that are measured, with the generator of the plain-Go limit where it is
// present and else with AER's own simulation, and keeps them for the next time.
package streams

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/aer-project/aer/cmd/bench/child"
)

// Plan is a stream of the generator.
type Plan struct {
	Name                string
	Events, Users, Orgs int
	// Seconds is how long it lasts in event time.
	Seconds int
}

// Quarter is the stream that only shows how costs grow.
const Quarter = "quarter"

// Plans are the streams of a bench of a number of events. Sparse is a day of many people, of whom nearly none acts
// twice in a slice; dense an hour of few; Quarter is sparse with a fourth of the events.
func Plans(events int) []Plan {
	const day, hour = 86_400, 3600
	return []Plan{
		{"sparse", events, 50_000, 200, day},
		{"dense", events, 2000, 20, hour},
		{Quarter, events / 4, 50_000, 200, day},
	}
}

// Stream is a stream in files; a form that there is not is "".
type Stream struct {
	Name string
	// Slack holds Slack audit log entries, Native and Proto the same in AER's own forms, LimitProto in the limit's
	// protobuf.
	Slack, Native, Proto, LimitProto string
	// Part is the beginning of Native, for what is slow.
	Part string
	// Tor is the list of Tor exits.
	Tor string
}

// Maker makes streams below a folder.
type Maker struct {
	// Dir is where streams are kept, Self this program, which converts in a process of its own.
	Dir, Self string
	// Anchors are the generator and the limit, AER the program; without Anchors, AER simulates.
	Anchors *Anchors
	AER     string
	// Part is how many events a stream's part has.
	Part int
}

// complete is the file that says that a folder has everything.
const complete = "complete-2"

// Make makes a stream, or finds it as it was made before.
func (m Maker) Make(ctx context.Context, p Plan) (s Stream, err error) {
	if m.Anchors == nil {
		p.Name, p.Events = "simulated", 0
	}
	dir := filepath.Join(m.Dir, fmt.Sprintf("%s-%d-%d", p.Name, p.Events, m.Part))
	s = Stream{
		Name: p.Name, Native: filepath.Join(dir, "native.ndjson"), Part: filepath.Join(dir, "part.ndjson"),
		Proto: filepath.Join(dir, "native.pb"), Tor: filepath.Join(dir, "tor.txt"),
	}
	made := m.simulate
	if m.Anchors != nil {
		s.Slack, s.LimitProto = filepath.Join(dir, "events.ndjson"), filepath.Join(dir, "events.pb")
		made = m.generate
	}
	if _, err := os.Stat(filepath.Join(dir, complete)); err == nil {
		return s, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return s, fmt.Errorf("making a stream: %w", err)
	}
	if err := made(ctx, dir, p, s); err != nil {
		return s, fmt.Errorf("making the stream %s: %w", p.Name, err)
	}
	return s, os.WriteFile(filepath.Join(dir, complete), nil, 0o644)
}

// generate makes a stream with the generator, in all forms.
func (m Maker) generate(ctx context.Context, dir string, p Plan, s Stream) error {
	_, _, err := child.Command{Dir: dir, Args: []string{
		m.Anchors.Gen, "-n", strconv.Itoa(p.Events), "-users", strconv.Itoa(p.Users), "-orgs", strconv.Itoa(p.Orgs),
		"-span", strconv.Itoa(p.Seconds), "-seed", "1",
		"-out", filepath.Base(s.Slack), "-truth", "truth.ndjson", "-tor", filepath.Base(s.Tor),
	}}.Run(ctx)
	if err != nil {
		return err
	}
	if _, _, err := (child.Command{Dir: dir, Args: []string{m.Anchors.Conv}}).Run(ctx); err != nil {
		return err
	}
	parts, _ := filepath.Glob(filepath.Join(dir, "part.*.[0-9]")) // conv's, which nothing here reads
	for _, p := range parts {
		if err := os.Remove(p); err != nil {
			return err
		}
	}
	return m.convert(ctx, s.Slack, s)
}

// simulate has AER simulate a stream. Its list of Tor exits has dates.
func (m Maker) simulate(ctx context.Context, dir string, _ Plan, s Stream) error {
	sim := filepath.Join(dir, "sim")
	_, _, err := child.Command{Args: []string{m.AER, "simulate", "--plot", "quality", "--out", sim}}.Run(ctx)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(sim, "tor.tsv"), s.Tor); err != nil {
		return err
	}
	return m.convert(ctx, filepath.Join(sim, "events.ndjson.gz"), s)
}

// convert writes a stream in AER's forms, in a process of its own, so that this one stays small.
func (m Maker) convert(ctx context.Context, from string, s Stream) error {
	_, _, err := child.Command{Args: []string{
		m.Self, "convert", "-in", from, "-native", s.Native, "-proto", s.Proto, "-part", s.Part,
		"-events", strconv.Itoa(m.Part),
	}}.Run(ctx)
	return err
}
