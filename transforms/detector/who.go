// SPDX-License-Identifier: Apache-2.0

package detector

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// forApps are the detectors that judge what an app does under a person's name: how much, by what program, from where. A
// program may call itself what it likes and keeps no session as people do, so the others do not.
var forApps = []string{
	aerv1.TypeTor, aerv1.TypeUnexpectedUserAgent, aerv1.TypeUnexpectedScraping, aerv1.TypeExcessiveDownloads,
	aerv1.TypeUnexpectedAPICallVolume,
}

// judgesSlice says whether a detector looks at the slices of a kind of actor. Refused attempts are context, whatever
// they are.
func judgesSlice(typ, actorKind string) bool {
	switch actorKind {
	case "":
		return true
	case aerv1.ActorApp:
		return slices.Contains(forApps, typ)
	}
	return false
}

// judgesEvent says whether a detector looks at the single events of a kind of actor. An attempt through Tor is worth a
// line in the log; what program a stranger pretends to be is not.
func judgesEvent(typ, actorKind string) bool {
	return judgesSlice(typ, actorKind) || actorKind == aerv1.ActorAttempt && typ == aerv1.TypeTor
}
