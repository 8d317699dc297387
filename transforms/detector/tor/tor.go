// Package tor notices activity that comes through a Tor exit.
package tor

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// Detector judges each event by itself: the exit list, by the event's own time, is all it needs.
type Detector struct{}

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeTor }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeTor, Signal: "the address was a Tor exit at the event's own time", Horizons: "one event",
		Threshold: "listed, with 3 h of grace for lists that flap", ColdStart: "none: the list is the evidence; a list older than 6 h only logs",
		Evidence: "address, listed until", Tolerates: "relays that are no exits, former and later exits",
	}
}

// JudgeEvent reports an event whose address was a Tor exit. A finding by a stale list only logs.
func (d Detector) JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly {
	facts := in.Event.GetClient().GetFacts()
	if !facts.GetTor() {
		return nil
	}
	a := evidence.FromEvent(in, d.Type(), in.Event.SessionId)
	a.Reasons = evidence.Reasons(aerv1.TypeTor)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.99, 1
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "tor_exit", "listed", 1, 1
	e.Formula = "address listed as exit at the event's time"
	e.FormulaFilled = fmt.Sprintf("%s was a listed exit at %s", in.Event.Client.Ip, in.Event.Time.AsTime().Format(time.RFC3339))
	e.IpAddressDetails = []string{"in-ioc-list"}
	if until := facts.TorListedUntil; until != nil {
		e.Notes = append(e.Notes, "listed until "+until.AsTime().Format(time.RFC3339))
	}
	if facts.TorStale {
		a.LogOnly, a.Confidence = true, 0.5
		e.Notes = append(e.Notes, "the exit list is older than its limit: the finding only logs")
	}
	a.Summary = fmt.Sprintf("Activity through the Tor exit %s", in.Event.Client.Ip)
	return a
}
