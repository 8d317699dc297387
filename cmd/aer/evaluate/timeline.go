// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

const (
	// TimelinesMax bounds the timelines of missed attacks, and again those of false alarms.
	TimelinesMax = 30
	// PointsMax bounds the events of one timeline.
	PointsMax = 3000
	// objectsMax bounds the objects remembered of one timeline's user.
	objectsMax = 200_000
	// margin is what is shown before and after.
	margin = 20 * time.Minute
)

// Timeline is what one account did around a missed attack or a false alarm. Memory is bounded by PointsMax.
type Timeline struct {
	Title, OrgID, UserID, Text string
	From, To                   time.Time
	// Start and End are the span of the incident; of a false alarm both are its time.
	Start, End time.Time
	Points     []Point
	// More are events in the span that are not among Points.
	More int
	// Metric is what was, or might have been, measured. Threshold is 0 if it is unknown.
	Metric    string
	Threshold float64
	Series    []Sample
	horizon   time.Duration
	counts    func(*aerv1.Event) bool
	fresh     bool // counts an object when it is touched for the first time
	seen      map[uint64]bool
	window    []time.Time
}

// Point is one event.
type Point struct {
	Time        time.Time
	Class, Text string
}

// Sample is the metric after an event.
type Sample struct {
	Time  time.Time
	Value int
}

// horizons by the end of a metric's name.
var horizons = map[string]time.Duration{
	"5m": 5 * time.Minute, "15m": 15 * time.Minute, "1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour,
}

// metricOf is the metric by which a missed attack of a type is most likely to be seen.
var metricOf = map[string]string{
	aerv1.TypeExcessiveDownloads: "new_downloads_1h", aerv1.TypeUnexpectedScraping: "new_reads_1h",
	aerv1.TypeUnexpectedAPICallVolume: "calls_1h",
}

// Timelines reads the events again for the first missed attacks and false alarms of a report.
func Timelines(f Files, r *Report) (missed, alarms []*Timeline, err error) {
	for _, m := range r.Missed[:min(len(r.Missed), TimelinesMax)] {
		missed = append(missed, missedTimeline(&m))
	}
	for _, a := range r.False[:min(len(r.False), TimelinesMax)] {
		alarms = append(alarms, alarmTimeline(&a))
	}
	users := map[account][]*Timeline{}
	for _, t := range append(slices.Clone(missed), alarms...) {
		key := account{t.OrgID, t.UserID}
		users[key] = append(users[key], t)
	}
	if len(users) == 0 {
		return nil, nil, nil
	}
	files, err := event.OpenFiles(f.Events, f.Decode)
	if err != nil {
		return nil, nil, err
	}
	defer files.Close()
	n := 0
	for ev := range event.Reorder(files.All(), 0, 0) {
		if ev == nil {
			continue
		}
		for _, t := range users[account{ev.GetOrgId(), ev.GetUserId()}] {
			t.add(ev)
		}
		if n++; f.Progress != nil && n%progressEvery == 0 {
			f.Progress(files.Progress())
		}
	}
	return missed, alarms, files.Err()
}

func missedTimeline(m *Incident) *Timeline {
	t := &Timeline{
		Title: m.ID, OrgID: m.OrgID, UserID: m.UserID, Start: m.Start, End: m.End,
		Text: fmt.Sprintf("expected %s; %d events. %s", strings.Join(m.Expected, ", "), m.Events, m.Note),
	}
	for _, kind := range m.Expected {
		if metric := metricOf[kind]; metric != "" && t.Metric == "" {
			t.measure(metric)
		}
	}
	return t.around()
}

func alarmTimeline(a *FalseAlarm) *Timeline {
	t := &Timeline{
		Title: a.Type + " " + a.AnomalyID, OrgID: a.OrgID, UserID: a.UserID, Start: a.Time, End: a.Time,
		Text: fmt.Sprintf("%s; %s. %s", a.Where, a.Evidence, a.Outcome),
	}
	if t.measure(a.Signal); t.Metric != "" {
		t.Threshold = a.Threshold
	}
	return t.around()
}

// measure sets the metric if it is one that events alone tell.
func (t *Timeline) measure(metric string) {
	cut := max(0, strings.LastIndex(metric, "_"))
	what, end := metric[:cut], strings.TrimPrefix(metric[cut:], "_")
	counts := map[string]func(*aerv1.Event) bool{
		"new_downloads": func(ev *aerv1.Event) bool { return event.KindOf(ev).Download },
		"new_reads":     func(ev *aerv1.Event) bool { return event.KindOf(ev).Read },
		"calls": func(ev *aerv1.Event) bool {
			k := event.KindOf(ev)
			return k.Class == event.ClassAPI && !k.Polling
		},
	}[what]
	if horizons[end] == 0 || counts == nil {
		return
	}
	t.Metric, t.horizon, t.counts, t.fresh = metric, horizons[end], counts, what != "calls"
	t.seen = map[uint64]bool{}
}

// around sets what is shown: the span with a margin, and as much before as the metric looks back, at most a day.
func (t *Timeline) around() *Timeline {
	t.From, t.To = t.Start.Add(-margin-min(t.horizon, 24*time.Hour)), t.End.Add(margin)
	return t
}

// add takes an event of the account, in order of time.
func (t *Timeline) add(ev *aerv1.Event) {
	at := ev.GetTime().AsTime()
	if at.After(t.To) {
		return
	}
	t.sample(ev, at)
	if at.Before(t.From) {
		return
	}
	if len(t.Points) >= PointsMax {
		t.More++
		return
	}
	c := ev.GetClient()
	text := []string{at.UTC().Format("2006-01-02 15:04:05"), ev.GetAction(), ev.GetApiMethod(), ev.GetObject().GetId(),
		"session " + ev.GetSessionId(), c.GetIp(), c.GetCountry(), c.GetUserAgent()}
	t.Points = append(t.Points, Point{Time: at, Class: string(event.ActionClass(ev.GetAction())),
		Text: strings.Join(slices.DeleteFunc(text, func(s string) bool { return s == "" }), ", ")})
}

// sample brings the metric up to an event: what counts of it within the horizon.
func (t *Timeline) sample(ev *aerv1.Event, at time.Time) {
	if t.counts == nil || !t.counts(ev) {
		return
	}
	if t.fresh && !t.first(ev) || at.Before(t.From.Add(-t.horizon)) {
		return
	}
	t.window = append(t.window, at)
	for t.window[0].Before(at.Add(-t.horizon)) {
		t.window = t.window[1:]
	}
	if !at.Before(t.From) && len(t.Series) < PointsMax {
		t.Series = append(t.Series, Sample{at, len(t.window)})
	}
}

// first says whether the account touches the object for the first time, as far as the events and a bounded memory tell.
func (t *Timeline) first(ev *aerv1.Event) bool {
	h := xxhash.Sum64String(ev.GetObject().GetType() + "\x00" + ev.GetObject().GetId())
	if t.seen[h] || ev.GetObject().GetId() == "" || len(t.seen) >= objectsMax {
		return false
	}
	t.seen[h] = true
	return true
}
