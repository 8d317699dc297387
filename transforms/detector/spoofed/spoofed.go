// SPDX-License-Identifier: Apache-2.0

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
	// MinFamily is how many observations of the claimed family the organisation needs before a fingerprint can be foreign
	// to it, unless baseline.MinOrgs organisations know the family.
	MinFamily uint32
}

// DefaultConfig holds start values (minimum 30 observations of the family).
func DefaultConfig() Config {
	return Config{Weights: defaultWeights(), Act: 0.9, Log: 0.9, MinFamily: 30}
}

// Detector judges each event by itself where the fingerprint is known for a library, and else each slice by weaker
// signs.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeSpoofedUserAgent }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type:     aerv1.TypeSpoofedUserAgent,
		Signal:   "the TLS fingerprint is an HTTP library's, the user agent a browser's or an official client's",
		Horizons: "one event; weaker signs over a slice", Threshold: "known for a library by ≥ 2 people of the " +
			"organisation or ≥ 5 organisations, and not for interactive clients by as many; else 1 - ∏(1 - weight) ≥ 0.9",
		ColdStart: "silent until the organisation has observed the claimed family 30 times, or 5 organisations know it",
		Evidence:  "fingerprint, what it is known for and by how many",
		Tolerates: "new browser versions, inspecting proxies (their fingerprint is seen under many families; on the user's " +
			"own device it only logs), what single accounts and other tenants show",
	}
}

// JudgeEvent reports an event whose fingerprint belongs to a library and not to the family it claims.
func (d Detector) JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly {
	c := in.Event.GetClient()
	family := c.GetFacts().GetFamily()
	if c.GetJa4() == "" || family == "" || !profile.Interactive(c.GetFacts().GetClass()) {
		return nil
	}
	k, foreign := d.library(in.Baseline, in.Event.GetOrgId(), family, c.GetJa4())
	if !foreign {
		return nil
	}
	a := evidence.FromEvent(in, d.Type(), c.GetJa4())
	k.fill(a)
	evidence.SurprisedEvent(a, aerv1.NewJA4)
	return a
}

// known is what an organisation knows of a fingerprint, and how often it observed the family that claims it.
type known struct {
	libraries, interactive baseline.Witnesses
	observed               uint32
	// programs are the libraries, by name.
	programs string
}

// library says whether a fingerprint is a library's and foreign to the family that claims it.
func (d Detector) library(b *baseline.Index, org, family, ja4 string) (k known, foreign bool) {
	var enough bool
	if k.observed, enough = b.FamilyKnown(org, family, d.Config.MinFamily); !enough {
		return k, false
	}
	if k.libraries, k.interactive = witnesses(b, org, ja4); !k.libraries.Outnumber(k.interactive) {
		return k, false
	}
	k.programs = strings.Join(b.FingerprintFamilies(org, baseline.KindLibrary, ja4), ", ")
	if k.programs == "" { // enough organisations know it for libraries, but not for any one of them
		k.programs = "HTTP libraries"
	}
	return k, true
}

// fill writes what both lanes say about a library's fingerprint, to the client of the evidence.
func (k known) fill(a *aerv1.Anomaly) {
	ja4, e := a.Evidence.Client.GetJa4(), a.Evidence
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.95, 1
	e.Signal, e.Unit, e.Observed, e.Threshold = "fingerprint_of_library", "people", float64(k.libraries.People),
		float64(k.libraries.Need)
	if k.libraries.Orgs > 0 {
		e.Unit, e.Observed, e.Threshold = "organisations", float64(k.libraries.Orgs), baseline.MinOrgs
	}
	e.Formula = "shown under a library by ≥ T people of the organisation or organisations, and not under interactive " +
		"clients by as many"
	e.FormulaFilled = fmt.Sprintf("%s: under %s by %s, under interactive clients by %s", ja4, k.programs,
		k.libraries, k.interactive)
	e.BaselineN = k.observed
	e.BaselineRows = []string{"fingerprint/" + a.OrgId + "/" + ja4}
	a.Summary = fmt.Sprintf("Claims to be %s, speaks TLS like %s", e.Client.GetFacts().GetFamily(), k.programs)
}

// witnesses are those who showed a fingerprint under libraries, and under what a person sits in front of. Neither one
// account nor another tenant makes a library's fingerprint a browser's or a browser's a library's: a thief with
// patience could do that for everybody.
func witnesses(b *baseline.Index, org, ja4 string) (libraries, interactive baseline.Witnesses) {
	return b.FingerprintOf(org, baseline.KindLibrary, ja4), b.FingerprintOf(org, baseline.KindInteractive, ja4)
}
