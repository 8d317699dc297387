// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Whose entry it is, and who is at home elsewhere, by location, the actor's team and what is configured.
func TestSlackOrganisation(t *testing.T) {
	several := map[string]string{"T1": "E1", "T2": "E2", "T3": "E2"}
	for name, c := range map[string]struct {
		location, team string
		opt            Options
		org            string
		external       bool
	}{
		"enterprise":                              {"E1", "E1", Options{}, "E1", false},
		"workspace of an enterprise":              {"T1", "E1", Options{}, "E1", false},
		"plain workspace":                         {"T1", "T1", Options{}, "T1", false},
		"another plain workspace, unknown":        {"T1", "T9", Options{}, "T1", false},
		"no team":                                 {"T1", "", Options{}, "T1", false},
		"no location":                             {"", "E1", Options{}, "E1", false},
		"guest of an enterprise":                  {"E1", "E2", Options{}, "E1", true},
		"configured: own person in a workspace":   {"T1", "E1", Options{OrgID: "E1"}, "E1", false},
		"configured: own person":                  {"E1", "E1", Options{OrgID: "E1"}, "E1", false},
		"configured: guest in a workspace":        {"T1", "E2", Options{OrgID: "E1"}, "E1", true},
		"configured: guest":                       {"E1", "E2", Options{OrgID: "E1"}, "E1", true},
		"configured: own person elsewhere":        {"E2", "E1", Options{OrgID: "E1"}, "E1", false},
		"configured: guest's own enterprise":      {"E2", "E2", Options{OrgID: "E1"}, "E1", true},
		"configured: a workspace, whose is open":  {"E1", "T9", Options{OrgID: "E1"}, "E1", false},
		"configured: no team":                     {"T1", "", Options{OrgID: "E1"}, "E1", false},
		"configured: plain workspace":             {"T1", "T1", Options{OrgID: "T1"}, "T1", false},
		"configured: stranger to a workspace":     {"T1", "T9", Options{OrgID: "T1"}, "T1", true},
		"own name: as by location":                {"E1", "E2", Options{OrgID: "birdland"}, "birdland", true},
		"own name: own person":                    {"E1", "E1", Options{OrgID: "birdland"}, "birdland", false},
		"several: first":                          {"T1", "E1", Options{Workspaces: several}, "E1", false},
		"several: second":                         {"T2", "E2", Options{Workspaces: several}, "E2", false},
		"several: guest of the other":             {"T2", "E1", Options{Workspaces: several}, "E2", true},
		"several: guest by workspace":             {"T1", "T3", Options{Workspaces: several}, "E1", true},
		"several: own by workspace":               {"T2", "T3", Options{Workspaces: several}, "E2", false},
		"several: before the configured":          {"T2", "E2", Options{Workspaces: several, OrgID: "E1"}, "E2", false},
		"several: the configured for all else":    {"T7", "E1", Options{Workspaces: several, OrgID: "E1"}, "E1", false},
		"an id that is only like an enterprise's": {"T1", "Eve", Options{}, "T1", false},
	} {
		t.Run(name, func(t *testing.T) {
			kind := map[bool]string{true: "enterprise", false: "workspace"}[enterprise(c.location)]
			raw := slackText(t, `{"type":"enterprise","id":"E1701NCCA"`, `{"type":"`+kind+`","id":"`+c.location+`"`,
				`"team":"E1701NCCA"`, `"team":"`+c.team+`"`)
			ev := one(t, raw, c.opt)
			if ev.OrgId != c.org || (ev.UserType == aerv1.UserExternal) != c.external {
				t.Errorf("organisation %s, external %t", ev.OrgId, ev.UserType == aerv1.UserExternal)
			}
		})
	}
}
