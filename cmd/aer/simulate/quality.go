// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"
)

// What a QualityConfig defaults to, and its bounds.
const (
	// LearnDays are the ordinary days at the beginning: evaluate.LearningAge and a day.
	LearnDays = 22
	// QualityDays in all: two weeks in which things happen.
	QualityDays = LearnDays + 14
	// DefaultOrgs have about 500 people together, of 8 to 120.
	DefaultOrgs = 12
	// MinOrgs is the least that has room for everything that happens to whole organisations.
	MinOrgs = 8
	// MaxOrgs is how many organisations there are names and networks for.
	MaxOrgs = 20
	// DefaultEach is how often each kind happens.
	DefaultEach = 3
	// MinScale leaves enough people for one of each kind.
	MinScale = 0.5
	// MaxEach keeps every person's part to one.
	MaxEach = 4
)

// QualityConfig is what the world of the measurements depends on.
type QualityConfig struct {
	Seed uint64
	// Orgs is how many organisations there are; 0 means DefaultOrgs.
	Orgs int
	// Scale is how large they are, as a share; 0 means 1.
	Scale float64
	// Each is how often each kind of attack and look-alike of a single person happens; 0 means DefaultEach.
	Each int
}

// firstMonday keeps the output independent of the clock.
var firstMonday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

// Quality makes weeks of many organisations at work, with every kind of attack and of innocent resemblance, for
// measuring AER over seeds. Days before LearnDays are ordinary; after that attacks and look-alikes happen on working
// days, each to a person of its own, and some things happen to whole organisations: a proxy or another VPN is rolled
// out, a client is replaced, everybody signs in anew. Ordinary days are meant to be as untidy as life: phones hop
// between address families and pools, browsers show several TLS prints, apps open WebViews, people travel, get laptops
// and clear cookies, sources leave fields out or write placeholders. What an attack shows and its expected types are
// decided here by what AER promises, never by what it happens to find.
func Quality(c QualityConfig) (*Result, error) {
	if c.Orgs == 0 {
		c.Orgs = DefaultOrgs
	}
	if c.Each == 0 {
		c.Each = DefaultEach
	}
	if c.Scale == 0 {
		c.Scale = 1
	}
	if c.Orgs < MinOrgs || c.Orgs > MaxOrgs {
		return nil, fmt.Errorf("orgs is %d: want %d to %d", c.Orgs, MinOrgs, MaxOrgs)
	}
	if c.Each < 1 || c.Each > MaxEach {
		return nil, fmt.Errorf("each is %d: want 1 to %d", c.Each, MaxEach)
	}
	if c.Scale < MinScale || c.Scale > 1 {
		return nil, fmt.Errorf("scale is %g: want %g to 1", c.Scale, MinScale)
	}
	w := newWorld(c)
	settings := w.settings()
	w.changeOrganisations()
	w.castParts()
	for d := range QualityDays {
		w.ordinaryDay(d)
		for _, s := range w.scenes[d] {
			w.play(s)
		}
	}
	w.orgs = append(w.orgs, w.poisoner)
	r := w.result("q-%07d")
	r.Settings, r.LastDay = settings, w.day(QualityDays-1)
	return r, nil
}
