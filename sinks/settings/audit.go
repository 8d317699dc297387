package store

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Unattributed is the actor of a change that names nobody.
const Unattributed = "unknown"

// SettingsAudit is the Slack-shaped audit entry of a change of settings: actor whoever made it, details the settings before
// (empty if the organisation had the defaults) and after, as JSON. seq numbers the store's changes: the same choice made
// twice gives two entries.
func SettingsAudit(before, after *aerv1.Settings, seq uint64) *aerv1.AuditEntry {
	actor := after.GetChangedBy()
	if actor == "" {
		actor = Unattributed
	}
	e := &aerv1.AuditEntry{
		Id:         settingsAuditID(after.GetOrgId(), seq),
		DateCreate: uint32(max(after.GetChangedAt().AsTime().Unix(), 0)),
		Action:     aerv1.ActionSettingsChanged,
		Actor:      &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: actor, Name: actor}},
		Entity:     &aerv1.AuditEntity{Type: "workspace"},
		Context:    &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: after.GetOrgId()}},
		Details: &aerv1.AuditDetails{
			ActionTimestamp: after.GetChangedAt(), SettingsVersion: after.GetVersion(), NewValue: jsonOf(after),
		},
	}
	if before != nil {
		e.Details.PreviousValue = jsonOf(before)
	}
	return e
}

func settingsAuditID(orgID string, seq uint64) string {
	return aerv1.NewID("audit", orgID, aerv1.ActionSettingsChanged, fmt.Sprint(seq))
}

// jsonOf renders settings that were stored or are about to be: what cannot be rendered was refused before.
func jsonOf(s *aerv1.Settings) string {
	line, err := aerv1.MarshalJSONLine(s)
	if err != nil {
		return ""
	}
	return string(line)
}
