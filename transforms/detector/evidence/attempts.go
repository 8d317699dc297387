// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// NoteAttempts tells in a finding about a person what preceded it: refused attempts under the person's name, from
// where, and whether from where this client is. It is a note and nothing else: outsiders change neither what is found
// nor what it weighs.
func NoteAttempts(a *aerv1.Anomaly, p *profile.Profile) {
	before := profile.AttemptsBefore(p, a.GetKnownAt().AsTime().UnixMilli())
	if before.Count == 0 || a.GetActorKind() != "" {
		return
	}
	parts := []string{fmt.Sprintf("%s under this name in the %d h before", plural(int(before.Count), "refused attempt"),
		profile.AttemptHours)}
	if n := len(before.Places); n > 0 {
		from := plural(n, "network")
		if !before.Every {
			from = "at least " + from
		}
		parts = append(parts, "from "+from)
	}
	if before.Tor > 0 {
		parts = append(parts, fmt.Sprintf("%d through Tor", before.Tor))
	}
	if here := profile.PlaceKey(a.GetEvidence().GetClient().GetIp()); here != "" {
		switch {
		case slices.Contains(before.Places, here):
			parts = append(parts, "some from where this client is")
		case before.Every:
			parts = append(parts, "none from where this client is")
		}
	}
	a.Evidence.Notes = append(a.Evidence.Notes, strings.Join(parts, ", "))
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
