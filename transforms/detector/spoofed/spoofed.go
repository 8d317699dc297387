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
		Horizons: "one event; weaker signs over a slice", Threshold: "seen ≥ 2 times under a library, under interactive clients by nobody or one account against several; else 1 - ∏(1 - weight) ≥ 0.9",
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
	known, foreign := d.library(in.Baseline, facts.Family, ja4)
	if !foreign {
		return nil
	}
	a := evidence.FromEvent(in, d.Type(), ja4)
	d.fill(a, in.Baseline, known)
	evidence.SurprisedEvent(a, aerv1.NewJA4)
	return a
}

// fill writes what both lanes say about a library's fingerprint, to the client of the evidence.
func (d Detector) fill(a *aerv1.Anomaly, b *baseline.Index, known shown) {
	ja4, family := a.Evidence.Client.GetJa4(), a.Evidence.Client.GetFacts().GetFamily()
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.95, 1
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "fingerprint_of_library", "observations", float64(known.Observations), float64(d.Config.MinLibrary)
	e.Formula = "fingerprint seen under a library ≥ T times, and under interactive clients by nobody, or one account beside several people's libraries"
	e.FormulaFilled = fmt.Sprintf("%s: %d observations under %s by %d people, under interactive clients by %d; %s was observed %d times",
		ja4, known.Observations, known.Programs, known.Scripted, known.People, family, b.FamilyObservations(family))
	e.BaselineN = b.FamilyObservations(family)
	e.BaselineRows = []string{"fingerprint/" + ja4}
	a.Summary = fmt.Sprintf("Claims to be %s, speaks TLS like %s", family, known.Programs)
}

// shown is under what a fingerprint is known.
type shown struct {
	// Programs are the automated families, by name; Observations how often they showed it, Scripted how many people.
	Programs               string
	Observations, Scripted uint32
	// People is how many showed it under interactive clients.
	People uint32
}

// library says whether a fingerprint is a library's and foreign to every interactive client. One account that shows it
// under a browser does not make a fingerprint of several people's libraries a browser's: a thief with patience could do
// that for everybody.
func (d Detector) library(b *baseline.Index, claimed, ja4 string) (s shown, foreign bool) {
	var list []string
	for family, row := range b.Fingerprint(ja4) {
		if profile.Interactive(row.Class) {
			s.People += row.Users
			continue
		}
		list = append(list, family)
		s.Scripted += row.Users
		s.Observations += row.Observations
	}
	slices.Sort(list)
	s.Programs = strings.Join(list, ", ")
	alone := s.People == 1 && s.Scripted > 1
	return s, (s.People == 0 || alone) && s.Observations >= d.Config.MinLibrary && claimed != ""
}
