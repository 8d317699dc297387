// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// width is how wide the text is laid out, in columns.
const width = 96

// Print writes the story for people.
func (s *Story) Print(p *term.Printer) {
	t := &teller{p}
	t.anomaly(s.Anomaly)
	t.evidence(s)
	t.clients(s.Anomaly.GetEvidence())
	t.decision(s.Decision)
	t.done(s)
	t.feedback(s.Feedback)
	t.others(s.Others)
}

// teller writes the parts of a story.
type teller struct{ *term.Printer }

// field writes a name and a text that may take several lines; a text without a name is a sentence of its own. Empty
// texts are left out.
func (t *teller) field(name, text string) {
	if name == "" {
		for _, line := range term.Wrap(term.Clean(text), width-2) {
			fmt.Fprintln(t, "  "+line)
		}
		return
	}
	for i, line := range term.Wrap(term.Clean(text), width-19) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(t, "  %-16s %s\n", name, line)
	}
}

func (t *teller) anomaly(a *aerv1.Anomaly) {
	fmt.Fprintln(t,
		t.Style(fmt.Sprintf("%s of %s in %s", a.GetType(), term.Clean(a.GetUserId()), term.Clean(a.GetOrgId())), term.Bold))
	t.field("who acted", WhoActed(a))
	t.field("", a.GetSummary())
	t.field("id", a.GetId())
	t.field("when", when(a.GetTime())+lateness(a))
	if w := a.GetWindow(); w != nil {
		t.field("window", when(w.GetStart())+" to "+when(w.GetEnd()))
	}
	t.field("severity", fmt.Sprintf("%s, confidence %.2f", a.GetSeverity(), a.GetConfidence()))
	t.field("reasons", strings.Join(a.GetReasons(), ", "))
	t.field("sessions", strings.Join(a.GetSessionIds(), ", "))
	t.field("events", strings.Join(a.GetEventIds(), ", "))
	if a.GetCount() > 1 {
		t.field("findings", fmt.Sprintf("%d folded into this anomaly", a.GetCount()))
	}
	t.field("escalates", a.GetEscalates())
	if a.GetLogOnly() {
		t.field("weight", "too weak to end sessions by itself: only logs, whatever the settings say")
	}
}

func lateness(a *aerv1.Anomaly) string {
	s := ""
	if d := a.GetKnownAt().AsTime().Sub(a.GetTime().AsTime()); a.GetKnownAt() != nil && d > 0 {
		s = fmt.Sprintf(", known %s later, at the end of its window", term.Duration(d))
	}
	if a.GetLate() {
		s += ", from events that came late"
	}
	return s
}

func (t *teller) evidence(s *Story) {
	e := s.Anomaly.GetEvidence()
	if e == nil {
		return
	}
	t.Head("EVIDENCE")
	unit := ""
	if e.GetUnit() != "" {
		unit = " " + e.GetUnit()
	}
	observed := fmt.Sprintf("%s%s against a threshold of %s", Number(e.GetObserved()), unit, Number(e.GetThreshold()))
	if e.GetThreshold() > 0 && e.GetObserved() > e.GetThreshold() {
		observed += fmt.Sprintf(", %.1f times as much", e.GetObserved()/e.GetThreshold())
	}
	t.field("signal", e.GetSignal())
	t.field("observed", observed)
	t.field("formula", e.GetFormula())
	t.field("with numbers", e.GetFormulaFilled())
	t.baseline(e)
	t.signs(s)
	for _, n := range e.GetNotes() {
		t.field("note", n)
	}
}

func (t *teller) baseline(e *aerv1.Evidence) {
	version := e.GetBaselineVersion()
	if version == "" {
		version = "none: judged by fixed limits"
	}
	if e.GetBaselineN() > 0 {
		version += " (" + term.Count(e.GetBaselineN(), "observation") + ")"
	}
	t.field("baseline", version)
	for _, row := range e.GetBaselineRows() {
		t.field("  row", row)
	}
}

func (t *teller) clients(e *aerv1.Evidence) {
	now, before := e.GetClient(), e.GetPrevious()
	if now == nil {
		return
	}
	t.Head("CLIENT")
	head := []string{"  ", "as seen", "before"}
	if before == nil {
		head = head[:2] // cells beyond the header are left out
	}
	table := term.NewTable(head...)
	row := func(name, a, b string) {
		if a != "" || b != "" {
			table.Row("  "+name, term.Cut(a, 38), term.Cut(b, 38))
			if a != b && before != nil {
				table.StyleCell(1, term.Yellow)
			}
		}
	}
	row("address", now.GetIp(), before.GetIp())
	row("network", network(now), network(before))
	row("country", now.GetCountry(), before.GetCountry())
	row("client", family(now), family(before))
	row("system", now.GetFacts().GetOs(), before.GetFacts().GetOs())
	row("device", now.GetDeviceId(), before.GetDeviceId())
	row("TLS fingerprint", now.GetJa4(), before.GetJa4())
	table.Print(t.Printer)
	t.field("user agent", now.GetUserAgent())
	if before.GetUserAgent() != now.GetUserAgent() {
		t.field("before", before.GetUserAgent())
	}
	t.field("known", fmt.Sprintf("client %s, network %s", usual(e.GetClientUsual()), usual(e.GetNetworkUsual())))
	t.field("details", strings.Join(e.GetIpAddressDetails(), ", "))
}

func usual(yes bool) string {
	if yes {
		return "usual for this person"
	}
	return "new to this person"
}

func network(c *aerv1.Client) string {
	if c.GetAsn() == 0 {
		return ""
	}
	s := fmt.Sprintf("AS%d", c.GetAsn())
	if c.GetFacts().GetTor() {
		s += ", Tor exit"
	}
	if c.GetFacts().GetHosting() {
		s += ", hosting"
	}
	return s
}

func family(c *aerv1.Client) string {
	f := c.GetFacts()
	return strings.TrimSpace(strings.TrimSpace(f.GetFamily()+" "+f.GetVersion()) + " " + parens(f.GetClass()))
}

func parens(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format("2006-01-02 15:04:05.000 UTC")
}

// Number shows a float without useless digits.
func Number(f float64) string {
	if f == float64(int64(f)) && f < 1e15 && f > -1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}

func shortTime(t time.Time) string { return t.UTC().Format("01-02 15:04:05") }
