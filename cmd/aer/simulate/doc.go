// Package simulate makes weeks of ordinary traffic of three small organisations and, on the last day, labelled attacks and look-alikes.
//
// Everything follows from the seed: the same Config gives the same bytes. The people, networks and clients are invented;
// addresses come from ranges reserved for documentation and benchmarks (RFC 5737, RFC 2544). It is made to show AER and to
// test it end to end, and is easier than life: detectors are judged on labelled real timelines, and on the larger and untidier
// worlds of package quality.
package simulate

import (
	"fmt"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Defaults of Config.
const (
	// DefaultDays is three learning weeks and some, then the day of the attacks.
	DefaultDays = 26
	// MinDays leaves accounts old enough to be judged on the last day (evaluate.LearningAge).
	MinDays = 23
	// MaxDays bounds the output to a few million events.
	MaxDays = 400
)

// Config is what a simulation depends on.
type Config struct {
	Seed uint64
	// Days in all; the last is the one with the attacks.
	Days int
	// LastDay is the UTC day of the attacks; zero means a fixed Friday.
	LastDay time.Time
}

// fixedFriday keeps the output independent of the clock.
var fixedFriday = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// Result is a simulated world. Events are in order of time.
type Result struct {
	Events      []*aerv1.Event
	Incidents   []evaluate.Incident
	Tor         []TorInterval
	Directories []*aerv1.Directory
	// Excluded are spans that are not scored either way.
	Excluded []evaluate.Span
	// Settings is what the organisations have chosen, as an operator would write it.
	Settings []byte
	LastDay  time.Time
	// Thief holds the ids of the events that somebody other than the account's owner made.
	Thief map[string]bool
}

// TorInterval is a time during which an address was listed as a Tor exit.
type TorInterval struct {
	Address     string
	From, Until time.Time
}

// Run simulates.
func Run(c Config) (*Result, error) {
	if c.Days == 0 {
		c.Days = DefaultDays
	}
	if c.Days < MinDays || c.Days > MaxDays {
		return nil, fmt.Errorf("days is %d: want %d to %d", c.Days, MinDays, MaxDays)
	}
	if c.LastDay.IsZero() {
		c.LastDay = fixedFriday
	}
	w := newWorld(c)
	w.ordinaryDays()
	w.lookAlikes()
	w.attacks()
	return w.result(), nil
}
