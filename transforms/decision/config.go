// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Config is what the stages ask. Nil functions give defaults: everyone's settings are the default ones, nobody is in
// the directory, the number of active users is unknown.
type Config struct {
	User User
	Mode string
	// EndsApps is as in Env.
	EndsApps bool
	Settings func(orgID string) *aerv1.Settings
	Person   func(aerv1.OrgID, aerv1.UserID) *aerv1.Person
	// ActiveUsers says how many people an organisation ("" = all of them together) has at an event time, 0 if unknown:
	// what budgets are a share of. It must depend on nothing but its arguments, or a replay would decide otherwise.
	ActiveUsers func(orgID string, at time.Time) uint32
	// Global limits the resets of all organisations together; nil means settings.GlobalLimits.
	Global *aerv1.Limits
	// Now gives the wall clock for decided_at; nil leaves it out, as in replays.
	Now func() time.Time
	// Simulated is Env.Simulated.
	Simulated bool
}

func (c Config) withDefaults() Config {
	if c.Settings == nil {
		c.Settings = settings.Default
	}
	if c.Person == nil {
		c.Person = func(aerv1.OrgID, aerv1.UserID) *aerv1.Person { return nil }
	}
	if c.ActiveUsers == nil {
		c.ActiveUsers = func(string, time.Time) uint32 { return 0 }
	}
	if c.Global == nil {
		c.Global = settings.GlobalLimits()
	}
	if c.Now == nil {
		c.Now = func() time.Time { return time.Time{} }
	}
	return c
}

// env is what surrounds the decision about a finding.
func (c Config) env(a *aerv1.Anomaly) Env {
	return Env{
		Settings: c.Settings(a.GetOrgId()), Person: c.Person(aerv1.OrgID(a.GetOrgId()), aerv1.UserID(a.GetUserId())),
		Mode: c.Mode, EndsApps: c.EndsApps,
		DecidedAt: c.Now(), Simulated: c.Simulated,
	}
}

// limits are those that a budget holds the decision against, with the number of active users of its scope (0 =
// unknown).
func (c Config) limits(b Budget, d *aerv1.Decision) (*aerv1.Limits, uint32) {
	at := d.GetTime().AsTime()
	if b.Gate == GateBudgetGlobal {
		return c.Global, c.ActiveUsers("", at)
	}
	return c.Settings(d.GetOrgId()).GetLimits(), c.ActiveUsers(d.GetOrgId(), at)
}
