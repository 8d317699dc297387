// SPDX-License-Identifier: Apache-2.0

// Package budget holds what an event may take from the heap, stage by stage and as a whole: unlike times, objects and
// bytes are the same on every machine, so that a test can compare them.
package budget

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
)

// Allowed is what one event, slice, finding or row may take.
type Allowed struct {
	Objects float64 `yaml:"objects"`
	Bytes   float64 `yaml:"bytes"`
}

// Budget is what was measured last and accepted: benchmarks by name, and replays of a small stream by its form.
type Budget struct {
	Stages  map[string]Allowed `yaml:"stages"`
	Replays map[string]Allowed `yaml:"replays"`
}

// head is what the file says of itself.
const head = `# SPDX-License-Identifier: Apache-2.0
# What one event (or slice, finding, step, row) takes from the heap: stages by the name of their benchmark, replays by
# the form of a small simulated stream. go test ./cmd/bench/budget fails over what takes more. make bench-budget wrote
# it.
`

// How much more than accepted passes. Objects and bytes hardly vary from run to run; the rest is what pools that the
// collector empties, growing maps and the setup of a benchmark add. Small figures get what is no more than noise.
const (
	share      = 0.10
	objectsMin = 0.25
	bytesMin   = 48
)

// Read reads the budget in a file.
func Read(path string) (b Budget, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return b, fmt.Errorf("reading the budget: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(raw, &b, yaml.Strict()); err != nil {
		return b, fmt.Errorf("reading the budget %s: %w", path, err)
	}
	return b, nil
}

// Write writes the budget to a file.
func (b Budget) Write(path string) error {
	raw, err := yaml.MarshalWithOptions(b.rounded(), yaml.Flow(false))
	if err == nil {
		err = os.WriteFile(path, append([]byte(head), raw...), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the budget: %w", err)
	}
	return nil
}

// rounded is the budget in figures that a person can compare.
func (b Budget) rounded() Budget {
	round := func(in map[string]Allowed) map[string]Allowed {
		out := map[string]Allowed{}
		for name, a := range in {
			out[name] = Allowed{math.Round(a.Objects*100) / 100, math.Round(a.Bytes)}
		}
		return out
	}
	return Budget{round(b.Stages), round(b.Replays)}
}

// Compare says, one error for each, what takes more than accepted, and what was not measured or not accepted yet.
func (b Budget) Compare(now Budget) error {
	return errors.Join(append(compare("stage", b.Stages, now.Stages), compare("replay", b.Replays, now.Replays)...)...)
}

func compare(what string, accepted, now map[string]Allowed) (errs []error) {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		a, known := accepted[name]
		n := now[name]
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("%s %s takes %.2f objects and %.0f B and has no budget", what, name, n.Objects,
				n.Bytes))
		case !a.allows(n):
			errs = append(errs, fmt.Errorf("%s %s takes %.2f objects and %.0f B; accepted were %.2f and %.0f", what, name,
				n.Objects, n.Bytes, a.Objects, a.Bytes))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(accepted)) {
		if _, measured := now[name]; !measured {
			errs = append(errs, fmt.Errorf("%s %s is in the budget and was not measured: it is gone or renamed", what, name))
		}
	}
	return errs
}

// allows says whether it is no more than accepted, but for noise.
func (a Allowed) allows(now Allowed) bool {
	return now.Objects <= limit(a.Objects, objectsMin) && now.Bytes <= limit(a.Bytes, bytesMin)
}

func limit(accepted, least float64) float64 { return accepted + max(accepted*share, least) }
