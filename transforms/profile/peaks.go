// SPDX-License-Identifier: Apache-2.0

package profile

import "slices"

// maxPeaks is how many of a metric's highest days are remembered; a habit is read from the second or third of them.
const maxPeaks = 8

// peakMemoryDays is how long a peak counts as habit: half a year, so that a monthly export is known by its last six.
const peakMemoryDays = 183

// Peak is the highest value that a metric reached on a day (Unix days).
type Peak struct{ Day, Value uint32 }

// peaks are the highest days of all metrics in one list: metric after metric, and the highest first within one.
type peaks struct {
	list []Peak
	// ends are where the metrics end.
	ends [MetricCount]uint8
}

func (p *peaks) bounds(m Metric) (from, to int) {
	if m > 0 {
		from = int(p.ends[m-1])
	}
	return from, int(p.ends[m])
}

// Peaks are the days on which a metric was highest, the highest first.
func (p *Profile) Peaks(m Metric) []Peak {
	from, to := p.peaks.bounds(m)
	return p.peaks.list[from:to]
}

// note records that a metric reached value on day (Unix days).
func (p *peaks) note(m Metric, day, value uint32) {
	if value == 0 {
		return
	}
	from, to := p.bounds(m)
	for i := to - 1; i >= from; i-- {
		switch k := p.list[i]; {
		case k.Day+peakMemoryDays < day:
			p.remove(m, i)
		case k.Day == day && k.Value < value:
			p.remove(m, i)
		}
	}
	from, to = p.bounds(m)
	at := from
	for i := from; i < to; i++ {
		k := p.list[i]
		if k.Day == day {
			return // what is left of the day is no less
		}
		if k.Value > value || k.Value == value && k.Day > day {
			at = i + 1
		}
	}
	if at == from+maxPeaks {
		return
	}
	if to-from == maxPeaks {
		p.remove(m, to-1)
	}
	p.insert(m, at, Peak{day, value})
}

func (p *peaks) insert(m Metric, i int, k Peak) {
	if p.list == nil {
		p.list = make([]Peak, 0, 8) // a day or two of what is read and called
	}
	p.list = slices.Insert(p.list, i, k)
	for ; m < MetricCount; m++ {
		p.ends[m]++
	}
}

func (p *peaks) remove(m Metric, i int) {
	p.list = slices.Delete(p.list, i, i+1)
	for ; m < MetricCount; m++ {
		p.ends[m]--
	}
}

// Habit is the rank-th highest daily value of metric (rank 1 = highest) among the days before the day before, and the
// number of days it was chosen from; 0 where there are fewer. Taking the second or third rather than the highest keeps
// one bad day from becoming a habit.
func (p *Profile) Habit(m Metric, before uint32, rank int) (value uint32, days int) {
	for _, k := range p.Peaks(m) {
		if k.Day < before && k.Day+peakMemoryDays >= before {
			days++
			if days == rank {
				value = k.Value
			}
		}
	}
	return value, days
}
