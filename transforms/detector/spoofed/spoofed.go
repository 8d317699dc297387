// Package spoofed notices a client whose TLS fingerprint contradicts the program it claims to be.
package spoofed

import (
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Config holds the detector's constants.
type Config struct {
	Weights Weights
	// Act and Log are the combined confidences from which weaker signs may act, and from which they are logged. Logging
	// begins no earlier: the first days behind a new inspecting proxy reach 0.88 (labelled data).
	Act, Log float64
	// MinFamily is how many observations of the claimed family are needed before a fingerprint can be foreign to it.
	MinFamily uint32
	// MinLibrary is how many observations of the fingerprint under a library are needed to call it the library's. Two: the
	// baseline only knows fingerprints that one account showed on two days.
	MinLibrary uint32
}

// DefaultConfig holds DOMAIN.md's Start values (minimum 30 observations of the family).
func DefaultConfig() Config {
	return Config{Weights: defaultWeights(), Act: 0.9, Log: 0.9, MinFamily: 30, MinLibrary: 2}
}

// Detector judges each event by itself where the fingerprint is known for a library, and else each slice by weaker signs.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeSpoofedUserAgent }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeSpoofedUserAgent, Signal: "the TLS fingerprint is an HTTP library's, the user agent a browser's or an official client's",
		Horizons: "one event; weaker signs over a slice", Threshold: "seen ≥ 2 times under a library, never under an interactive client; else 1 - ∏(1 - weight) ≥ 0.9",
		ColdStart: "silent until the claimed family has been observed 30 times", Evidence: "fingerprint, the families it is known for",
		Tolerates: "new browser versions, inspecting proxies (their fingerprint is seen under many families)",
	}
}

// JudgeEvent reports an event whose fingerprint belongs to a library and not to the family it claims.
func (d Detector) JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly {
	c := in.Event.GetClient()
	facts, ja4 := c.GetFacts(), c.GetJa4()
	if ja4 == "" || !profile.Interactive(facts.GetClass()) || in.Baseline.FamilyObservations(facts.Family) < d.Config.MinFamily {
		return nil
	}
	libraries, n, foreign := d.library(in.Baseline, facts.Family, ja4)
	if !foreign {
		return nil
	}
	a := evidence.FromEvent(in, d.Type(), ja4)
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.95, 1
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "fingerprint_of_library", "observations", float64(n), float64(d.Config.MinLibrary)
	e.Formula = "fingerprint seen under a library ≥ T times and never under the claimed family"
	e.FormulaFilled = fmt.Sprintf("%s: %d observations under %s, 0 under %s of %d", ja4, n, libraries, facts.Family, in.Baseline.FamilyObservations(facts.Family))
	e.BaselineN = in.Baseline.FamilyObservations(facts.Family)
	e.BaselineRows = []string{"fingerprint/" + ja4}
	a.Summary = fmt.Sprintf("Claims to be %s, speaks TLS like %s", facts.Family, libraries)
	return a
}

// library names the automated families that a fingerprint is known for, and whether it is foreign to every interactive one.
func (d Detector) library(b *baseline.Index, claimed, ja4 string) (names string, n uint32, foreign bool) {
	var list []string
	for family, row := range b.Fingerprint(ja4) {
		if profile.Interactive(row.Class) {
			return "", 0, false
		}
		list = append(list, family)
		n += row.Observations
	}
	slices.Sort(list)
	return strings.Join(list, ", "), n, n >= d.Config.MinLibrary && claimed != ""
}
