// SPDX-License-Identifier: Apache-2.0

package response

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

// The service itself, as actor of audit entries. The type is "user" because the shape knows no other.
const (
	ActorID   = "AER"
	ActorName = "Anomaly Event Response"
)

// ofApp: the decision is about an app, whose access is ended and no session.
func ofApp(d *aerv1.Decision) bool { return d.GetActorKind() == aerv1.ActorApp }

// AuditEntry is the Slack-shaped record that AER ended a user's sessions, or an app's access under the user's name, at
// the time at: actor the service, entity the acting user, context that of the originating event. The shape and the
// action's name are Slack's, the details are ours. ended is nil where the platform does not say how many it ended.
func AuditEntry(a *aerv1.Anomaly, d *aerv1.Decision, dir *aerv1.Directory, ended *uint32,
	at time.Time) *aerv1.AuditEntry {
	client := a.GetEvidence().GetClient()
	action := aerv1.ActionSessionsReset
	if ofApp(d) {
		action, ended = aerv1.ActionAppAccessEnded, nil
	}
	return &aerv1.AuditEntry{
		Id:         decision.AuditEntryID(aerv1.OrgID(d.GetOrgId()), aerv1.DecisionID(d.GetId())),
		DateCreate: uint32(max(at.Unix(), 0)),
		Action:     action,
		Actor:      &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: ActorID, Name: ActorName}},
		Entity:     &aerv1.AuditEntity{Type: "user", User: auditUser(d.GetUserId(), dir)},
		Context: &aerv1.AuditContext{
			Location: &aerv1.AuditLocation{Type: "workspace", Id: d.GetOrgId(), Name: dir.GetName(), Domain: dir.GetDomain()},
			Ua:       client.GetUserAgent(), IpAddress: client.GetIp(), SessionId: first(a.GetSessionIds()),
		},
		Details: &aerv1.AuditDetails{
			Reason: a.GetReasons(), AnomalyId: a.GetId(), DecisionId: d.GetId(), ActionTimestamp: a.GetTime(),
			SessionId: first(a.GetSessionIds()), SessionsReset: ended, SettingsVersion: d.GetSettingsVersion(),
			AppId: d.GetAppId(),
		},
	}
}

func auditUser(id string, dir *aerv1.Directory) *aerv1.AuditUser {
	u := &aerv1.AuditUser{Id: id, Team: dir.GetOrgId()}
	for _, p := range dir.GetPeople() {
		if p.GetUserId() == id {
			u.Name, u.Email = p.GetName(), p.GetEmail()
			break
		}
	}
	return u
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
