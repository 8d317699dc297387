// SPDX-License-Identifier: Apache-2.0

package sessions

import "cmp"

// TypeRevoke is the type of the one command there is, and CommandVersion the version of its shape.
const (
	TypeRevoke     = "sessions.revoke"
	CommandVersion = 1
)

// Command is a request as platforms get it: the body of the webhook, the data of a message on the command topic.
type Command struct {
	Version int    `json:"version"`
	Type    string `json:"type"`
	// At most one effect per key.
	Key    string `json:"key"`
	OrgID  string `json:"org_id"`
	UserID string `json:"user_id"`
	// all, listed or app.
	Scope      Scope    `json:"scope"`
	SessionIDs []string `json:"session_ids"`
	// The app whose access is to be ended; with scope app only.
	AppID string `json:"app_id,omitempty"`
}

// Command returns the request as a command.
func (r Request) Command() Command {
	return Command{
		Version: CommandVersion, Type: TypeRevoke, Key: r.Key, OrgID: string(r.OrgID), UserID: string(r.UserID),
		Scope: cmp.Or(r.Scope, ScopeAll), SessionIDs: append([]string{}, r.SessionIDs...), AppID: r.AppID,
	}
}
