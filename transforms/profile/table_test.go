// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestTableIsAMap of principals to profiles, also where hashes are equal.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := newTable()
		table.hash = func(who aerv1.Principal) uint64 { return uint64(len(who.OrgID)) }
		plain := map[aerv1.Principal]*Profile{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			who := aerv1.Principal{OrgID: rapid.SampledFrom([]aerv1.OrgID{"O", "P", "PP"}).Draw(t, "org"),
				UserID: aerv1.UserID(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "user")))}
			if rapid.Bool().Draw(t, "app") {
				who.ActorKind, who.AppID = aerv1.ActorApp, "A"
			}
			if rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				table.remove(who)
				delete(plain, who)
				continue
			}
			p := anew(who, nil, 0)
			table.put(p)
			plain[who] = p
		}
		seen := 0
		for p := range table.all() {
			if seen++; plain[aerv1.PrincipalOf(p)] != p || table.find(aerv1.PrincipalOf(p)) != p {
				t.Fatalf("%v is not what was put there", aerv1.PrincipalOf(p))
			}
		}
		if seen != len(plain) || table.n != len(plain) {
			t.Fatalf("%d profiles, %d counted, want %d", seen, table.n, len(plain))
		}
	})
}
