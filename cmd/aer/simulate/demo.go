// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	_ "embed" // the settings file
	"fmt"
	"time"
)

// Days of the demo.
const (
	// DefaultDays is three learning weeks and some, then the day of the attacks.
	DefaultDays = 26
	// MinDays leaves accounts old enough to be judged on the last day (evaluate.LearningAge).
	MinDays = 23
	// MaxDays bounds the output to a few million events.
	MaxDays = 400
)

// DemoConfig is what the demo's world depends on.
type DemoConfig struct {
	Seed uint64
	// Days in all; the last is the one with the attacks.
	Days int
}

// fridayOfTheDemo keeps the output independent of the clock: the attacks are on this day.
var fridayOfTheDemo = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

//go:embed demo_settings.yaml
var demoSettings []byte

// Demo makes weeks of ordinary traffic of three small organisations and, on the last day, labelled attacks and
// look-alikes. It is made to show AER and to test it end to end, and is easier than life.
func Demo(c DemoConfig) (*Result, error) {
	if c.Days == 0 {
		c.Days = DefaultDays
	}
	if c.Days < MinDays || c.Days > MaxDays {
		return nil, fmt.Errorf("days is %d: want %d to %d", c.Days, MinDays, MaxDays)
	}
	w := &demo{&world{story: story{seed: c.Seed}, sessionID: "S-%s-%05d", start: fridayOfTheDemo.AddDate(0, 0, 1-c.Days)},
		c.Days}
	for i, plan := range demoOrgs {
		w.orgs = append(w.orgs, w.newOrg(i, plan))
	}
	w.ordinaryDays()
	w.lookAlikes()
	w.attacks()
	r := w.result("sim-%06d")
	r.LastDay, r.Settings = fridayOfTheDemo, demoSettings
	return r, nil
}

// demo is the world of the demo.
type demo struct {
	*world
	days int
}

// lastDay returns a time of the day with the attacks.
func (w *demo) lastDay(hour, minute int) time.Time {
	return fridayOfTheDemo.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func (w *demo) weekend(d int) bool {
	day := w.day(d).Weekday()
	return day == time.Saturday || day == time.Sunday
}

// on is a scene of the last day whose time is not set yet.
func (w *demo) on(p *person, seed string) *scene {
	return &scene{world: w.world, r: w.random(seed), p: p, d: w.days - 1}
}
