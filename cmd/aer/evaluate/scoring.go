// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Report scores everything given so far. Incidents that begin outside the period of the events are left out and
// counted.
func (e *Evaluator) Report() *Report {
	r := &Report{
		Events: e.events, Accounts: len(e.histories), Anomalies: len(e.alarms), Decided: e.decided,
		Missed: []Incident{}, False: []FalseAlarm{}, // [] rather than null in JSON
	}
	r.AllAttacks.Kind, r.AllLookLike.Kind, r.All.Type = "all", "all", "all"
	detectors := map[string]*DetectorRow{}
	detector := func(kind string) *DetectorRow {
		if detectors[kind] == nil {
			detectors[kind] = &DetectorRow{Type: kind}
		}
		return detectors[kind]
	}
	for _, t := range aerv1.AnomalyTypes {
		detector(t)
	}
	e.scoreIncidents(r, detector)
	e.scoreAlarms(r, detector)
	for _, d := range detectors {
		d.finish(r.Background.UserDays)
		r.Detectors = append(r.Detectors, *d)
	}
	slices.SortFunc(r.Detectors, func(a, b DetectorRow) int { return byType(a.Type, b.Type) })
	r.All.finish(r.Background.UserDays)
	r.Feedback = e.feedbackReport()
	return r
}

// byType orders anomaly types as everywhere else, unknown ones last.
func byType(a, b string) int {
	rank := func(kind string) uint { return uint(slices.Index(aerv1.AnomalyTypes, kind)) } // -1 is the largest
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
}

func (e *Evaluator) scoreIncidents(r *Report, detector func(string) *DetectorRow) {
	kinds := kindRows{}
	for _, s := range e.scores {
		if s.Start.Before(e.from) || s.Start.After(e.to) {
			r.Outside++
			continue
		}
		total := &r.AllLookLike
		if s.Anomalous {
			total = &r.AllAttacks
			e.creditDetectors(s, r, detector)
		} else {
			blameDetectors(s, r, detector)
		}
		kinds.of(s).add(s)
		total.add(s)
		if s.Anomalous && s.first(any1) == nil {
			r.Missed = append(r.Missed, *s.Incident)
		}
	}
	r.Attacks, r.LookAlikes = kinds.finished(true), kinds.finished(false)
	r.AllAttacks.finish()
	r.AllLookLike.finish()
	slices.SortStableFunc(r.Missed, func(a, b Incident) int { return strings.Compare(a.ID, b.ID) })
}

// kindRows are the rows of kinds, attacks and look-alikes apart: one word may name both.
type kindRows map[kindOf]*KindRow

type kindOf struct {
	kind      string
	anomalous bool
}

func (k kindRows) of(s *score) *KindRow {
	key := kindOf{s.Kind, s.Anomalous}
	if k[key] == nil {
		k[key] = &KindRow{Kind: s.Kind}
	}
	return k[key]
}

// finished lists the rows of attacks, or of look-alikes, by kind.
func (k kindRows) finished(anomalous bool) (rows []KindRow) {
	for key, row := range k {
		if key.anomalous == anomalous {
			row.finish()
			rows = append(rows, *row)
		}
	}
	slices.SortFunc(rows, func(a, b KindRow) int { return strings.Compare(a.Kind, b.Kind) })
	return rows
}

func (k *KindRow) add(s *score) {
	k.Incidents++
	if a := s.first(any1); a != nil {
		k.Found++
		k.detect = append(k.detect, a.known.Sub(s.Start))
		k.Crossed.add(s.Incident, a)
	}
	for _, t := range s.types() {
		if k.ByType == nil {
			k.ByType = map[string]int{}
		}
		k.ByType[t]++
	}
	if s.first(responds) != nil {
		k.Responds++
	}
}

func (k *KindRow) finish() {
	k.Rate = ratio(k.Found, k.Incidents)
	k.DetectP50S = quantile(k.detect, 0.5).Seconds()
	k.DetectP95S = quantile(k.detect, 0.95).Seconds()
	k.DetectS = []float64{}
	for _, d := range k.detect { // sorted by quantile
		k.DetectS = append(k.DetectS, d.Seconds())
	}
	k.Crossed.finish()
}

// add notes a detection. One that came before the crossing, by another sign, took no time.
func (c *Crossed) add(i *Incident, a *alarm) {
	if i.CrossedAt != nil {
		c.crossed = append(c.crossed, max(0, a.known.Sub(*i.CrossedAt)))
	}
}

func (c *Crossed) finish() {
	c.Known, c.P50S, c.P95S = len(c.crossed), quantile(c.crossed, 0.5).Seconds(), quantile(c.crossed, 0.95).Seconds()
}

// creditDetectors counts, for each type an attack expects, whether that type found it.
func (e *Evaluator) creditDetectors(s *score, r *Report, detector func(string) *DetectorRow) {
	r.All.Expected++
	if a := s.first(any1); a != nil {
		r.All.Found++
		r.All.detect = append(r.All.detect, a.known.Sub(s.Start))
		r.All.Crossed.add(s.Incident, a)
	}
	for _, t := range s.Expected {
		d := detector(t)
		d.Expected++
		if a := s.first(func(a *alarm) bool { return a.kind == t }); a != nil {
			d.Found++
			d.detect = append(d.detect, a.known.Sub(s.Start))
			d.Crossed.add(s.Incident, a)
		}
	}
}

// blameDetectors counts, for each type raised in a look-alike, that it was.
func blameDetectors(s *score, r *Report, detector func(string) *DetectorRow) {
	for _, t := range s.types() {
		detector(t).LookAlikes++
	}
	if len(s.alarms) > 0 {
		r.All.LookAlikes++
	}
}

func (d *DetectorRow) finish(userDays int) {
	d.RespondPer10k = per10k(d.RespondDays, userDays)
	d.LogPer10k = per10k(d.FalseDays-d.RespondDays, userDays)
	d.NearShare = ratio(d.Near, d.Alarms)
	d.RightShare = ratio(d.Right, d.Right+d.Wrong)
	d.Crossed.finish()
	d.Recall = ratio(d.Found, d.Expected)
	d.Precision = ratio(d.Right, d.Alarms)
	d.Per10k = per10k(d.FalseDays, userDays)
	d.DetectP50S = quantile(d.detect, 0.5).Seconds()
	d.DetectP95S = quantile(d.detect, 0.95).Seconds()
}

// summary is the evidence of an anomaly in one line.
func summary(a *aerv1.Anomaly) string {
	ev := a.GetEvidence()
	s := fmt.Sprintf("%s %.4g against %.4g %s", ev.GetSignal(), ev.GetObserved(), ev.GetThreshold(), ev.GetUnit())
	for _, sign := range ev.GetSigns() {
		s += " " + sign.GetCode()
	}
	return strings.TrimSpace(s)
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func per10k(n, userDays int) float64 { return 10_000 * ratio(n, userDays) }
