// SPDX-License-Identifier: Apache-2.0

// Package settings holds what an organisation has chosen: the defaults, the strict parser, the renderer and the
// look-up.
package settings

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Defaults of an organisation that has chosen nothing. All of them are starting values: conservative, and not yet
// validated on real tenants.
const (
	// DefaultSensitivity scales no threshold.
	DefaultSensitivity = aerv1.SensitivityMedium
	// DefaultMaxResets is how often one person may be signed out in 24 hours before AER stops and tells the admins. The
	// second time allows for a thief who signs in again from elsewhere; a third is nearly always a script or a habit.
	DefaultMaxResets = 2
	// MaxMaxResets is the most that max_resets may be: beyond it the limit would protect nobody.
	MaxMaxResets = 10
	// DefaultCooldown is how long the cause must be quiet before its responses resume: a day, because jobs recur daily.
	DefaultCooldown = 24 * time.Hour
	// MinCooldown is the shortest cooldown.
	MinCooldown = time.Hour
	// MaxCooldown is the longest: it keeps a history alive for a week.
	MaxCooldown = 7 * 24 * time.Hour
	// DefaultBudgetMin and DefaultBudgetFraction: sign-outs of more than max(20, 0.5 % of active users) people in ten
	// minutes are taken for a mistake of ours (a new identity provider, a client roll-out), not for that many stolen
	// accounts. In a small organisation a tenth of the active users is the most, and in a day a quarter, whatever is
	// chosen here (decision.Budget).
	DefaultBudgetMin      = 20
	DefaultBudgetFraction = 0.005
	// DefaultBudgetWindow is the time in which the budget may be spent.
	DefaultBudgetWindow = 10 * time.Minute
	// MinBudgetWindow is the shortest window of a budget.
	MinBudgetWindow = time.Minute
	// MaxBudgetWindow is the longest.
	MaxBudgetWindow = 24 * time.Hour
	// maxBudgetMin is above any organisation: a budget that large is no budget, but it is what was asked for.
	maxBudgetMin = 1_000_000
	// GlobalBudgetMin and GlobalBudgetFraction are the breaker over all organisations together: ten times one
	// organisation's minimum, and a smaller share, since a fault of ours would show everywhere at once.
	GlobalBudgetMin      = 200
	GlobalBudgetFraction = 0.001
)

// DefaultApps is what becomes of findings about apps unless an organisation says otherwise (Settings.apps empty): they
// are recorded. An app's access ends on somebody's word that it may, because work of other people may hang on it.
const DefaultApps = aerv1.AppsLog

// respondByDefault are the detectors that may end sessions unless an organisation says otherwise; the rest log.
var respondByDefault = map[string]bool{aerv1.TypeTor: true, aerv1.TypeUnexpectedScraping: true}

// Default returns the settings of an organisation that has chosen nothing.
func Default(orgID string) *aerv1.Settings {
	s := &aerv1.Settings{
		OrgId:     orgID,
		Detectors: map[string]*aerv1.DetectorSettings{},
		Notify: &aerv1.NotifySettings{
			OrgPrimaryOwner: &aerv1.Channels{Email: true},
			SecurityAdmins:  &aerv1.Channels{Email: true},
		},
		Limits: &aerv1.Limits{
			MaxResets:      DefaultMaxResets,
			Cooldown:       durationpb.New(DefaultCooldown),
			BudgetMin:      DefaultBudgetMin,
			BudgetFraction: DefaultBudgetFraction,
			BudgetWindow:   durationpb.New(DefaultBudgetWindow),
		},
	}
	for _, t := range aerv1.AnomalyTypes {
		mode := aerv1.DetectorLog
		if respondByDefault[t] {
			mode = aerv1.DetectorRespond
		}
		s.Detectors[t] = &aerv1.DetectorSettings{Mode: mode, Sensitivity: DefaultSensitivity}
	}
	s.Version = Version(s)
	return s
}

// GlobalLimits returns the limits of the circuit breaker over all organisations. Only its budget fields are set.
func GlobalLimits() *aerv1.Limits {
	return &aerv1.Limits{
		BudgetMin:      GlobalBudgetMin,
		BudgetFraction: GlobalBudgetFraction,
		BudgetWindow:   durationpb.New(DefaultBudgetWindow),
	}
}

// Complete returns settings with every gap of s filled by a default and with its version; s itself is not changed.
// A nil s gives the defaults of an unnamed organisation. Numbers outside their bounds are moved to the nearest bound,
// so that settings which did not come through Parse cannot switch the limits off.
func Complete(s *aerv1.Settings) *aerv1.Settings {
	out := Default(s.GetOrgId())
	for name, d := range s.GetDetectors() {
		out.Detectors[name] = completeDetector(out.Detectors[name], d)
	}
	out.Trusted = append(out.Trusted, s.GetTrusted()...)
	out.Exclusions = append(out.Exclusions, s.GetExclusions()...)
	out.Clearances = append(out.Clearances, s.GetClearances()...)
	out.ChangedAt, out.ChangedBy = s.GetChangedAt(), s.GetChangedBy()
	if n := s.GetNotify(); n.GetOrgPrimaryOwner() != nil {
		out.Notify.OrgPrimaryOwner = &aerv1.Channels{Email: n.OrgPrimaryOwner.Email, Dm: n.OrgPrimaryOwner.Dm}
	}
	if n := s.GetNotify(); n.GetSecurityAdmins() != nil {
		out.Notify.SecurityAdmins = &aerv1.Channels{Email: n.SecurityAdmins.Email, Dm: n.SecurityAdmins.Dm}
	}
	out.Limits = CompleteLimits(s.GetLimits())
	if s.GetResponse().GetScope() == aerv1.ScopeSession {
		out.Response = &aerv1.ResponseSettings{Scope: aerv1.ScopeSession}
	}
	out.Apps = chosenApps(s.GetApps())
	out.Version = Version(out)
	return out
}

func completeDetector(def, d *aerv1.DetectorSettings) *aerv1.DetectorSettings {
	out := &aerv1.DetectorSettings{Mode: aerv1.DetectorLog, Sensitivity: DefaultSensitivity}
	if def != nil {
		out.Mode, out.Sensitivity = def.Mode, def.Sensitivity
	}
	if d.GetMode() != "" {
		out.Mode = d.Mode
	}
	if d.GetSensitivity() != "" {
		out.Sensitivity = d.Sensitivity
	}
	out.ExcludedUsers = append(out.ExcludedUsers, d.GetExcludedUsers()...)
	out.ExcludedGroups = append(out.ExcludedGroups, d.GetExcludedGroups()...)
	return out
}

// CompleteLimits fills the gaps of l with defaults and moves numbers outside their bounds to the nearest bound.
func CompleteLimits(l *aerv1.Limits) *aerv1.Limits {
	out := &aerv1.Limits{
		MaxResets: DefaultMaxResets, BudgetMin: DefaultBudgetMin, BudgetFraction: DefaultBudgetFraction,
		Cooldown: durationpb.New(DefaultCooldown), BudgetWindow: durationpb.New(DefaultBudgetWindow),
	}
	if l.GetMaxResets() > 0 {
		out.MaxResets = min(l.MaxResets, MaxMaxResets)
	}
	if l.GetBudgetMin() > 0 {
		out.BudgetMin = min(l.BudgetMin, maxBudgetMin)
		out.BudgetFraction = 0
	}
	if f := l.GetBudgetFraction(); f > 0 {
		out.BudgetFraction = min(f, 1)
	}
	if l.GetCooldown().IsValid() && l.GetCooldown().AsDuration() > 0 {
		out.Cooldown = durationpb.New(min(max(l.Cooldown.AsDuration(), MinCooldown), MaxCooldown))
	}
	if l.GetBudgetWindow().IsValid() && l.GetBudgetWindow().AsDuration() > 0 {
		out.BudgetWindow = durationpb.New(min(max(l.BudgetWindow.AsDuration(), MinBudgetWindow), MaxBudgetWindow))
	}
	if l.GetBudgetReset().GetAt().IsValid() {
		out.BudgetReset = l.BudgetReset
	}
	return out
}
