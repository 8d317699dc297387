package evaluate

import (
	"fmt"
	"sort"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Report is the result of an evaluation. Rates are fractions, durations seconds.
type Report struct {
	Events      int           `json:"events"`
	Accounts    int           `json:"accounts"`
	Anomalies   int           `json:"anomalies"`
	Decided     bool          `json:"decided"`
	Outside     int           `json:"incidents_outside_period"`
	Attacks     []KindRow     `json:"attacks"`
	AllAttacks  KindRow       `json:"all_attacks"`
	LookAlikes  []KindRow     `json:"look_alikes"`
	AllLookLike KindRow       `json:"all_look_alikes"`
	Background  Background    `json:"background"`
	Detectors   []DetectorRow `json:"detectors"`
	All         DetectorRow   `json:"all_detectors"`
	Missed      []Incident    `json:"missed"`
	False       []FalseAlarm  `json:"false_alarms"`
	// Feedback is nil if none was given.
	Feedback *FeedbackReport `json:"feedback,omitempty"`
}

// KindRow is the score of one kind of incident. For look-alikes Found counts those with an alarm, which are faults.
type KindRow struct {
	Kind       string  `json:"kind"`
	Incidents  int     `json:"incidents"`
	Found      int     `json:"found"`
	Rate       float64 `json:"rate"`
	Responds   int     `json:"would_respond"`
	DetectP50S float64 `json:"time_to_detect_p50_s"`
	DetectP95S float64 `json:"time_to_detect_p95_s"`
	// ByType is the number of incidents in which each type of anomaly was raised, expected or not.
	ByType map[string]int `json:"incidents_by_type,omitempty"`
	// DetectS are all times to detect in rising order.
	DetectS []float64 `json:"times_to_detect_s"`
	Crossed
	detect    []time.Duration
	anomalous bool
}

// Crossed is the time to detect since the threshold was truly crossed, of the incidents found whose truth says when.
type Crossed struct {
	Known   int     `json:"found_with_crossing_known"`
	P50S    float64 `json:"since_crossing_p50_s"`
	P95S    float64 `json:"since_crossing_p95_s"`
	crossed []time.Duration
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

// Background counts alarms in user-days that belong to no incident. One alarm a user, day and type counts.
type Background struct {
	UserDays     int     `json:"user_days"`
	FalseAlarms  int     `json:"false_alarms"`
	Responds     int     `json:"would_respond"`
	LogOnly      int     `json:"log_only"`
	Per10k       float64 `json:"per_10k_user_days"`
	RespondPer10 float64 `json:"would_respond_per_10k_user_days"`
	LogPer10k    float64 `json:"log_only_per_10k_user_days"`
}

// DetectorRow is the score of one anomaly type.
type DetectorRow struct {
	Type string `json:"type"`
	// Attacks that expect this type, and how many of those this type found.
	Expected   int     `json:"expected"`
	Found      int     `json:"found"`
	Recall     float64 `json:"recall"`
	DetectP50S float64 `json:"time_to_detect_p50_s"`
	DetectP95S float64 `json:"time_to_detect_p95_s"`
	// All alarms, and where they fell.
	Alarms      int     `json:"alarms"`
	Right       int     `json:"in_attack_that_expects_it"`
	Wrong       int     `json:"in_attack_that_does_not"`
	LookAlike   int     `json:"in_look_alike"`
	Background  int     `json:"in_background"`
	Unscored    int     `json:"unscored"`
	Precision   float64 `json:"share_in_right_attack"`
	FalseDays   int     `json:"false_user_days"`
	RespondDays int     `json:"would_respond_user_days"`
	Per10k      float64 `json:"per_10k_user_days"`
	Near        int     `json:"within_10_percent_of_threshold"`
	// LookAlikes are the look-alikes in which the type was raised.
	LookAlikes int `json:"look_alikes_alarmed"`
	// The false user-days again, by what default settings (or the decisions given) would have done.
	RespondPer10k float64 `json:"would_respond_per_10k_user_days"`
	LogPer10k     float64 `json:"log_only_per_10k_user_days"`
	NearShare     float64 `json:"share_within_10_percent_of_threshold"`
	// RightShare is the share of those in attacks that are of a type the attack expects.
	RightShare float64 `json:"share_right_of_those_in_attacks"`
	// Outcomes counts the decisions about its alarms.
	Outcomes map[string]int `json:"decisions,omitempty"`
	Crossed
	detect []time.Duration
}

// FalseAlarm is an alarm in a look-alike or in the background.
type FalseAlarm struct {
	AnomalyID string    `json:"anomaly_id"`
	Type      string    `json:"type"`
	OrgID     string    `json:"org_id"`
	UserID    string    `json:"user_id"`
	Time      time.Time `json:"time"`
	Where     string    `json:"where"`
	Responds  bool      `json:"would_respond"`
	Outcome   string    `json:"outcome,omitempty"`
	Evidence  string    `json:"evidence"`
	Signal    string    `json:"signal"`
	Threshold float64   `json:"threshold"`
}

// Report scores everything given so far. Incidents that begin outside the period of the events are left out and counted.
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
	sort.Slice(r.Detectors, func(i, j int) bool { return less(r.Detectors[i].Type, r.Detectors[j].Type) })
	r.All.finish(r.Background.UserDays)
	r.Feedback = e.feedbackReport()
	return r
}

// less orders anomaly types as everywhere else, unknown ones last.
func less(a, b string) bool {
	ra, rb := rank(a), rank(b)
	return ra < rb || ra == rb && a < b
}

func rank(kind string) int {
	for i, t := range aerv1.AnomalyTypes {
		if t == kind {
			return i
		}
	}
	return len(aerv1.AnomalyTypes)
}

func (e *Evaluator) scoreIncidents(r *Report, detector func(string) *DetectorRow) {
	type rowKey struct { // one word may name attacks and look-alikes
		kind      string
		anomalous bool
	}
	kinds := map[rowKey]*KindRow{}
	for _, s := range e.scores {
		if s.Start.Before(e.from) || s.Start.After(e.to) {
			r.Outside++
			continue
		}
		key := rowKey{s.Kind, s.Anomalous}
		row := kinds[key]
		if row == nil {
			row = &KindRow{Kind: s.Kind, anomalous: s.Anomalous}
			kinds[key] = row
		}
		total := &r.AllLookLike
		if s.Anomalous {
			total = &r.AllAttacks
			e.creditDetectors(s, r, detector)
		} else {
			blameDetectors(s, r, detector)
		}
		row.add(s)
		total.add(s)
		if s.Anomalous && s.first(any1) == nil {
			r.Missed = append(r.Missed, *s.Incident)
		}
	}
	for _, row := range kinds {
		row.finish()
		if row.anomalous {
			r.Attacks = append(r.Attacks, *row)
		} else {
			r.LookAlikes = append(r.LookAlikes, *row)
		}
	}
	r.AllAttacks.finish()
	r.AllLookLike.finish()
	byKind := func(rows []KindRow) func(i, j int) bool {
		return func(i, j int) bool { return rows[i].Kind < rows[j].Kind }
	}
	sort.Slice(r.Attacks, byKind(r.Attacks))
	sort.Slice(r.LookAlikes, byKind(r.LookAlikes))
	sort.SliceStable(r.Missed, func(i, j int) bool { return r.Missed[i].ID < r.Missed[j].ID })
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
