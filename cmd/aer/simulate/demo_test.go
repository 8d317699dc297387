// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestEveryTypeIsAttackedAndIncidentsLieOnTheLastDay(t *testing.T) {
	r := demoWorld(t)
	if n := len(r.Events); n < 40_000 || n > 80_000 {
		t.Errorf("%d events: the demo is made for 40,000 to 80,000", n)
	}
	expected := map[string]int{}
	lookAlikes := 0
	for _, i := range r.Incidents {
		if i.Start.Before(r.LastDay) || !i.End.Before(r.LastDay.AddDate(0, 0, 1)) || i.Events == 0 || i.End.Before(i.Start) {
			t.Errorf("%s runs from %s to %s with %d events", i.ID, i.Start, i.End, i.Events)
		}
		for _, e := range i.Expected {
			expected[e]++
		}
		if !i.Anomalous {
			lookAlikes++
		}
	}
	for _, kind := range aerv1.AnomalyTypes {
		if expected[kind] == 0 {
			t.Errorf("no attack expects %s", kind)
		}
	}
	if lookAlikes < 10 {
		t.Errorf("%d look-alikes, want at least 10", lookAlikes)
	}
}

func TestBadDays(t *testing.T) {
	for _, days := range []int{-1, MinDays - 1, MaxDays + 1} {
		if _, err := Demo(DemoConfig{Days: days}); err == nil || !strings.Contains(err.Error(), "want 23 to 400") {
			t.Errorf("days %d: %v", days, err)
		}
	}
}
