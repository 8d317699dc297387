// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// notSignedIn stops what was not done by somebody who had proved to be the user: refused attempts under the user's
// name, the platform's own doings, and records of what was done to the user. What an app does passes: the
// organisation's choice for apps is asked with that for the detector.
func notSignedIn(in Input) Verdict {
	switch in.Anomaly.GetActorKind() {
	case "", aerv1.ActorSignedIn:
		return pass("Done in a session of the user.")
	case aerv1.ActorApp:
		return pass(fmt.Sprintf("Done by %s under the user's name: it counts for the app, not for the user.",
			describeApp(in.Anomaly)))
	case aerv1.ActorSystem:
		return stop(aerv1.Decision_NOT_SIGNED_IN, "The platform itself did this, not the user.")
	case aerv1.ActorRecord:
		return stop(aerv1.Decision_NOT_SIGNED_IN, "This was done to the user, not by them.")
	}
	return stop(aerv1.Decision_NOT_SIGNED_IN,
		"Whoever tried this was refused and is not known to be the user: it costs the user nothing.")
}

func describeApp(a *aerv1.Anomaly) string {
	if a.GetAppId() == "" {
		return "an app"
	}
	return fmt.Sprintf("app %q", cut(a.AppId))
}

// appsChoice stops findings about apps by the organisation's choice for them, and where nothing can end an app's
// access. The zero verdict lets them pass.
func appsChoice(in Input) Verdict {
	if in.Anomaly.GetActorKind() != aerv1.ActorApp {
		return Verdict{}
	}
	switch in.Settings.GetApps() {
	case aerv1.AppsOff:
		return stop(aerv1.Decision_OFF, "The organisation has switched findings about apps off (apps: off).")
	case aerv1.AppsRespond:
	default:
		return stop(aerv1.Decision_LOG_ONLY, "The organisation lets findings about apps log only (apps: log).")
	}
	switch {
	case in.Anomaly.GetAppId() == "":
		return stop(aerv1.Decision_LOG_ONLY, "The events do not say which app it was, so there is no access to end.")
	case !in.EndsApps:
		return stop(aerv1.Decision_LOG_ONLY,
			"What ends sessions here cannot end the access of an app (unsupported), so findings about apps only log.")
	}
	return Verdict{}
}
