// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// standing is what the organisation has chosen about the user, at noon.
func standing(change func(*Input)) Input {
	in := Input{Anomaly: anomalyAt(0, aerv1.TypeTor, "S1"), Settings: respondAll(2), Now: day.Add(12 * time.Hour)}
	in.Person = &aerv1.Person{UserId: "U1", Groups: []string{"night-shift", "security"}}
	change(&in)
	return in
}

func until(hour int) *aerv1.Exclusion {
	return &aerv1.Exclusion{UserId: "U1", Expires: aerv1.Time(day.Add(time.Duration(hour) * time.Hour))}
}

// TestWhatTheOrganisationChose is said word for word: these are the sentences that an admin reads in the trace.
func TestWhatTheOrganisationChose(t *testing.T) {
	type gate func(Input) Verdict
	none := func(*Input) {}
	tor := func(in *Input) *aerv1.DetectorSettings { return in.Settings.Detectors[aerv1.TypeTor] }
	exclude := func(list ...*aerv1.Exclusion) func(*Input) {
		return func(in *Input) { in.Settings.Exclusions = list }
	}
	clearance := func(from, until int) func(*Input) {
		return func(in *Input) {
			in.Settings.Clearances = append(in.Settings.Clearances, &aerv1.Clearance{
				UserId: "U1", From: aerv1.Time(day.Add(time.Duration(from) * time.Hour)),
				Until:  aerv1.Time(day.Add(time.Duration(until) * time.Hour)),
				Reason: "on a journey", Author: "ann",
			})
		}
	}
	const passes = aerv1.Decision_OUTCOME_UNSPECIFIED
	for name, c := range map[string]struct {
		gate    gate
		change  func(*Input)
		outcome aerv1.Decision_Outcome
		says    string
	}{
		"nothing is known of the user": {externalUser, func(in *Input) { in.Person = nil }, passes,
			"Nothing says that the user is external (no directory entry, no type in the events)."},
		"a member": {externalUser, none, passes, "Not an external user."},
		"external by the events": {externalUser, func(in *Input) { in.Anomaly.UserType = aerv1.UserExternal },
			aerv1.Decision_EXTERNAL_USER,
			"The events say that the user belongs to another organisation; such people are never signed out."},
		"external by the directory": {externalUser, func(in *Input) { in.Person.Type = aerv1.UserExternal },
			aerv1.Decision_EXTERNAL_USER,
			"The directory says that the user belongs to another organisation; such people are never signed out."},

		"may respond": {detectorMode, none, passes, "Detector tor may respond."},
		"off": {detectorMode, func(in *Input) { tor(in).Mode = aerv1.DetectorOff }, aerv1.Decision_OFF,
			"The organisation has switched detector tor off."},
		"logs": {detectorMode, func(in *Input) { tor(in).Mode = aerv1.DetectorLog }, aerv1.Decision_LOG_ONLY,
			"The organisation lets detector tor log only."},
		"an old list": {detectorMode, func(in *Input) { in.Anomaly.Evidence.Client.Facts.TorStale = true },
			aerv1.Decision_LOG_ONLY,
			"The list of Tor exits was too old at that time (tor_stale), so its findings only log."},

		"excluded by name": {excluded, func(in *Input) { tor(in).ExcludedUsers = []string{"U0", "U1"} },
			aerv1.Decision_EXCLUDED,
			"The organisation excludes this user from detector tor."},
		"excluded by group": {excluded, func(in *Input) { tor(in).ExcludedGroups = []string{"security"} },
			aerv1.Decision_EXCLUDED,
			`The organisation excludes group "security", which the user is in, from detector tor.`},
		"a group that nobody knows": {excluded,
			func(in *Input) { in.Person, tor(in).ExcludedGroups = nil, []string{"security"} }, passes,
			"Not excluded by name; the user's groups are unknown (no directory entry)."},
		"not excluded": {excluded, none, passes, "Neither the user nor one of their groups is excluded."},
		"excluded from another": {excluded, exclude(&aerv1.Exclusion{UserId: "U1", Detector: aerv1.TypeUnexpectedScraping}),
			passes, "Neither the user nor one of their groups is excluded."},
		"another is excluded": {excluded, exclude(&aerv1.Exclusion{UserId: "U2"}), passes,
			"Neither the user nor one of their groups is excluded."},
		"excluded until": {excluded, exclude(until(11), until(13)), aerv1.Decision_EXCLUDED,
			"The organisation excludes this user from every detector until 2026-11-22T13:00:00Z."},
		"no longer excluded": {excluded, exclude(until(10), until(12), until(9)), passes,
			"Neither the user nor one of their groups is excluded. An exclusion ended at 2026-11-22T12:00:00Z."},
		"a group is excluded, and says why": {excluded,
			exclude(&aerv1.Exclusion{Group: "night-shift", Detector: aerv1.TypeTor, Reason: "they use it", Author: "bob"}),
			aerv1.Decision_EXCLUDED,
			`The organisation excludes group "night-shift", which the user is in, from detector tor (they use it, added by bob).`},

		"not cleared": {cleared, none, passes, "No admin has cleared the user."},
		"cleared": {cleared, clearance(11, 13), aerv1.Decision_CLEARED,
			"An admin cleared this user: no reset until 2026-11-22T13:00:00Z (on a journey, added by ann)."},
		"not yet cleared": {cleared, clearance(13, 14), passes, "No admin has cleared the user."},
		"it is over": {cleared, func(in *Input) { clearance(8, 12)(in); clearance(7, 9)(in) }, passes,
			"The user had been cleared until 2026-11-22T12:00:00Z; that is over."},
	} {
		t.Run(name, func(t *testing.T) {
			if v := c.gate(standing(c.change)); v.Outcome != c.outcome || v.Detail != c.says {
				t.Errorf("%v: %q, want %v: %q", v.Outcome, v.Detail, c.outcome, c.says)
			}
		})
	}
}

// TestClearancesOfOthersSayNothing, nor do those without an end or a beginning.
func TestClearancesOfOthersSayNothing(t *testing.T) {
	at := aerv1.Time(day)
	for _, c := range []*aerv1.Clearance{{UserId: "U2", From: at, Until: aerv1.Time(day.AddDate(1, 0, 0)), Reason: "x"},
		{From: at, Until: at}, {UserId: "U1", From: at}, {UserId: "U1", Until: at}} {
		s := settings.Default("O1")
		s.Clearances = []*aerv1.Clearance{c}
		if v := cleared(standing(func(in *Input) { in.Settings = s })); v.Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED ||
			v.Detail != "No admin has cleared the user." {
			t.Errorf("%v: %v %q", c, v.Outcome, v.Detail)
		}
	}
}
