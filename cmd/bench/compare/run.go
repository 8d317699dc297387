// SPDX-License-Identifier: Apache-2.0

// Package compare runs AER and the plain-Go limit on the same streams in alternation, checks that they find the same
// every time, and says what each event cost.
package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aer-project/aer/cmd/bench/child"
)

// Subject is a program on a stream, run again and again.
type Subject struct {
	// Name says what it is, Stream on what, Limit which subject's cost is its yardstick ("" = it is one itself, or there
	// is none).
	Name, Stream, Limit string
	// Same names what its output must be equal to: that of all subjects with the same word, in every round.
	Same    string
	Command child.Command
	// Finds reads what a run found: a text that is equal for equal findings.
	Finds func(out []byte) (Found, error)
}

// Found is what a run says of itself.
type Found struct {
	Events int
	// Objects and Bytes were taken from the heap; 0 if the program does not say.
	Objects, Bytes float64
	// Findings is a text that is equal for equal findings.
	Findings string
}

// Run is one run of a subject.
type Run struct {
	child.Taken
	Found
}

// Result is a subject with its measured runs, or with why it could not be run.
type Result struct {
	Subject
	Runs []Run
	Err  error
}

// Rounds runs all subjects once to see that they agree and to have the files in memory, and then all of them in turn,
// several times. One that cannot be run is left out from then on; that two do not find the same is an error. told is
// told what runs.
func Rounds(ctx context.Context, subjects []Subject, rounds int, told func(round int, s Subject)) ([]Result, error) {
	results := make([]Result, len(subjects))
	findings := map[string]string{}
	for round := range rounds + 1 {
		for i, s := range subjects {
			if results[i].Err != nil {
				continue
			}
			told(round, s)
			r, err := s.run(ctx)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err == nil {
				err = s.agrees(findings, r)
				if err != nil {
					return nil, err
				}
			}
			results[i].Subject, results[i].Err = s, err
			if round > 0 && err == nil {
				results[i].Runs = append(results[i].Runs, r)
			}
		}
	}
	return results, nil
}

// agrees says what a run found differently from the first run of those that must find the same.
func (s Subject) agrees(findings map[string]string, r Run) error {
	first, known := findings[s.Same]
	if !known {
		findings[s.Same] = r.Findings
		return nil
	}
	if first != r.Findings {
		return fmt.Errorf("%s (%s) does not find what others of %s find:\n%s\nnot\n%s", s.Name, s.Stream, s.Same, r.Findings,
			first)
	}
	return nil
}

func (s Subject) run(ctx context.Context) (r Run, err error) {
	out, taken, err := s.Command.Run(ctx)
	if err != nil {
		return r, err
	}
	found, err := s.Finds(out)
	if err != nil {
		return r, fmt.Errorf("reading what %s found: %w", s.Name, err)
	}
	if found.Events == 0 {
		return r, fmt.Errorf("%s on %s read no events", s.Name, s.Stream)
	}
	return Run{taken, found}, nil
}

// limitFinds reads the line that the limit prints: its counts by detector, beside its own measurements.
func limitFinds(out []byte) (f Found, err error) {
	all := map[string]any{}
	if err := json.Unmarshal(out, &all); err != nil {
		return f, err
	}
	n, _ := all["events"].(float64)
	for _, own := range []string{"mode", "par", "det", "wall", "eps", "ns_core"} {
		delete(all, own)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f.Findings += fmt.Sprintf("%s %v, ", name, all[name])
	}
	f.Events = int(n)
	return f, nil
}
