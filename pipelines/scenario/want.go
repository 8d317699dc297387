// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

// What stands in the place of somebody's name: nobody was found, and so many findings were part of an anomaly above.
const (
	none   = "none"
	folded = "folded"
)

// quoted are facts of which an expectation gives some words; asked are those that stand as key=value.
var (
	quoted = []string{"summary", "reason", "note"}
	asked  = []string{"severity", "confidence", "reasons", "sessions", "count", "late"}
)

// fact is one thing that is so, or must be so, of an anomaly and the decision about it.
type fact struct{ name, value string }

// expectation is what must be so of one anomaly. text is as it is written, with the comments above it.
type expectation struct {
	text  string
	facts []fact
}

// parseWant reads the section want.
func (s *Story) parseWant(part section) (err error) {
	n, above := 0, ""
	for text := range strings.Lines(part.text) {
		n, above = n+1, above+text
		said := strings.TrimSpace(text)
		if said == "" || said[0] == '#' {
			continue
		}
		var facts []fact
		if text[0] != ' ' && text[0] != '\t' {
			facts, err = s.facts(said)
			s.want = append(s.want, expectation{})
		} else if facts, err = cite(said); err == nil && len(s.want) == 0 {
			err = errors.New("an indented line goes on with the expectation above it, and there is none")
		}
		if err != nil {
			return part.errorf(n, "%w", err)
		}
		e := &s.want[len(s.want)-1]
		e.text, e.facts, above = e.text+above, append(e.facts, facts...), ""
	}
	if len(s.want) > 0 {
		s.want[len(s.want)-1].text += above
	}
	return nil
}

// cite reads FACT : WORDS.
func cite(said string) ([]fact, error) {
	name, words, ok := strings.Cut(said, ":")
	f := fact{strings.TrimSpace(name), strings.TrimSpace(words)}
	if !ok || !slices.Contains(quoted, f.name) {
		return nil, fmt.Errorf("%q is not known here; want one of %s, then : and words", f.name, strings.Join(quoted, ", "))
	}
	return []fact{f}, nil
}

// facts reads [TIME] WHO TYPE [log|act] [OUTCOME [escalate] [by GATE]] [key=value...] [: WORDS].
func (s *Story) facts(said string) (out []fact, err error) {
	head, words, cited := strings.Cut(said+" ", " : ")
	l := &line{words: strings.Fields(head)}
	add := func(name, value string) { out = append(out, fact{name, value}) }
	if w := l.peek(); w[0] <= '9' && strings.Contains(w, ":") {
		at, _, err := parseTime(l.take(), s.day)
		if err != nil {
			return nil, err
		}
		add("time", formatTime(at, s.day))
	}
	add("who", strings.TrimPrefix(l.take(), defaultOrg+"/"))
	switch typ := l.take(); {
	case out[0].value == none && typ == "":
		return out, nil
	case out[0].value == folded:
		return append(out, fact{"type", typ}), nil
	case !slices.Contains(aerv1.AnomalyTypes, typ):
		return nil,
			fmt.Errorf("%q is no type of anomaly; write none, or [TIME] WHO TYPE [log|act] [OUTCOME] [: WORDS] with one of %s",
				typ, strings.Join(aerv1.AnomalyTypes, ", "))
	default:
		add("type", typ)
	}
	about, err := judgement(l, add)
	if cited {
		add(about, strings.TrimSpace(words))
	}
	return out, err
}

// judgement reads [log|act] [OUTCOME [escalate] [by GATE]] [key=value...], and says what words behind it are about.
func judgement(l *line, add func(name, value string)) (about string, err error) {
	about = "summary"
	for w := l.take(); w != ""; w = l.take() {
		switch key, value, _ := strings.Cut(w, "="); {
		case w == "log" || w == "act":
			add("does", w)
		case slices.Contains(outcomes(), w):
			about = "reason"
			add("outcome", w)
			add("escalate", fmt.Sprint(l.peek() == "escalate"))
		case w == "escalate" && about == "reason": // is said with the outcome
		case w == "by" && slices.Contains(gates(), l.peek()):
			add("by", l.take())
		case slices.Contains(asked, key):
			add(key, value)
		default:
			if w == "by" {
				w += " " + l.peek()
			}
			return "", fmt.Errorf("%q is not known here; want log, act, an outcome (%s), by GATE (%s), or KEY= (%s)", w,
				strings.Join(outcomes(), ", "), strings.Join(gates(), ", "), strings.Join(asked, ", "))
		}
	}
	return about, nil
}

func outcomes() []string {
	all := maps.Clone(aerv1.Decision_Outcome_value)
	delete(all, aerv1.Decision_OUTCOME_UNSPECIFIED.String())
	return slices.Sorted(maps.Keys(all))
}

// gates are those that can have decided, and none.
func gates() []string {
	names := []string{decision.GateCommonCause, decision.GateBudgetOrg, decision.GateBudgetGlobal, none}
	for _, g := range decision.Gates {
		names = append(names, g.Name)
	}
	return names
}

// gate is the one that decided: the last that did not let the anomaly pass.
func gate(d *aerv1.Decision) string {
	for _, r := range slices.Backward(d.GetTrace()) {
		if !r.GetPassed() {
			return r.GetGate()
		}
	}
	return none
}

// factsOf is all that can be asked of an anomaly and the decision about it.
func factsOf(a *aerv1.Anomaly, d *aerv1.Decision, day time.Time) map[string]string {
	does := "act"
	if a.GetLogOnly() {
		does = "log"
	}
	e := a.GetEvidence()
	return map[string]string{
		"time": formatTime(d.GetTime().AsTime(), day), "who": who(a), "type": a.GetType(), "does": does,
		"outcome": d.GetOutcome().String(), "escalate": fmt.Sprint(d.GetEscalate()), "by": gate(d),
		"severity": a.GetSeverity(), "confidence": strconv.FormatFloat(a.GetConfidence(), 'g', 2, 64),
		"reasons":  strings.Join(a.GetReasons(), ","),
		"sessions": strings.Join(a.GetSessionIds(), ","), "count": fmt.Sprint(a.GetCount()), "late": fmt.Sprint(a.GetLate()),
		"summary": a.GetSummary(), "reason": d.GetReason(),
		"note": strings.Join(append([]string{e.GetFormulaFilled()}, e.GetNotes()...), "; "),
	}
}

// agrees says whether everything that is expected is so.
func (e *expectation) agrees(got map[string]string) bool {
	return !slices.ContainsFunc(e.facts, func(f fact) bool {
		is := got[f.name]
		return is != f.value && !(slices.Contains(quoted, f.name) && strings.Contains(is, f.value))
	})
}
