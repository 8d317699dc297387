// SPDX-License-Identifier: Apache-2.0

package responses

import (
	"fmt"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
)

// Ended says how many sessions a response ended, or that it ended the access of an app, as far as that is known. audit
// is its entry, or nil if there is none: it has no count where the platform does not say.
func Ended(r *aerv1.Response, audit *aerv1.AuditEntry) string {
	var revoke *aerv1.Step
	for _, s := range r.GetSteps() {
		if s.GetKind() == response.KindRevoke {
			revoke = s
		}
	}
	switch n := r.GetSessionsReset(); {
	case n > 0:
		return fmt.Sprint(n)
	case revoke == nil && len(r.GetSteps()) > 0:
		return "none: people were only told"
	case revoke.GetState() == response.StepFailed:
		if r.GetActorKind() == aerv1.ActorApp {
			return "none: the app's access could not be ended"
		}
		return "none: they could not be ended"
	case revoke.GetState() != response.StepDone:
		return "none yet"
	}
	if r.GetActorKind() == aerv1.ActorApp {
		return "the access of app " + term.Clean(r.GetAppId()) + ", and no session"
	}
	if CountUnknown(r, audit) {
		return "yes; it is not known how many"
	}
	return "0: none was open"
}

// CountUnknown says that nobody knows how many sessions a response ended: 0 is also what it says where the platform
// says nothing.
func CountUnknown(r *aerv1.Response, audit *aerv1.AuditEntry) bool {
	return r.GetSessionsReset() == 0 && (audit.GetDetails() == nil || audit.Details.SessionsReset == nil)
}
