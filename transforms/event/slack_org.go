// SPDX-License-Identifier: Apache-2.0

package event

import "cmp"

// organisation tells whose entry it is, and whether the actor is at home elsewhere. Slack's settings are those of an
// enterprise (E…), not of its workspaces (T…), so an entry belongs to the enterprise wherever that is known:
//
//   - Options.Workspaces says which enterprise the location, or the actor's team, belongs to;
//   - Options.OrgID is the organisation of everything else;
//   - without either, an entry at a workspace belongs to the enterprise that is the actor's team (people of an
//     enterprise have it for a team), else to the location, else to the actor's team.
//
// An actor is external whose team is known to be another enterprise, wherever he acts; of a plain workspace that is
// OrgID, whose team is another workspace. Whether a workspace belongs to an enterprise nothing in an entry says.
func (e *slackEntry) organisation(opt *Options) (org string, external bool) {
	home := e.actor.team
	if of := opt.Workspaces[home]; of != "" {
		home = of
	}
	org = opt.Workspaces[e.location]
	switch {
	case org != "":
	case opt.OrgID != "":
		org = opt.OrgID
	case workspace(e.location) && enterprise(home):
		org = home
	default:
		org = cmp.Or(e.location, home)
	}
	owner := org
	if !enterprise(org) && enterprise(e.location) {
		owner = e.location // OrgID is a name of the operator's own
	}
	switch {
	case home == "" || home == owner:
		return org, false
	case enterprise(home):
		return org, enterprise(owner)
	}
	return org, workspace(home) && workspace(opt.OrgID) && org == opt.OrgID
}

func enterprise(id string) bool { return slackID(id, 'E') }

func workspace(id string) bool { return slackID(id, 'T') }

// slackID tells whether id has the form of Slack's ids of a kind: its letter, then capitals and digits.
func slackID(id string, kind byte) bool {
	if len(id) < 2 || id[0] != kind {
		return false
	}
	for i := 1; i < len(id); i++ {
		if c := id[i]; !upper(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
