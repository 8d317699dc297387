// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Repetition names what a finding says, with the minute: all that the gates and the episodes look at. Of the fast
// lane's findings that share it only the earliest counts, so that engines may leave the others out wherever they like,
// and a flood of requests through one Tor exit costs one finding a minute.
func Repetition(a *aerv1.Anomaly) string {
	c := a.GetEvidence().GetClient()
	return fmt.Sprintf("%q %q %q %q %q %q %q %q %v %v %q %q %d",
		a.GetOrgId(), a.GetUserId(), a.GetActorKind(), a.GetAppId(), a.GetType(), a.GetEpisodeKey(), a.GetSeverity(),
		a.GetSessionIds(),
		a.GetMagnitude(), a.GetLogOnly(), c.GetIp(), c.GetDeviceId(), minuteOf(a))
}

// minuteOf is when the finding was known, in Unix minutes.
func minuteOf(a *aerv1.Anomaly) int64 { return knownAt(a).Unix() / 60 }

// ofOneEvent: the fast lane found it, by one event alone and without the person's profile.
func ofOneEvent(a *aerv1.Anomaly) bool {
	w := a.GetWindow()
	return w.GetStart().IsValid() && w.GetEnd().IsValid() && w.Start.AsTime().Equal(w.End.AsTime())
}
