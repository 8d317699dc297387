// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// An emitted anomaly says how many findings it stands for and which one it continues.
func TestEmittedAnomaliesCountAndContinue(t *testing.T) {
	h := &aerv1.UserHistory{}
	var emitted []*aerv1.Anomaly
	for i, magnitude := range []float64{1, 1.5, 1.9, 2.1, 3, 4.1, 4.15} {
		a := anomalyAt(float64(i), aerv1.TypeExcessiveDownloads, "S1")
		a.Magnitude = magnitude
		if e, d := (User{}).Apply(h, a, Env{}); e != nil {
			emitted = append(emitted, e)
			if d.AnomalyId != a.Id || e.Id != a.Id {
				t.Errorf("finding %d: decision about %s", i, d.AnomalyId)
			}
		}
	}
	if len(emitted) != 2 {
		t.Fatalf("%d emitted, want the first and the one that doubled", len(emitted))
	}
	if emitted[0].Count != 1 || emitted[0].Escalates != "" || emitted[1].Count != 4 ||
		emitted[1].Escalates != emitted[0].Id {
		t.Errorf("count %d, %d; escalates %q, %q", emitted[0].Count, emitted[1].Count, emitted[0].Escalates,
			emitted[1].Escalates)
	}
}

// A weak finding must not hide the strong one that follows in the same episode.
func TestBarredEpisodesAreJudgedAgain(t *testing.T) {
	h := &aerv1.UserHistory{}
	weak := anomalyAt(0, aerv1.TypeTor, "S1")
	weak.LogOnly = true
	strong := anomalyAt(1, aerv1.TypeTor, "S1")
	if d := apply(h, weak); d.Outcome != aerv1.Decision_LOG_ONLY {
		t.Fatal(d.Outcome)
	}
	if d := apply(h, strong); d.GetOutcome() != aerv1.Decision_RESPOND {
		t.Errorf("got %v", d)
	}
}

// Of very many episodes of one user the least recent are forgotten, the same ones each time.
func TestEpisodesAreEvictedOldestFirst(t *testing.T) {
	h := &aerv1.UserHistory{}
	for i := range maxEpisodes + 1 {
		a := anomalyAt(float64(i), aerv1.TypeExcessiveDownloads, "S1")
		a.EpisodeKey = a.Id
		User{}.Apply(h, a, Env{})
	}
	if len(h.Episodes) != maxEpisodes || h.Episodes[0].FirstMs != day.UnixMilli()+60_000 {
		t.Errorf("%d episodes, the first from %d", len(h.Episodes), h.Episodes[0].FirstMs)
	}
}

// Whatever the windows find, an ongoing anomaly is told once for each doubling and each step of severity; every
// emission names the one it continues and counts all findings so far, and the state keeps the count and the last time
// between them.
func TestAnOngoingAnomalyIsOneAnomaly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &aerv1.UserHistory{}
		previous, emitted, least, most := "", 0, math.Inf(1), 0.0
		for i := range rapid.IntRange(1, 200).Draw(t, "windows") {
			a := anomalyAt(float64(i)/6, aerv1.TypeExcessiveDownloads, "S1")
			a.Magnitude = rapid.Float64Range(1, 40).Draw(t, "magnitude")
			a.Severity = rapid.SampledFrom([]string{"medium", "high", "critical"}).Draw(t, "severity")
			least, most = min(least, a.Magnitude), max(most, a.Magnitude)
			e, _ := User{}.Apply(h, a, Env{}) // by default the detector logs: no reset interferes
			if ep := h.Episodes[0]; len(h.Episodes) != 1 || ep.Count != uint32(i+1) ||
				ep.LastMs != a.KnownAt.AsTime().UnixMilli() {
				t.Fatalf("after %d findings: %v", i+1, h.Episodes)
			}
			if e == nil {
				continue
			}
			if e.Count != uint32(i+1) || e.Escalates != previous {
				t.Fatalf("count %d after %d findings, continues %q, want %q", e.Count, i+1, e.Escalates, previous)
			}
			previous, emitted = e.Id, emitted+1
		}
		if bound := 1 + int(math.Log2(most/least)) + 2; emitted > bound {
			t.Fatalf("%d emissions between %.2f and %.2f, at most %d", emitted, least, most, bound)
		}
	})
}

// Who only got a line in the log must not hide who uses the session next: the owner behind a new gateway in the
// morning, a thief on another machine at noon. The same client again, one of very many, and one after a response are
// the episode.
func TestAnotherClientInTheSessionIsNews(t *testing.T) {
	seen := func(minute float64, device string) *aerv1.Anomaly {
		a := anomalyAt(minute, aerv1.TypeSessionFingerprint, "S1")
		a.LogOnly = true
		a.Evidence = &aerv1.Evidence{Previous: &aerv1.Client{DeviceId: "D0"},
			Client: &aerv1.Client{DeviceId: device, Facts: &aerv1.ClientFacts{Family: "chrome", Os: "linux"}}}
		return a
	}
	h := &aerv1.UserHistory{}
	for i, c := range []struct {
		device string
		want   aerv1.Decision_Outcome
	}{{"D0", aerv1.Decision_LOG_ONLY}, {"D0", 0}, {"D1", aerv1.Decision_LOG_ONLY}, {"D0", 0}, {"D1", 0}} {
		if d := apply(h, seen(float64(i), c.device)); d.GetOutcome() != c.want {
			t.Errorf("%d: %s, want %s", i, d.GetOutcome(), c.want)
		}
	}
	told := 0
	for i := range 40 {
		if d := apply(h, seen(float64(10+i), fmt.Sprint("E", i))); d != nil {
			told++
		}
	}
	if told != maxEpisodeClients-2 {
		t.Errorf("%d of forty devices are told, want %d", told, maxEpisodeClients-2)
	}
	h = &aerv1.UserHistory{}
	strong := seen(0, "D1")
	strong.LogOnly = false
	if d := apply(h, strong); d.GetOutcome() != aerv1.Decision_RESPOND {
		t.Fatal(d)
	}
	if d := apply(h, seen(1, "D2")); d != nil {
		t.Errorf("after a response: %v", d)
	}
}
