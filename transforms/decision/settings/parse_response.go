package settings

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var responseKeys = []string{"scope"}

func (d *decoder) response(s *aerv1.Settings, f field) {
	for _, c := range d.fields(f.value, f.key, "known keys are "+fmt.Sprint(responseKeys)) {
		switch c.name {
		case "scope":
			s.Response = nil
			// The default is not stored, so that writing it down does not make another version.
			if v := d.choice(c.value, c.key, aerv1.ScopeAll, aerv1.ScopeSession); v != aerv1.ScopeAll {
				s.Response = &aerv1.ResponseSettings{Scope: v}
			}
		default:
			d.unknown(c, "key", responseKeys)
		}
	}
}

// apps reads what becomes of findings about apps. The default is not stored, as with scope.
func (d *decoder) apps(s *aerv1.Settings, f field) {
	s.Apps = chosenApps(d.choice(f.value, f.key, aerv1.AppsOff, aerv1.AppsLog, aerv1.AppsRespond))
}

// chosenApps is what an organisation has chosen for apps, or empty if it is the default or no choice at all.
func chosenApps(choice string) string {
	switch choice {
	case aerv1.AppsOff, aerv1.AppsRespond:
		return choice
	}
	return ""
}
