// Package spoofed notices a client whose TLS fingerprint contradicts the program it claims to be.
package spoofed

import (
	"fmt"
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
	// MinFamily is how many observations of the claimed family the organisation needs before a fingerprint can be foreign to
	// it, unless baseline.MinOrgs organisations know the family.
	MinFamily uint32
}

// DefaultConfig holds DOMAIN.md's Start values (minimum 30 observations of the family).
func DefaultConfig() Config {
	return Config{Weights: defaultWeights(), Act: 0.9, Log: 0.9, MinFamily: 30}
}

// Detector judges each event by itself where the fingerprint is known for a library, and else each slice by weaker signs.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeSpoofedUserAgent }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeSpoofedUserAgent, Signal: "the TLS fingerprint is an HTTP library's, the user agent a browser's or an official client's",
		Horizons: "one event; weaker signs over a slice", Threshold: "known for a library by ≥ 2 people of the organisation or ≥ 5 organisations, and not for interactive clients by as many; else 1 - ∏(1 - weight) ≥ 0.9",
		ColdStart: "silent until the organisation has observed the claimed family 30 times, or 5 organisations know it", Evidence: "fingerprint, what it is known for and by how many",
		Tolerates: "new browser versions, inspecting proxies (their fingerprint is seen under many families), what single accounts and other tenants show",
	}
}

// JudgeEvent reports an event whose fingerprint belongs to a library and not to the family it claims.
func (d Detector) JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly {
	org, c := in.Event.GetOrgId(), in.Event.GetClient()
	facts, ja4 := c.GetFacts(), c.GetJa4()
	if ja4 == "" || facts.GetFamily() == "" || !profile.Interactive(facts.GetClass()) {
		return nil
	}
	observed, known := in.Baseline.FamilyKnown(org, facts.Family, d.Config.MinFamily)
	if !known {
		return nil
	}
	libraries, interactive := witnesses(in.Baseline, org, ja4)
	if !libraries.Outnumber(interactive) {
		return nil
	}
	programs := strings.Join(in.Baseline.FingerprintFamilies(org, baseline.KindLibrary, ja4), ", ")
	if programs == "" { // enough organisations know it for libraries, but not for any one of them
		programs = "HTTP libraries"
	}
	a := evidence.FromEvent(in, d.Type(), ja4)
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.95, 1
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "fingerprint_of_library", "people", float64(libraries.People), float64(libraries.Need)
	if libraries.Orgs > 0 {
		e.Unit, e.Observed, e.Threshold = "organisations", float64(libraries.Orgs), baseline.MinOrgs
	}
	e.Formula = "shown under a library by ≥ T people of the organisation or organisations, and not under interactive clients by as many"
	e.FormulaFilled = fmt.Sprintf("%s: under %s by %s, under interactive clients by %s", ja4, programs, libraries, interactive)
	e.BaselineN = observed
	e.BaselineRows = []string{"fingerprint/" + org + "/" + ja4}
	a.Summary = fmt.Sprintf("Claims to be %s, speaks TLS like %s", facts.Family, programs)
	return a
}

// witnesses are those who showed a fingerprint under libraries, and under what a person sits in front of. Neither one account
// nor another tenant makes a library's fingerprint a browser's or a browser's a library's: a thief with patience could do
// that for everybody.
func witnesses(b *baseline.Index, org, ja4 string) (libraries, interactive baseline.Witnesses) {
	return b.FingerprintOf(org, baseline.KindLibrary, ja4), b.FingerprintOf(org, baseline.KindInteractive, ja4)
}
