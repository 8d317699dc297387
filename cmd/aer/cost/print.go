// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines/capacity"
)

// Print writes an estimate for people, at most 120 columns wide.
func (e Estimate) Print(p *term.Printer) {
	n := capacity.Number
	fmt.Fprintf(p, "%s events a day of %s users, %s a second at the peak\n", n(e.Load.EventsPerDay), n(e.Load.Users),
		n(e.Load.PeakPerSecond))
	fmt.Fprintf(p, "List prices in dollars: Google Cloud, %s, of %s\n\n", e.Prices.Region, e.Prices.dates())
	e.printItems(p)
	e.printTarget(p)
	e.printEvent(p)
	e.printPlan(p)
	e.printLevers(p)
	section(p, "Taken for granted")
	for _, a := range e.Assumptions {
		fmt.Fprintln(p, a)
	}
	fmt.Fprintln(p, "Every price and figure with its day and source: -o json")
}

func section(p *term.Printer, title string) { fmt.Fprintf(p, "\n%s\n", p.Style(title, term.Bold)) }

func (e Estimate) printItems(p *term.Printer) {
	n := capacity.Number
	t := term.NewTable("a month", "", "unit", ">price", ">naive", ">$", ">recommended", ">$")
	group := ""
	for i, naive := range e.Naive.Items {
		rec := e.Recommended.Items[i]
		name := naive.Group
		if name == group {
			name = ""
		}
		group = naive.Group
		t.Row(name, naive.Name, naive.Unit, price(naive.Price), n(naive.Quantity), dollars(naive.USD), n(rec.Quantity),
			dollars(rec.USD))
	}
	sum := func(what, naive, rec string) { t.Row(what, "", "", "", "", naive, "", rec).Style(term.Bold) }
	sum("in all", dollars(e.Naive.USD), dollars(e.Recommended.USD))
	sum("a billion events", cents(e.Naive.PerBillion), cents(e.Recommended.PerBillion))
	t.Print(p)
}

func (e Estimate) printTarget(p *term.Printer) {
	over := e.Recommended.PerBillion - e.Target
	if over <= 0 {
		fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf("The target of $%s a billion events is met.",
			capacity.Number(e.Target)), term.Green))
		return
	}
	fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf("The target of $%s a billion events is missed by $%s.",
		capacity.Number(e.Target), cents(over)), term.Yellow))
	ways := e.ways()
	for _, w := range ways {
		fmt.Fprintln(p, w)
	}
	if len(ways) == 0 {
		fmt.Fprintln(p, "No lever below reaches it.")
	}
}

// ways are what would meet the target: settings that do it alone, and how far down the path of levers it is.
func (e Estimate) ways() (ways []string) {
	for _, l := range e.Levers {
		if l.Kind == KindSetting && e.Recommended.PerBillion-l.Saves <= e.Target {
			ways = append(ways, "It is met by one setting: "+l.Name+".")
		}
	}
	for _, l := range e.Levers {
		if l.After > 0 && l.After <= e.Target {
			return append(ways, "It is met by all levers down to: "+l.Name+".")
		}
	}
	return ways
}

// printEvent tells where the quantities come from.
func (e Estimate) printEvent(p *term.Printer) {
	section(p, "What one event takes")
	t := term.NewTable("", ">naive", ">recommended", "multiplied by")
	a, b := e.Naive.Event, e.Recommended.Event
	row := func(what string, naive, rec float64, by string) {
		t.Row(what, capacity.Number(naive), capacity.Number(rec), by)
	}
	row("bytes in Pub/Sub, each way", a.Wire, b.Wire, "events a month")
	row("µs of CPU", a.CPUMicros, b.CPUMicros, "events a second (naive: at the peak) / utilisation x 730 h")
	row("bytes across the first shuffle", a.Shuffled, b.Shuffled,
		"events a month, with the others that move: Streaming Engine")
	row("bytes in batches, to the shards", a.Batched, b.Batched, "")
	row("bytes written to the state of shards", a.Stored, b.Stored, "")
	row("bytes to the warehouse", a.Activity, b.Activity, "")
	row("rows of activity", a.Rows, b.Rows, "events a month x bytes of a row")
	row("bytes of activity read for baselines", a.Read, b.Read, "events a month")
	t.Print(p)
}

func (e Estimate) printPlan(p *term.Printer) {
	section(p, "How it is laid out (recommended)")
	t := term.NewTable("", "", "")
	for _, l := range e.Recommended.Plan.Lines(e.Measured) {
		t.Row(l.What, l.Value, l.How)
	}
	t.PrintRows(p)
}

func (e Estimate) printLevers(p *term.Printer) {
	section(p, "Levers: dollars a billion events, from the recommended bill")
	t := term.NewTable("lever", "takes", ">saves alone", ">then, with those above")
	for _, l := range e.Levers {
		then := ""
		if l.After > 0 {
			then = cents(l.After)
		}
		t.Row(l.Name, l.Kind, cents(l.Saves), then)
	}
	t.Print(p)
}

// dates is the first and the last day on which a price was read.
func (p Prices) dates() string {
	var all []string
	for _, x := range p.list() {
		all = append(all, x.Date)
	}
	first, last := slices.Min(all), slices.Max(all)
	if first == last {
		return first
	}
	return first + " to " + last
}

func dollars(x float64) string {
	if x == 0 {
		return "0"
	}
	if x < 10 {
		return cents(x)
	}
	return capacity.Number(float64(int64(x + 0.5)))
}

func cents(x float64) string {
	if x >= 1000 || x <= -1000 {
		return capacity.Number(x)
	}
	return fmt.Sprintf("%.2f", x)
}

func price(x float64) string {
	s := strings.TrimRight(fmt.Sprintf("%.6f", x), "0")
	return strings.TrimSuffix(s, ".")
}
