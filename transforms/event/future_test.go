// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// An event from the future of its own publication is refused with both times named; without a publication time or a
// bound every plausible time passes.
func TestDecodeFuture(t *testing.T) {
	published := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		ahead     time.Duration
		published time.Time
		bound     time.Duration
		refused   bool
	}{
		"just within":    {24 * time.Hour, published, 24 * time.Hour, false},
		"beyond":         {24*time.Hour + time.Second, published, 24 * time.Hour, true},
		"long ago":       {-1000 * time.Hour, published, 24 * time.Hour, false},
		"from a file":    {1000 * time.Hour, time.Time{}, 24 * time.Hour, false},
		"without bounds": {1000 * time.Hour, published, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			raw := fmt.Appendf(nil, `{"id":"e","time":%q,"org_id":"O","user_id":"U","action":"post"}`,
				published.Add(c.ahead).Format(time.RFC3339))
			evs, dead := Decode(raw, Source{Name: "s", PublishedAt: c.published}, Options{FutureMax: c.bound})
			if len(evs)+len(dead) != 1 || (len(dead) == 1) != c.refused {
				t.Fatalf("%d events and %d dead letters, want refused = %t", len(evs), len(dead), c.refused)
			}
			if c.refused && (dead[0].Reason != ReasonBadField || !strings.Contains(dead[0].Detail, "2026-11-23T10:00:01Z") ||
				!strings.Contains(dead[0].Detail, "2026-11-22T10:00:00Z")) {
				t.Errorf("dead letter says %q %q, want both times", dead[0].Reason, dead[0].Detail)
			}
		})
	}
}
