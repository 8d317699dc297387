// SPDX-License-Identifier: Apache-2.0

package ocsf

import (
	"cmp"
	"fmt"

	"github.com/aer-project/aer/sinks/retry"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type authentication struct {
	base
	Actor       actor        `json:"actor"`
	User        *user        `json:"user"`
	Session     *session     `json:"session,omitempty"`
	Service     service      `json:"service"`
	SrcEndpoint *endpoint    `json:"src_endpoint,omitempty"`
	HTTPRequest *httpRequest `json:"http_request,omitempty"`
	IsRemote    bool         `json:"is_remote"`
	Detail      string       `json:"status_detail"`
}

type service struct {
	Name string `json:"name"`
	UID  string `json:"uid,omitempty"`
}

type entityManagement struct {
	base
	Actor  *actor        `json:"actor,omitempty"`
	Entity managedEntity `json:"entity"`
}

type managedEntity struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	TypeID  int    `json:"type_id"`
	UID     string `json:"uid,omitempty"`
	Version string `json:"version,omitempty"`
}

// Entry renders an audit entry: ended sessions or changed settings. Other actions are a permanent error.
func Entry(e *aerv1.AuditEntry) ([]byte, error) {
	switch e.GetAction() {
	case aerv1.ActionSessionsReset:
		return encode(logoff(e))
	case aerv1.ActionAppAccessEnded:
		return encode(appEnded(e))
	case aerv1.ActionSettingsChanged:
		return encode(settingsChange(e))
	}
	return nil, retry.Permanent(fmt.Errorf("rendering OCSF event: no class for the action %q", text(e.GetAction())))
}

// fill sets what all entries have.
func (b *base) fill(e *aerv1.AuditEntry) {
	d, org := e.GetDetails(), e.GetContext().GetLocation().GetId()
	b.Time, b.StatusID, b.Status = int64(e.GetDateCreate())*1000, statusSuccess, "Success"
	b.SeverityID, b.Severity = 1, "Informational"
	b.Metadata.UID, b.Metadata.TenantUID, b.Metadata.CorrelationUID = uid(org, "entry", e.GetId()), text(org),
		text(d.GetAnomalyId())
	b.Unmapped = map[string]any{"audit_entry_id": text(e.GetId()), "action": text(e.GetAction()),
		"settings_version": text(d.GetSettingsVersion())}
}

func logoff(e *aerv1.AuditEntry) authentication {
	a := authentication{base: newBase(classAuthentication, categoryIAM, activityLogoff, "Authentication",
		"Identity & Access Management", "Logoff")}
	a.fill(e)
	c, d, loc := e.GetContext(), e.GetDetails(), e.GetContext().GetLocation()
	person := e.GetEntity().GetUser()
	a.Message = "Sessions of " + text(person.GetId()) + " ended"
	a.Actor = actor{AppName: appName, AppUID: appUID}
	a.User = userOf(person.GetId(), person.GetName(), person.GetEmail(), loc.GetId(), "")
	if address := text(person.GetEmail()); address != a.User.EmailAddr {
		a.Unmapped["user_email"] = address
	}
	a.Service = service{Name: text(cmp.Or(loc.GetDomain(), loc.GetName(), loc.GetId(), unknown)), UID: text(loc.GetId())}
	a.SrcEndpoint, a.HTTPRequest = endpointOf(c.GetIpAddress(), "", 0), requestOf(c.GetUa())
	a.IsRemote, a.Detail = true, "LOGOFF_OTHER"
	if id := cmp.Or(d.GetSessionId(), c.GetSessionId()); id != "" {
		a.Session = &session{UID: text(id)}
	}
	a.Unmapped["decision_id"], a.Unmapped["reasons"] = text(d.GetDecisionId()), texts(d.GetReason())
	if d != nil && d.SessionsReset != nil { // else the platform does not say
		a.Message += fmt.Sprintf(": %d", d.GetSessionsReset())
		a.Unmapped["sessions_reset"] = d.GetSessionsReset()
	}
	return a
}

// appEnded is a logoff too: of an app that acted under the person's name.
func appEnded(e *aerv1.AuditEntry) authentication {
	a := logoff(e)
	app := text(e.GetDetails().GetAppId())
	a.Message = "Access of app " + app + " under the name of " + text(e.GetEntity().GetUser().GetId()) + " ended"
	a.Unmapped["app_id"] = app
	return a
}

func settingsChange(e *aerv1.AuditEntry) entityManagement {
	m := entityManagement{base: newBase(classEntityManagement, categoryIAM, activityUpdate, "Entity Management",
		"Identity & Access Management", "Update")}
	m.fill(e)
	org, d, by := e.GetContext().GetLocation().GetId(), e.GetDetails(), e.GetActor().GetUser()
	m.Message = "Settings of " + text(org) + " changed"
	if by.GetId() != "" || by.GetName() != "" {
		m.Actor = &actor{User: userOf(by.GetId(), by.GetName(), by.GetEmail(), org, "")}
	}
	m.Entity = managedEntity{Name: appName + " settings", TypeID: typeOther, Type: "Settings", UID: text(org),
		Version: text(d.GetSettingsVersion())}
	m.Unmapped["previous_value"], m.Unmapped["new_value"] = d.GetPreviousValue(), d.GetNewValue()
	return m
}
