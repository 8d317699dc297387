// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// unattributed is the actor of a change that names nobody.
const unattributed = "unknown"

// auditEntry is the Slack-shaped audit entry of a change of settings: actor whoever made it, details the settings
// before (empty if the organisation had the defaults) and after, as JSON. seq numbers the store's changes: the same
// choice made twice gives two entries.
func auditEntry(before, after *aerv1.Settings, seq uint64) *aerv1.AuditEntry {
	actor := after.GetChangedBy()
	if actor == "" {
		actor = unattributed
	}
	e := &aerv1.AuditEntry{
		Id:         aerv1.NewID("audit", after.GetOrgId(), aerv1.ActionSettingsChanged, fmt.Sprint(seq)),
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

// jsonOf renders settings that were stored or are about to be: what cannot be rendered was refused before.
func jsonOf(s *aerv1.Settings) string {
	line, err := aerv1.MarshalJSONLine(s)
	if err != nil {
		return ""
	}
	return string(line)
}
