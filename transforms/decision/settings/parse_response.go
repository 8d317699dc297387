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
