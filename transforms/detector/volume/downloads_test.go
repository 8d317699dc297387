// SPDX-License-Identifier: Apache-2.0

package volume_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/volume"
)

var detector = volume.Downloads()

func files(n int, gap time.Duration, prefix string) []*aerv1.Event {
	return detectortest.Many(n, 0, gap, "file_downloaded", prefix)
}

// earlier is a day of n new files, days before now.
func earlier(days, n int) []*aerv1.Event {
	return detectortest.Many(n, -time.Duration(days)*24*time.Hour, time.Second, "file_downloaded", "old")
}

func TestDownloads(t *testing.T) {
	past := detectortest.Past(30)
	rows := func(users uint32, p90 float64) *aerv1.Baseline {
		b := &aerv1.Baseline{Version: "b"}
		for _, org := range []string{"O", "*"} {
			for _, h := range []string{"5m", "15m", "1h", "24h", "7d"} {
				b.Orgs = append(b.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: "downloads", Horizon: h, Users: users, P50: p90,
					P90: p90, Max: p90})
			}
		}
		return b
	}
	again := detectortest.Many(60, 0, 2*time.Second, "file_downloaded", "x")
	for _, ev := range again {
		ev.Object.Id = "known"
	}
	for _, c := range []struct {
		name   string
		events [][]*aerv1.Event
		b      *aerv1.Baseline
		want   string
	}{
		{"an ordinary day", [][]*aerv1.Event{past, files(3, time.Minute, "n")}, nil, ""},
		{"a burst over new files", [][]*aerv1.Event{past, files(30, 5*time.Second, "n")}, nil, "act"},
		{"near the limit", [][]*aerv1.Event{past, files(16, 5*time.Second, "n")}, nil, "hint"},
		{"one file sixty times", [][]*aerv1.Event{past, again}, nil, ""},
		{"one of the files again after the burst", [][]*aerv1.Event{past, files(30, 5*time.Second, "n"),
			detectortest.Many(1, 10*time.Minute, 0, "file_downloaded", "n")}, nil, ""},
		{"another one after the burst", [][]*aerv1.Event{past, files(30, 5*time.Second, "n"),
			detectortest.Many(1, 10*time.Minute, 0, "file_downloaded", "o")}, nil, "act"},
		{"an export every week, this time an hour earlier", [][]*aerv1.Event{past,
			detectortest.Many(60, -21*24*time.Hour, 30*time.Second, "file_downloaded", "a"),
			detectortest.Many(60, -14*24*time.Hour, 30*time.Second, "file_downloaded", "b"),
			detectortest.Many(60, -7*24*time.Hour, 30*time.Second, "file_downloaded", "c"),
			detectortest.Many(60, -time.Hour, 30*time.Second, "file_downloaded", "d")}, nil, ""},
		{"low and slow over a day", [][]*aerv1.Event{past, files(60, 15*time.Minute, "n")}, nil, "act"},
		{"the files of last week once more",
			[][]*aerv1.Event{past, earlier(8, 30), detectortest.Many(30, 0, 5*time.Second, "file_downloaded", "old")}, nil, ""},
		{"the first day", [][]*aerv1.Event{files(40, 5*time.Second, "n")}, nil, ""},
		{"the first day, as no person does", [][]*aerv1.Event{files(100, 2*time.Second, "n")}, nil, "log"},
		{"the first days", [][]*aerv1.Event{detectortest.Past(3), files(25, 5*time.Second, "n")}, nil, ""},
		{"the first days, far above", [][]*aerv1.Event{detectortest.Past(3), files(80, 2*time.Second, "n")}, nil, "log"},
		{"a habit of twice",
			[][]*aerv1.Event{past, earlier(20, 60), detectortest.Many(60, -12*24*time.Hour, time.Second, "file_downloaded",
				"older"), files(50, 3*time.Second, "n")}, nil, ""},
		{"an organisation that downloads much", [][]*aerv1.Event{past, files(30, 5*time.Second, "n")}, rows(500, 25), ""},
		{"too few people to say so", [][]*aerv1.Event{past, files(30, 5*time.Second, "n")}, rows(9, 25), "act"},
		{"everybody alike: the floor decides", [][]*aerv1.Event{past, files(30, 5*time.Second, "n")}, rows(500, 1), "act"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := detectortest.Input(c.events...)
			if c.b != nil {
				in.Baseline = baseline.NewIndex(c.b)
			}
			a := detectortest.Judge(t, detector, in)
			if got := detectortest.Strength(a); got != c.want {
				t.Fatalf("%q, want %q: %v", got, c.want, a.GetEvidence().GetFormulaFilled())
			}
			if a != nil && (!strings.Contains(a.Evidence.FormulaFilled, " × floor ") ||
				!slices.Equal(a.SessionIds, []string{"S"}) || !a.Evidence.ClientUsual && c.want == "hint") {
				t.Errorf("%v", a)
			}
		})
	}
}

func TestASliceWithoutDownloadsIsSilent(t *testing.T) {
	in := detectortest.Input(detectortest.Past(30), files(60, time.Second, "n"),
		detectortest.Many(1, time.Minute, 0, "file_viewed", "v"))
	if a := detectortest.Judge(t, detector, in); a != nil {
		t.Errorf("%v", a)
	}
}
