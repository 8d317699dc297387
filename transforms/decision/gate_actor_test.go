// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestWhatTheOrganisationChoseForApps says word for word what happens to an app's access, and why nothing does.
func TestWhatTheOrganisationChoseForApps(t *testing.T) {
	const logs, yes = aerv1.Decision_LOG_ONLY, aerv1.Decision_RESPOND
	for name, c := range map[string]struct {
		apps, app string
		ends      bool
		outcome   aerv1.Decision_Outcome
		says      string
	}{
		"off": {aerv1.AppsOff, "A1", true, aerv1.Decision_OFF,
			"The organisation has switched findings about apps off (apps: off)."},
		"log": {aerv1.AppsLog, "A1", true, logs, "The organisation lets findings about apps log only (apps: log)."},
		"a word that nobody knows": {"perhaps", "A1", true, logs,
			"The organisation lets findings about apps log only (apps: log)."},
		"which app is not known": {aerv1.AppsRespond, "", true, logs,
			"The events do not say which app it was, so there is no access to end."},
		"nothing can end it": {aerv1.AppsRespond, "A1", false, logs,
			"What ends sessions here cannot end the access of an app (unsupported), so findings about apps only log."},
		"respond": {aerv1.AppsRespond, "A1", true, yes,
			"Nobody objected: the app's access is to be ended. The user's own sessions go on."},
	} {
		t.Run(name, func(t *testing.T) {
			s := respondAll(2)
			s.Apps = c.apps
			a := anomalyAt(0, aerv1.TypeTor, "S1")
			a.ActorKind, a.AppId = aerv1.ActorApp, c.app
			_, d := User{}.Apply(&aerv1.UserHistory{}, a, Env{Settings: s, EndsApps: c.ends})
			if d.GetOutcome() != c.outcome || d.GetReason() != c.says {
				t.Errorf("%s: %q, want %s: %q", d.GetOutcome(), d.GetReason(), c.outcome, c.says)
			}
			who := `Done by app "A1" under the user's name: it counts for the app, not for the user.`
			if c.app == "" {
				who = "Done by an app under the user's name: it counts for the app, not for the user."
			}
			if got := d.GetTrace()[0].GetDetail(); got != who {
				t.Errorf("the first gate says %q, want %q", got, who)
			}
		})
	}
}

// What an organisation chose for apps is nobody's business but theirs: a person's finding is answered all the same.
func TestTheChoiceForAppsIsNotAPersons(t *testing.T) {
	s := respondAll(2)
	s.Apps = aerv1.AppsOff
	_, d := User{}.Apply(&aerv1.UserHistory{}, anomalyAt(0, aerv1.TypeTor, "S1"), Env{Settings: s})
	if d.GetOutcome() != aerv1.Decision_RESPOND || d.GetReason() !=
		"Nobody objected: all sessions of the user are to be ended." {
		t.Errorf("%s: %s", d.GetOutcome(), d.GetReason())
	}
}
