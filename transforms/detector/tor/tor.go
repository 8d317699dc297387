// SPDX-License-Identifier: Apache-2.0

// Package tor notices activity that comes through a Tor exit.
package tor

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// Detector judges each event by itself: the exit list, by the event's own time, is all it needs. The same is said once
// more by the slice, where the profile can tell whether the client is one the user is known by: the second finding
// falls into the episode of the first, and the decision stage learns from it whom a reset was about.
type Detector struct{}

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeTor }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeTor, Signal: "the address was a Tor exit at the event's own time", Horizons: "one event",
		Threshold: "listed, with 3 h of grace for lists that flap",
		ColdStart: "none: the list is the evidence; a list older than 6 h only logs",
		Evidence:  "address, listed until; whether client and network are the user's own",
		Tolerates: "relays that are no exits, former and later exits",
	}
}

// JudgeEvent reports an event whose address was a Tor exit. A finding by a stale list only logs.
func (d Detector) JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly {
	facts := in.Event.GetClient().GetFacts()
	if !facts.GetTor() {
		return nil
	}
	episode := in.Event.SessionId
	if in.Event.ActorKind == aerv1.ActorAttempt {
		episode = "" // whoever was refused may name any session: it must not make many findings of one
	}
	a := evidence.FromEvent(in, d.Type(), episode)
	d.fill(a, in.Event.Client.Ip, in.Event.Time.AsTime())
	e := a.Evidence
	if until := facts.TorListedUntil; until != nil {
		e.Notes = append(e.Notes, "listed until "+until.AsTime().Format(time.RFC3339))
	}
	if facts.TorStale {
		a.LogOnly, a.Confidence = true, 0.5
		e.Notes = append(e.Notes, "the exit list is older than its limit: the finding only logs")
	}
	return a
}

// Judge repeats the finding of the fast lane for a slice, with what the profile knows of the client.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	if len(in.Slice.TorAddresses) == 0 {
		return nil
	}
	for _, f := range in.Slice.Facets {
		if _, found := slices.BinarySearch(in.Slice.TorAddresses, f.Client.GetIp()); !found {
			continue
		}
		var sessions []string
		if f.SessionId != "" {
			sessions = []string{f.SessionId}
		}
		a := evidence.FromSlice(in, d.Type(), f.SessionId, sessions)
		a.Time, a.EventIds = aerv1.TimeMS(f.LastMs), evidence.FirstLast(f)
		evidence.Usual(a, in, f.Client)
		d.fill(a, f.Client.GetIp(), time.UnixMilli(f.LastMs).UTC())
		return a
	}
	return nil
}

// fill writes what both lanes say.
func (Detector) fill(a *aerv1.Anomaly, ip string, at time.Time) {
	a.Reasons = evidence.Reasons(aerv1.TypeTor)
	a.Severity, a.Confidence, a.Magnitude = evidence.SeverityHigh, 0.99, 1
	e := a.Evidence
	e.Signal, e.Unit, e.Observed, e.Threshold = "tor_exit", "listed", 1, 1
	e.Formula = "address listed as exit at the event's time"
	e.FormulaFilled = fmt.Sprintf("%s was a listed exit at %s", ip, at.Format(time.RFC3339))
	e.IpAddressDetails = append(e.IpAddressDetails, "in-ioc-list")
	a.Summary = fmt.Sprintf("Activity through the Tor exit %s", ip)
}
