// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// maxPeaks is how many of a metric's highest days are remembered; a habit is read from the second or third of them.
const maxPeaks = 8

// peakMemoryDays is how long a peak counts as habit: half a year, so that a monthly export is known by its last six.
const peakMemoryDays = 183

// notePeak records that metric reached value on day (Unix days).
func notePeak(list []*aerv1.Peaks, metric string, day uint32, value float64) []*aerv1.Peaks {
	if value <= 0 {
		return list
	}
	i, found := slices.BinarySearchFunc(list, metric, comparePeaks)
	if !found {
		list = slices.Insert(list, i, &aerv1.Peaks{Metric: metric})
	}
	p := list[i]
	forgetPeaks(p, day)
	if at := slices.Index(p.Days, day); at >= 0 {
		if p.Values[at] >= value {
			return list
		}
		p.Days, p.Values = slices.Delete(p.Days, at, at+1), slices.Delete(p.Values, at, at+1)
	}
	at := 0
	for at < len(p.Days) && (p.Values[at] > value || p.Values[at] == value && p.Days[at] > day) {
		at++
	}
	p.Days, p.Values = slices.Insert(p.Days, at, day), slices.Insert(p.Values, at, value)
	p.Days, p.Values = p.Days[:min(len(p.Days), maxPeaks)], p.Values[:min(len(p.Values), maxPeaks)]
	return list
}

func forgetPeaks(p *aerv1.Peaks, today uint32) {
	for i := len(p.Days) - 1; i >= 0; i-- {
		if p.Days[i]+peakMemoryDays < today {
			p.Days, p.Values = slices.Delete(p.Days, i, i+1), slices.Delete(p.Values, i, i+1)
		}
	}
}

func comparePeaks(p *aerv1.Peaks, metric string) int { return strings.Compare(p.Metric, metric) }

// Habit is the rank-th highest daily value of metric (rank 1 = highest) among the days before the day before, and the
// number of days it was chosen from; 0 where there are fewer. Taking the second or third rather than the highest keeps
// one bad day from becoming a habit.
func Habit(p *aerv1.Profile, metric string, before uint32, rank int) (value float64, days int) {
	i, found := slices.BinarySearchFunc(p.GetPeaks(), metric, comparePeaks)
	if !found {
		return 0, 0
	}
	for j, day := range p.Peaks[i].Days {
		if day < before && day+peakMemoryDays >= before {
			days++
			if days == rank {
				value = p.Peaks[i].Values[j]
			}
		}
	}
	return value, days
}
