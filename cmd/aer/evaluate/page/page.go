// SPDX-License-Identifier: Apache-2.0

// Package page draws an evaluation as one HTML file that needs nothing else: tables, charts and timelines.
package page

import (
	_ "embed" // the template
	"fmt"
	"html/template"
	"io"
	"math"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
)

//go:embed page.html.tmpl
var source string

// html/template escapes every value by its context: ids and texts come from events, and so from attackers.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": func(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) },
	"seconds": func(s float64) string {
		return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond).String()
	},
	"rate": func(f float64) string { return fmt.Sprintf("%.2f", f) },
}).Parse(source))

// Sizes of the drawings, in the units of their view boxes.
const (
	barWidth   = 500.0
	chartWidth = 900.0
	laneHeight = 16.0
	plotHeight = 120.0
)

type view struct {
	*evaluate.Report
	Attacks, LookAlikes []bar
	Detect              []dots
	Ticks               []tick
	Missed, False       []drawing
	// MissedMore and FalseMore are those left out.
	MissedMore, FalseMore int
}

// bar is one kind: Width is its share of barWidth.
type bar struct {
	evaluate.KindRow
	Width float64
}

// dots are the times to detect of one kind on a logarithmic axis.
type dots struct {
	Kind string
	X    []float64
}

type tick struct {
	X    float64
	Text string
}

// Write draws a report with its timelines.
func Write(w io.Writer, r *evaluate.Report, missed, alarms []*evaluate.Timeline) error {
	v := view{
		Report: r, Attacks: bars(r.Attacks), LookAlikes: bars(r.LookAlikes), Missed: drawAll(missed), False: drawAll(alarms),
		MissedMore: len(r.Missed) - len(missed), FalseMore: len(r.False) - len(alarms),
	}
	for _, k := range r.Attacks {
		d := dots{Kind: k.Kind}
		for _, s := range k.DetectS {
			d.X = append(d.X, logX(s))
		}
		v.Detect = append(v.Detect, d)
	}
	for _, t := range []struct {
		s    float64
		text string
	}{{1, "1 s"}, {10, "10 s"}, {60, "1 min"}, {600, "10 min"}, {3600, "1 h"}, {36_000, "10 h"}} {
		v.Ticks = append(v.Ticks, tick{logX(t.s), t.text})
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("drawing the page: %w", err)
	}
	return nil
}

func bars(rows []evaluate.KindRow) []bar {
	var all []bar
	for _, k := range rows {
		all = append(all, bar{k, round(k.Rate * barWidth)})
	}
	return all
}

// logX places seconds from 0.1 to 1e6 on barWidth.
func logX(s float64) float64 {
	const low, high = -1.0, 6.0
	return round(barWidth * (math.Log10(min(max(s, 0.1), 1e6)) - low) / (high - low))
}

// round keeps the file small.
func round(x float64) float64 { return math.Round(x*10) / 10 }

// drawing is a timeline in coordinates.
type drawing struct {
	*evaluate.Timeline
	// X1 and X2 are the incident's span.
	X1, Width float64
	Lanes     []lane
	Height    float64
	// Path is the metric, Line the height of the threshold (negative if there is none), Top the value at the top.
	Path string
	Line float64
	Top  float64
}

type lane struct {
	Class  string
	Y      float64
	Points []point
}

type point struct {
	X    float64
	Text string
}

func drawAll(all []*evaluate.Timeline) []drawing {
	var out []drawing
	for _, t := range all {
		out = append(out, draw(t))
	}
	return out
}

func draw(t *evaluate.Timeline) drawing {
	x := func(at time.Time) float64 {
		return round(chartWidth * float64(at.Sub(t.From)) / float64(max(t.To.Sub(t.From), 1)))
	}
	d := drawing{Timeline: t, X1: x(t.Start), Line: -1}
	d.Width = max(2, round(x(t.End)-d.X1))
	index := map[string]int{}
	for _, p := range t.Points {
		i, ok := index[p.Class]
		if !ok {
			i = len(d.Lanes)
			index[p.Class] = i
			d.Lanes = append(d.Lanes, lane{Class: p.Class, Y: laneHeight * (float64(i) + 0.5)})
		}
		d.Lanes[i].Points = append(d.Lanes[i].Points, point{x(p.Time), p.Text})
	}
	d.Height = laneHeight * float64(max(len(d.Lanes), 1))
	d.plot(x)
	return d
}

// plot draws the metric as steps, and the threshold.
func (d *drawing) plot(x func(time.Time) float64) {
	d.Top = d.Threshold
	for _, s := range d.Series {
		d.Top = max(d.Top, float64(s.Value))
	}
	if d.Top <= 0 || math.IsInf(d.Top, 0) || math.IsNaN(d.Top) {
		d.Top = 0
		return
	}
	y := func(v float64) float64 { return round(plotHeight * (1 - v/d.Top)) }
	for i, s := range d.Series {
		command := "H"
		if i == 0 {
			command = fmt.Sprintf("M%g %g H", x(d.From), plotHeight)
		}
		d.Path += fmt.Sprintf("%s%g V%g ", command, x(s.Time), y(float64(s.Value)))
	}
	if d.Threshold > 0 {
		d.Line = y(d.Threshold)
	}
}
