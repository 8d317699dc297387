// SPDX-License-Identifier: Apache-2.0

// Package retention forgets what a store has kept long enough.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/slack"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/transforms/strict"
)

// Limits of Config.
const (
	// daysMin is more than the day for which messages are tried: until then records keep things from being done twice.
	daysMin = 2
	// daysMax keeps sums of times and days within what a time.Duration can hold.
	daysMax = 36_500
)

// Config is for how many days each kind of record is kept.
type Config struct {
	// Responses with all their steps, from the last on; Audit the entries of the audit log; Settings the versions that
	// were replaced, from when they were.
	Responses int `yaml:"responses_days"`
	Audit     int `yaml:"audit_days"`
	Settings  int `yaml:"settings_days"`
	// Sessions of the embedded table that ended, and which calls ended them; Journal what the Slack adapter did under a
	// key; Digests what was held back for them.
	Sessions int `yaml:"sessions_days"`
	Journal  int `yaml:"journal_days"`
	Digests  int `yaml:"digests_days"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	for _, kept := range []struct {
		name string
		days int
	}{
		{"responses", c.Responses}, {"audit", c.Audit}, {"settings", c.Settings},
		{"sessions", c.Sessions}, {"journal", c.Journal}, {"digests", c.Digests},
	} {
		k.Want(kept.days >= daysMin && kept.days <= daysMax, kept.name+"_days", kept.days,
			fmt.Sprintf("%d to %d", daysMin, daysMax))
	}
	return k.Err()
}

// Every is how often a run should call Forget: with that it goes through three million records a day.
const Every = time.Minute

// Forget goes on forgetting what is older than c says: a bounded piece of work, after which the next call goes on, in
// whatever process. It says whether everything was looked at that is to be looked at today. Responses that are open and
// digests that are still to be sent stay.
func Forget(ctx context.Context, db kv.Store, c Config, now time.Time) (done bool, err error) {
	if err := c.Validate(); err != nil {
		return false, fmt.Errorf("forgetting what is old: %w", err)
	}
	done = true
	var errs []error
	for _, k := range []struct {
		kv.Aging
		days int
	}{
		{ledger.Aging(), c.Responses}, {trail.Aging(), c.Audit}, {settings.Aging(), c.Settings},
		{sessions.Aging(), c.Sessions},
		{sessions.AgingEnds(), c.Sessions}, {slack.Aging(), c.Journal}, {digest.Aging(), c.Digests},
	} {
		all, err := kv.Forget(ctx, db, k.Aging, now, time.Duration(k.days)*24*time.Hour)
		done = done && all
		errs = append(errs, err) // what cannot be done for one kind keeps no other waiting
	}
	return done, errors.Join(errs...)
}
