// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/aer-project/aer/cmd/aer/term"
)

// Print writes rows as one table, the ratios first, and what follows from them.
func Print(p *term.Printer, rows []Row) {
	t := term.NewTable(">of limit", "what", ">events/s", ">µs/event", ">objects", ">bytes", ">peak MB")
	stream := ""
	for _, r := range rows {
		if r.Stream != stream {
			stream = r.Stream
			t.Note(fmt.Sprintf("%s, %s:", stream, thousands(float64(r.Events))+" events"))
		}
		if r.Failed != "" {
			t.Row("-", r.Name, "failed")
			t.Note("      " + term.Cut(lastLine(r.Failed), 110))
			continue
		}
		t.Row(times(r.OfLimit), r.Name, thousands(r.EventsPerSecond), fmt.Sprintf("%.2f", r.CPUMicros),
			figure(r.Objects, 1), figure(r.Bytes, 0), figure(float64(r.MemoryMax)/1e6, 0))
	}
	t.Print(p)
	for _, line := range follows(rows) {
		fmt.Fprintln(p, line)
	}
}

// lastLine is the end of an error, which of a program's is what it said last.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}

func times(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f ×", x)
}

func figure(x float64, digits int) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, x)
}

// thousands writes a large number with separators.
func thousands(x float64) string {
	text := fmt.Sprintf("%.0f", math.Round(x))
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// follows are the ratios between rows: what a second core brings, and how costs grow with the stream.
func follows(rows []Row) (lines []string) {
	at := map[[2]string]Row{}
	for _, r := range rows {
		if r.Failed == "" {
			at[[2]string{r.Stream, r.Name}] = r
		}
	}
	for _, r := range rows {
		if two := at[[2]string{r.Stream, growing2}]; r.Name == growing && two.EventsPerSecond > 0 {
			lines = append(lines, fmt.Sprintf("%s: two cores take in %.2f times what one does", r.Stream,
				two.EventsPerSecond/r.EventsPerSecond))
		}
	}
	whole, fourth := at[[2]string{"sparse", growing}], at[[2]string{"quarter", growing}]
	if whole.Events > 0 && fourth.Events > 0 {
		lines = append(lines, fmt.Sprintf("t(4N)/t(N) is %.2f from %s to %s events",
			whole.CPUMicros*float64(whole.Events)/fourth.CPUMicros/float64(fourth.Events),
			thousands(float64(fourth.Events)), thousands(float64(whole.Events))))
	}
	return lines
}
