// SPDX-License-Identifier: Apache-2.0

// Package perturb damages recorded events as delivery does: disorder, duplicates, losses and missing fields.
//
// What happens to an event follows from the seed and from its own text only, not from where it stands or which file it
// is in. A rate changes nothing but its own damage, and what a low rate hits, a higher one hits too. What is not
// damaged stays as it was, byte for byte.
package perturb

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Defaults of Config: the delivery that detection has to bear (a few points of recall, no more false alarms).
const (
	DefaultDisorder   = 2 * time.Minute
	DefaultDuplicates = 0.01
	DefaultDrop       = 0.02
	DefaultStrip      = 0.10
	// MaxDisorder keeps the output within what the pipeline waits for: its allowed lateness.
	MaxDisorder = 10 * time.Minute
)

// EventsFile is the file that Files writes.
const EventsFile = "events.ndjson.gz"

// Config says how much damage is done. Rates are probabilities.
type Config struct {
	Seed uint64 `json:"seed"`
	// Disorder is how much later than it happened an event may arrive.
	Disorder time.Duration `json:"disorder_ns"`
	// Duplicates is the share of events that arrive twice, Drop the share that never arrives.
	Duplicates float64 `json:"duplicates"`
	Drop       float64 `json:"drop"`
	// Strip is the share of events that lose a field, for each of Stripped separately.
	Strip float64 `json:"strip"`
}

// Default is the damage of the defaults.
func Default() Config {
	return Config{Seed: 1, Disorder: DefaultDisorder, Duplicates: DefaultDuplicates, Drop: DefaultDrop,
		Strip: DefaultStrip}
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.Disorder < 0 || c.Disorder > MaxDisorder {
		return fmt.Errorf("disorder is %v: want 0 to %v, what the pipeline waits for", c.Disorder, MaxDisorder)
	}
	for _, r := range []struct {
		name string
		rate float64
	}{{"duplicates", c.Duplicates}, {"drop", c.Drop}, {"strip", c.Strip}} {
		if !(r.rate >= 0 && r.rate <= 1) { // not a number is neither
			return fmt.Errorf("%s is %v: want a rate from 0 to 1", r.name, r.rate)
		}
	}
	return nil
}

// Report counts what was done. Read + Duplicated - Dropped = Written.
type Report struct {
	Read int `json:"read"`
	// Other are lines that are no native event: they keep their place and take no damage.
	Other      int `json:"other_lines"`
	Dropped    int `json:"dropped"`
	Duplicated int `json:"duplicated"`
	Written    int `json:"written"`
	// Had and Stripped count, by field, the events read that had it, and those written without.
	Had      map[string]int `json:"had"`
	Stripped map[string]int `json:"stripped"`
	// OutOfOrder are events written after one that happened later, at most DisorderMaxS seconds later.
	OutOfOrder   int     `json:"out_of_order"`
	DisorderMaxS float64 `json:"disorder_max_s"`
	// Early left before their turn because too much was held, see heldMaxBytes.
	Early int `json:"left_early"`
}

// Files reads files of events, plain or compressed, and writes them, damaged, to EventsFile in dir. progress
// may be nil; it is told the bytes of text so far.
func Files(c Config, paths []string, dir string, progress func(read, total int64)) (report Report, err error) {
	if err := c.Validate(); err != nil {
		return report, err
	}
	in, err := open(paths)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return report, err // the error names the operation and the path
	}
	out := filepath.Join(dir, EventsFile)
	if err := notAmong(paths, out); err != nil {
		return report, err
	}
	f, err := os.Create(out)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriterSize(f, 1<<16)
	z := gzip.NewWriter(buffered)
	report, err = run(c, in, z, progress)
	return report, errors.Join(err, z.Close(), buffered.Flush())
}

// notAmong refuses to write over what is being read.
func notAmong(paths []string, out string) error {
	there, err := os.Stat(out)
	if err != nil {
		return nil //nolint:nilerr // what is not there cannot be written over
	}
	for _, p := range paths {
		if in, err := os.Stat(p); err == nil && os.SameFile(in, there) {
			return fmt.Errorf("%s is to be read and written: give another directory", out)
		}
	}
	return nil
}

// run copies in to w with damage.
func run(c Config, in *merged, w io.Writer, progress func(read, total int64)) (Report, error) {
	o := &output{w: w, c: c, report: Report{Had: map[string]int{}, Stripped: map[string]int{}}}
	for {
		l, err := in.next()
		if errors.Is(err, io.EOF) && o.report.Read > 0 && o.report.Other == o.report.Read {
			return o.report,
				fmt.Errorf("none of %d lines is a native event: want objects with time, user_id and client", o.report.Read)
		}
		if errors.Is(err, io.EOF) {
			return o.report, o.finish()
		}
		if err != nil {
			return o.report, err
		}
		if err := o.take(l); err != nil {
			return o.report, err
		}
		if progress != nil && o.report.Read%progressEvery == 0 {
			progress(in.read, -1)
		}
	}
}

const progressEvery = 10_000
