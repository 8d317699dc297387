// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"math"
	"slices"
	"strconv"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

var day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// anomalyAt is an ordinary finding: a stranger's client in session S1.
func anomalyAt(minute float64, kind string, sessions ...string) *aerv1.Anomaly {
	at := aerv1.Time(day.Add(time.Duration(minute * float64(time.Minute))))
	return &aerv1.Anomaly{
		Id: aerv1.NewID("anomaly", kind, strconv.FormatFloat(minute, 'g', -1, 64)), Type: kind, OrgId: "O1", UserId: "U1",
		SessionIds: sessions, Time: at, KnownAt: at, Severity: "high", Magnitude: 1,
		Evidence: &aerv1.Evidence{BaselineVersion: "b1", Client: &aerv1.Client{Ip: "198.51.100.7", Asn: 64666,
			DeviceId: "D-thief", Ja4: "J", Facts: &aerv1.ClientFacts{Family: "firefox"}}},
	}
}

// respondAll lets every detector respond.
func respondAll(maxResets uint32) *aerv1.Settings {
	s := settings.Default("O1")
	for _, d := range s.Detectors {
		d.Mode = aerv1.DetectorRespond
	}
	s.Limits.MaxResets = maxResets
	return settings.Complete(s)
}

// anyAnomaly draws a finding about one user from a small world, so that sessions, clients and episodes meet again.
// Times spread over a few days, with clusters about the graces.
func anyAnomaly(t *rapid.T, i int) *aerv1.Anomaly {
	known := day.Add(time.Duration(rapid.OneOf(rapid.IntRange(0, 4*86400), rapid.IntRange(0, 3600)).Draw(t,
		"second")) * time.Second)
	lag := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 10, 400, 4000}).Draw(t, "lag")) * time.Second
	a := &aerv1.Anomaly{
		Id: aerv1.NewID("anomaly", strconv.Itoa(i)),
		Type: rapid.SampledFrom([]string{aerv1.TypeTor, aerv1.TypeTor, aerv1.TypeUnexpectedScraping,
			aerv1.TypeSessionFingerprint, "never_heard_of"}).Draw(t, "type"),
		OrgId:      "O1",
		UserId:     "U1",
		KnownAt:    aerv1.Time(known),
		Time:       aerv1.Time(known.Add(-lag)),
		EpisodeKey: rapid.SampledFrom([]string{"", "", "k"}).Draw(t, "key"),
		Magnitude:  rapid.SampledFrom([]float64{0, 1, 1, 3, 9, math.NaN(), math.Inf(1), -1}).Draw(t, "magnitude"),
		Severity:   rapid.SampledFrom([]string{"", "low", "high", "loud"}).Draw(t, "severity"),
		LogOnly:    rapid.IntRange(0, 9).Draw(t, "log_only") == 0,
		Confidence: rapid.SampledFrom([]float64{0, 0.5, 0.85, 0.95, math.NaN()}).Draw(t, "confidence"),
	}
	a.Hint = a.LogOnly && rapid.Bool().Draw(t, "hint")
	for range rapid.IntRange(0, 2).Draw(t, "sessions") {
		a.SessionIds = append(a.SessionIds, "S"+strconv.Itoa(rapid.IntRange(1, 8).Draw(t, "session")))
	}
	if rapid.IntRange(0, 3).Draw(t, "evidence") > 0 {
		who := strconv.Itoa(rapid.IntRange(1, 3).Draw(t, "who"))
		a.Evidence = &aerv1.Evidence{
			Client:      &aerv1.Client{Ip: "198.51." + who + ".7", Asn: 64666, DeviceId: "D" + who, Ja4: "J", UserAgent: "ua"},
			ClientUsual: who == "1", NetworkUsual: who == "1" || rapid.Bool().Draw(t, "network"),
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "started") == 0 {
		a.SessionStartedAt = aerv1.Time(known.Add(-time.Duration(rapid.IntRange(0, 7200).Draw(t, "ago")) * time.Second))
	}
	if rapid.IntRange(0, 3).Draw(t, "window") == 0 {
		a.Window = &aerv1.Window{Start: aerv1.Time(known.Add(-24 * time.Hour)), End: a.KnownAt}
	}
	return a
}

func anyAnomalies(t *rapid.T, most int) []*aerv1.Anomaly {
	var out []*aerv1.Anomaly
	for i := range rapid.IntRange(0, most).Draw(t, "findings") {
		out = append(out, anyAnomaly(t, i))
	}
	return out
}

func sorted(as []*aerv1.Anomaly) []*aerv1.Anomaly {
	as = slices.Clone(as)
	SortAnomalies(as)
	return as
}
