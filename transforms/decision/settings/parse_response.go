// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

var responseKeys = []string{"scope"}

func (d *decoder) response(s *aerv1.Settings, f strict.Field) {
	for _, c := range d.Fields(f.Value, f.Key, "known keys are "+fmt.Sprint(responseKeys)) {
		switch c.Name {
		case "scope":
			s.Response = nil
			// The default is not stored, so that writing it down does not make another version.
			if v := d.Choice(c.Value, c.Key, aerv1.ScopeAll, aerv1.ScopeSession); v != aerv1.ScopeAll {
				s.Response = &aerv1.ResponseSettings{Scope: v}
			}
		default:
			d.Unknown(c, "key", responseKeys)
		}
	}
}

// apps reads what becomes of findings about apps. The default is not stored, as with scope.
func (d *decoder) apps(s *aerv1.Settings, f strict.Field) {
	s.Apps = chosenApps(d.Choice(f.Value, f.Key, aerv1.AppsOff, aerv1.AppsLog, aerv1.AppsRespond))
}

// chosenApps is what an organisation has chosen for apps, or empty if it is the default or no choice at all.
func chosenApps(choice string) string {
	switch choice {
	case aerv1.AppsOff, aerv1.AppsRespond:
		return choice
	}
	return ""
}
