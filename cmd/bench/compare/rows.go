// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"slices"
	"time"
)

// Row is what a subject took, the median of its runs.
type Row struct {
	Name   string `json:"name"`
	Stream string `json:"stream"`
	Events int    `json:"events"`
	// OfLimit is how many times the processor time of its yardstick an event took; 0 if there is none.
	OfLimit float64 `json:"of_limit,omitempty"`
	// EventsPerSecond is by the clock, CPUMicros the processor time of an event.
	EventsPerSecond float64 `json:"events_per_second"`
	CPUMicros       float64 `json:"cpu_us"`
	// Objects and Bytes were taken from the heap for an event; 0 if the program does not say.
	Objects   float64 `json:"objects,omitempty"`
	Bytes     float64 `json:"bytes,omitempty"`
	MemoryMax int64   `json:"memory_max_bytes,omitempty"`
	// Runs are the processor times of an event, in microseconds, run by run.
	Runs []float64 `json:"cpu_us_runs"`
	// Failed is why it could not be run.
	Failed string `json:"failed,omitempty"`
}

// Rows sums up what Rounds returned.
func Rows(results []Result) []Row {
	rows := make([]Row, len(results))
	cost := map[[2]string]float64{}
	for i, r := range results {
		rows[i] = row(r)
		cost[[2]string{r.Stream, r.Name}] = rows[i].CPUMicros
	}
	for i, r := range results {
		if of := cost[[2]string{r.Stream, r.Limit}]; of > 0 {
			rows[i].OfLimit = rows[i].CPUMicros / of
		}
	}
	return rows
}

func row(s Result) Row {
	r := Row{Name: s.Name, Stream: s.Stream}
	if s.Err != nil {
		r.Failed = s.Err.Error()
	}
	runs := s.Runs
	if len(runs) == 0 {
		return r
	}
	r.Events = runs[0].Events
	n := float64(r.Events)
	for _, run := range runs {
		r.Runs = append(r.Runs, micros(run.CPU)/n)
	}
	r.CPUMicros = median(runs, func(x Run) float64 { return micros(x.CPU) }) / n
	r.EventsPerSecond = n / median(runs, func(x Run) float64 { return x.Wall.Seconds() })
	r.Objects = median(runs, func(x Run) float64 { return x.Objects }) / n
	r.Bytes = median(runs, func(x Run) float64 { return x.Bytes }) / n
	r.MemoryMax = median(runs, func(x Run) int64 { return x.MemoryMax })
	return r
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// median is the middle of what of says of runs; of an even number, the lower of the two in the middle.
func median[T cmp.Ordered](runs []Run, of func(Run) T) T {
	all := make([]T, len(runs))
	for i, r := range runs {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}
