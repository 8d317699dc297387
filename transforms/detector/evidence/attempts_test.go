// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

func TestNoteAttempts(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	hour := uint32(now.Unix() / 3600)
	home, office := "192.0.2.0/24", "198.51.100.0/24"
	for _, c := range []struct {
		name     string
		attempts []*aerv1.AttemptHour
		kind, ip string
		want     string
	}{
		{"none", nil, "", "192.0.2.1", ""},
		{"one", []*aerv1.AttemptHour{{Hour: hour, Count: 1}}, "", "", "1 refused attempt under this name in the 24 h before"},
		{"some from elsewhere, through Tor",
			[]*aerv1.AttemptHour{{Hour: hour - 23, Count: 4, Tor: 3, Places: []string{office}},
				{Hour: hour, Count: 10, Places: []string{office}}},
			"", "192.0.2.1", "14 refused attempts under this name in the 24 h before, from 1 network, 3 through Tor, none " +
				"from where this client is"},
		{"from here too", []*aerv1.AttemptHour{{Hour: hour, Count: 2, Places: []string{home, office}}}, "", "192.0.2.77",
			"2 refused attempts under this name in the 24 h before, from 2 networks, some from where this client is"},
		{"from more places than are remembered",
			[]*aerv1.AttemptHour{{Hour: hour, Count: 9, Places: []string{"198.51.1.0/24", "198.51.2.0/24", "198.51.3.0/24",
				"198.51.4.0/24"}}},
			"", "192.0.2.1", "9 refused attempts under this name in the 24 h before, from at least 4 networks"},
		{"a day ago", []*aerv1.AttemptHour{{Hour: hour - 24, Count: 3}}, "", "192.0.2.1", ""},
		{"in the finding about an app", []*aerv1.AttemptHour{{Hour: hour, Count: 3}}, aerv1.ActorApp, "192.0.2.1", ""},
	} {
		a := &aerv1.Anomaly{ActorKind: c.kind, KnownAt: aerv1.Time(now),
			Evidence: &aerv1.Evidence{Client: &aerv1.Client{Ip: c.ip}}}
		evidence.NoteAttempts(a, &profile.Profile{Attempts: c.attempts})
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		if !slices.Equal(a.Evidence.Notes, want) {
			t.Errorf("%s: %q, want %q", c.name, a.Evidence.Notes, want)
		}
	}
}
