// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"fmt"

	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// Limit is a threshold with everything that went into it, as numbers: they are put into words only where something is
// found.
type Limit struct {
	// Value is T, in the metric's unit.
	Value float64
	// Cold says that neither the account's habit is known nor what people do in general, or that an app is too new: what
	// exceeds the limit only logs.
	Cold bool

	sensitivity, age, floor float64 // floor is raised by age
	org, busyDay, quantile  float64 // org is the factor of the quantile
	own, habit              float64 // own is the factor of the habit
	habitDays               int
	// known says that the quantile stands on rows of the baseline: those that answer ask.
	known, newApp bool
	baseline      *baseline.Index
	ask           baseline.Ask
}

// Formula is how the value came about.
func (l Limit) Formula() string {
	busy := ""
	if l.busyDay != 1 {
		busy = " × busy day " + evidence.Number(l.busyDay)
	}
	return fmt.Sprintf("max(%s × floor %s, %s%s × org p90 %s, %s × habit %s) = %s", evidence.Number(l.sensitivity),
		evidence.Number(l.floor), evidence.Number(l.org), busy, evidence.Number(l.quantile), evidence.Number(l.own),
		evidence.Number(l.habit), evidence.Number(l.Value))
}

// Rows are those of the baseline that the quantile stands on, and n the organisation's own people behind it: 0 if they
// are too few.
func (l Limit) Rows() (rows []string, n uint32) {
	if !l.known {
		return nil, 0
	}
	for _, p := range l.baseline.Estimate(l.ask, baseline.DefaultSupport).Parts {
		if p.Weight == 0 {
			continue
		}
		rows = append(rows, p.Row)
		if p.Level == baseline.LevelOrg {
			n = p.N
		}
	}
	return rows, n
}

// Notes say what was not known, and what took its place.
func (l Limit) Notes() (notes []string) {
	switch l.age {
	case FirstDayFactor:
		notes = append(notes, "first day of the account: floor × "+evidence.Number(FirstDayFactor))
	case ColdFactor:
		notes = append(notes,
			fmt.Sprintf("account younger than %d days: floor × %s", evidence.ColdDays, evidence.Number(ColdFactor)))
	}
	if l.habitDays < habitRank {
		notes = append(notes, fmt.Sprintf("no habit yet: %d earlier days of %d needed", l.habitDays, habitRank))
	}
	if l.known && l.quantile == 0 {
		notes = append(notes, "nine in ten people never do this: the organisation's quantile is 0 and the floor holds")
	}
	switch {
	case l.newApp:
		notes = append(notes, "the app is too new to have a habit over this horizon: only logged")
	case l.Cold:
		notes = append(notes, "neither the account nor its organisation is known yet: only logged")
	}
	return notes
}
