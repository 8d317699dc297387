// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// TestVolumeFromATrustedNetworkIsNotHeldAgainstTheUser: what was read at the trusted office is still in the hour when
// the user goes on elsewhere; once the hour has passed it is not.
func TestVolumeFromATrustedNetworkIsNotHeldAgainstTheUser(t *testing.T) {
	s := settings.Default("O1")
	s.Trusted = []*aerv1.TrustedNetwork{{Cidr: "203.0.113.0/24"}}
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h := &aerv1.UserHistory{}
	for i, c := range []struct {
		after time.Duration
		ip    string
		want  aerv1.Decision_Outcome
	}{
		{0, "203.0.113.9", aerv1.Decision_TRUSTED_NETWORK},
		{30 * time.Minute, "198.51.100.1", aerv1.Decision_TRUSTED_NETWORK},
		{90 * time.Minute, "198.51.100.1", aerv1.Decision_RESPOND},
	} {
		at := start.Add(c.after)
		a := &aerv1.Anomaly{
			Id: aerv1.NewID("anomaly", at.String()), Type: aerv1.TypeUnexpectedScraping, OrgId: "O1", UserId: "U1",
			SessionIds: []string{"S1"},
			Time:       aerv1.Time(at), KnownAt: aerv1.Time(at), Severity: "medium", Magnitude: float64(int(1) << (2 * i)),
			Window:   &aerv1.Window{Start: aerv1.Time(at.Add(-time.Hour)), End: aerv1.Time(at)},
			Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: c.ip}},
		}
		if _, d := (User{}).Apply(h, a, Env{Settings: s}); d.GetOutcome() != c.want {
			t.Errorf("after %s: %s, want %s: %s", c.after, d.GetOutcome(), c.want, d.GetReason())
		}
	}
}
