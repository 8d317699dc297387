// SPDX-License-Identifier: Apache-2.0

package response

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// permitted refuses whatever must not be acted on. The gates have decided that before; here it is the last line of
// defence against a wrong wire in a pipeline, a message of another organisation, or a replay that reaches a live
// responder.
func permitted(a *aerv1.Anomaly, d *aerv1.Decision) error {
	switch d.GetOutcome() {
	case aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING:
	default:
		return refuse("outcome is %s, want RESPOND or PERSISTING", d.GetOutcome())
	}
	if a.GetLogOnly() {
		return refuse("the anomaly is log-only")
	}
	if a.GetUserType() == aerv1.UserExternal {
		return refuse("the user is external")
	}
	switch kind := d.GetActorKind(); {
	case kind == "", kind == aerv1.ActorApp && d.GetAppId() != "":
	default:
		return refuse("it is about %q, app %q: want a person, or an app with its id", kind, d.GetAppId())
	}
	return fits(a, d)
}

// fits refuses what is not enforced, incomplete, or about different things.
func fits(a *aerv1.Anomaly, d *aerv1.Decision) error {
	if d.GetMode() != aerv1.ModeEnforce {
		return refuse("mode is %q, want %q", d.GetMode(), aerv1.ModeEnforce)
	}
	for _, f := range []struct{ name, value string }{
		{"id", d.GetId()}, {"anomaly_id", d.GetAnomalyId()}, {"org_id", d.GetOrgId()}, {"user_id", d.GetUserId()},
	} {
		if f.value == "" {
			return refuse("%s of the decision is empty", f.name)
		}
	}
	for _, f := range []struct{ name, anomaly, decision string }{
		{"anomaly id", a.GetId(), d.GetAnomalyId()}, {"org", a.GetOrgId(), d.GetOrgId()},
		{"user", a.GetUserId(), d.GetUserId()},
		{"kind of actor", a.GetActorKind(), d.GetActorKind()}, {"app", a.GetAppId(), d.GetAppId()},
	} {
		if f.anomaly != f.decision {
			return refuse("%s of the anomaly is %q, of the decision %q", f.name, f.anomaly, f.decision)
		}
	}
	return nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}
