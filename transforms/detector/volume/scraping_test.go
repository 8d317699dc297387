// SPDX-License-Identifier: Apache-2.0

package volume_test

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/volume"
)

func TestScraping(t *testing.T) {
	d := volume.Scraping()
	past := detectortest.Past(30)
	pages := func(n int, gap time.Duration) []*aerv1.Event {
		return detectortest.Many(n, 0, gap, "file_viewed", "page")
	}
	old := func(days, n int) []*aerv1.Event {
		return detectortest.Many(n, -time.Duration(days)*24*time.Hour, 20*time.Second, "file_viewed", "page")
	}
	other := detectortest.Many(200, -9*24*time.Hour, 10*time.Second, "file_viewed", "other")
	for _, c := range []struct {
		name        string
		events      [][]*aerv1.Event
		sensitivity string
		want        string
	}{
		{"an ordinary day", [][]*aerv1.Event{past, pages(8, 3*time.Minute)}, "", ""},
		{"a page every two seconds", [][]*aerv1.Event{past, pages(90, 2*time.Second)}, "", "act"},
		{"a page every forty seconds", [][]*aerv1.Event{past, pages(85, 40*time.Second)}, "", "act"},
		{"a page every five minutes, all day", [][]*aerv1.Event{past, pages(150, 5*time.Minute)}, "", "act"},
		{"a hundred pages read before", [][]*aerv1.Event{past, old(10, 100), pages(100, 2*time.Second)}, "", ""},
		{"a heavy reader by habit",
			[][]*aerv1.Event{past, old(20, 200), other, detectortest.Many(90, 0, 20*time.Second, "file_viewed", "new")}, "", ""},
		{"the first day", [][]*aerv1.Event{pages(100, 3*time.Second)}, "", ""},
		{"the first day, as no person reads", [][]*aerv1.Event{pages(300, time.Second)}, "", "log"},
		{"near the limit", [][]*aerv1.Event{past, pages(36, 5*time.Second)}, "", "hint"},
		{"near the limit, for one who is told early", [][]*aerv1.Event{past, pages(36, 5*time.Second)},
			aerv1.SensitivityHigh, "act"},
		{"near the limit, for one who is told late", [][]*aerv1.Event{past, pages(36, 5*time.Second)},
			aerv1.SensitivityLow, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := detectortest.Input(c.events...)
			in.Choice = evidence.Chosen(c.sensitivity)
			a := detectortest.Judge(t, d, in)
			if got := detectortest.Strength(a); got != c.want {
				t.Errorf("%q, want %q: %v", got, c.want, a.GetEvidence().GetFormulaFilled())
			}
		})
	}
}
