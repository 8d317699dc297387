// SPDX-License-Identifier: Apache-2.0

package aerv1

import (
	"cmp"
	"strings"
)

// Principal is whom something counts for: a person, an app that acts under the person's name, or whoever was refused
// under it. Each has slices, findings and a history of its own, so that none answers for another.
type Principal struct {
	OrgID  OrgID
	UserID UserID
	// ActorKind and AppID are empty for the person, signed in. An app may not say which it is: ActorKind alone tells it
	// from the person.
	ActorKind, AppID string
}

// Acting is what slices, profiles, anomalies and decisions say about who acted.
type Acting interface {
	GetOrgId() string
	GetUserId() string
	GetActorKind() string
	GetAppId() string
}

// PrincipalOf is whom m is about.
func PrincipalOf(m Acting) Principal {
	return principal(m.GetOrgId(), m.GetUserId(), m.GetActorKind(), m.GetAppId())
}

// PrincipalOfEvent is whom an event counts for. It is nobody for the platform's own doings and for records of what was
// done to the user: ok is false.
func PrincipalOfEvent(ev *Event) (p Principal, ok bool) {
	p = principal(ev.GetOrgId(), ev.GetUserId(), ev.GetActorKind(), ev.GetAppId())
	return p, p.ActorKind != ActorSystem && p.ActorKind != ActorRecord
}

// principal leaves out what is the person's own: people who are signed in may use an app of their platform.
func principal(org, user, kind, app string) Principal {
	switch kind {
	case "", ActorSignedIn:
		kind, app = "", ""
	case ActorApp:
	default:
		app = ""
	}
	return Principal{OrgID(org), UserID(user), kind, app}
}

// Person says whether it is the person, signed in.
func (p Principal) Person() bool { return p.ActorKind == "" }

// Compare orders principals: a person, then their apps, then the attempts under their name.
func (p Principal) Compare(q Principal) int {
	return cmp.Or(cmp.Compare(p.OrgID, q.OrgID), cmp.Compare(p.UserID, q.UserID),
		strings.Compare(p.ActorKind, q.ActorKind), strings.Compare(p.AppID, q.AppID))
}

// IDParts are what a principal adds to the parts of a derived id: nothing for the person.
func (p Principal) IDParts() []string {
	if p.Person() {
		return nil
	}
	return []string{p.ActorKind, p.AppID}
}
