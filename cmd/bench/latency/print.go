// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
)

// bounds are the upper ends of the bars of a histogram.
var bounds = []time.Duration{
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second,
	4 * time.Second, 6 * time.Second, 8 * time.Second, 10 * time.Second, 12 * time.Second, 15 * time.Second,
	20 * time.Second, 30 * time.Second, time.Hour,
}

// barMax is the length of the longest bar, in columns.
const barMax = 60

// Print writes quantiles and a histogram of each lane.
func (r Result) Print(p *term.Printer) {
	t := term.NewTable(">events/s", "lane", ">p50", ">p99", ">p99.9", ">max", ">answered", ">of")
	for _, l := range r.Lanes {
		t.Row(r.Rate, l.Name, seconds(l.Quantile(0.5)), seconds(l.Quantile(0.99)), seconds(l.Quantile(0.999)),
			seconds(l.Quantile(1)), len(l.Took), l.Attacks)
	}
	t.Print(p)
	fmt.Fprintf(p, "aer run took %.2f cores; the generator was %s behind its timetable at the end\n", r.Cores,
		seconds(r.GeneratorLate))
	for _, l := range r.Lanes {
		l.histogram(p)
	}
}

// Quantile is the time within which a share of all attacks was answered, 0 if fewer were.
func (l Lane) Quantile(share float64) time.Duration {
	took := slices.Sorted(slices.Values(l.Took))
	i := int(share*float64(l.Attacks)+0.999999) - 1
	if i = max(i, 0); i >= len(took) {
		return 0
	}
	return took[i]
}

func (l Lane) histogram(p *term.Printer) {
	fmt.Fprintf(p, "\n%s\n", l.Name)
	counts := make([]int, len(bounds))
	for _, d := range l.Took {
		i, _ := slices.BinarySearch(bounds, d)
		counts[min(i, len(bounds)-1)]++
	}
	t := term.NewTable(">up to", ">answers", "")
	most := max(1, slices.Max(counts))
	for i, n := range counts {
		if n > 0 {
			t.Row(seconds(bounds[i]), n, strings.Repeat("█", max(1, n*barMax/most)))
		}
	}
	t.PrintRows(p)
}

func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
