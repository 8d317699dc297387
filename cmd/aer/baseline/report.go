// SPDX-License-Identifier: Apache-2.0

// Package baseline shows what versions of baselines say.
package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
)

// Built is a version in short.
type Built struct {
	Version    string    `json:"version"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	// Orgs and Users are those that were active in its history; Rows are all rows.
	Orgs  int    `json:"orgs"`
	Users uint32 `json:"users"`
	Rows  int    `json:"rows"`
	// Cold are organisations with too few people for thresholds of their own.
	Cold []string `json:"cold,omitempty"`
	// Fate is added, known or replaced.
	Fate string `json:"fate,omitempty"`
}

// Describe puts a version in short.
func Describe(v *aerv1.Baseline, fate string) Built {
	x := core.NewIndex(v)
	from, until := x.Valid()
	b := Built{Version: x.Version(), ValidFrom: from, ValidUntil: until, Users: x.People(core.Everyone),
		Rows: rows(v), Fate: fate}
	for _, org := range x.Orgs() {
		b.Orgs++
		if x.People(org) < core.DefaultSupport.People {
			b.Cold = append(b.Cold, org)
		}
	}
	return b
}

// rows counts the rows of a version, whatever their kinds.
func rows(v *aerv1.Baseline) int {
	m, n := v.ProtoReflect(), 0
	for fields, i := m.Descriptor().Fields(), 0; i < fields.Len(); i++ {
		if f := fields.Get(i); f.IsList() {
			n += m.Get(f).List().Len()
		}
	}
	return n
}

// DescribeAll puts what became of versions in short, in the order of their days.
func DescribeAll(m core.Merged) []Built {
	var out []Built
	for fate, list := range map[string][]*aerv1.Baseline{"added": m.Added, "known": m.Known, "replaced": m.Replaced} {
		for _, v := range list {
			out = append(out, Describe(v, fate))
		}
	}
	slices.SortFunc(out, func(a, b Built) int {
		return cmp.Or(a.ValidFrom.Compare(b.ValidFrom), compareFates(a.Fate, b.Fate), strings.Compare(a.Version, b.Version))
	})
	return out
}

// compareFates puts what was replaced before what replaced it.
func compareFates(a, b string) int {
	order := []string{"replaced", "known", "added"}
	return slices.Index(order, a) - slices.Index(order, b)
}

// shown is how many versions a table lists before it cuts.
const shown = 20

// PrintBuilt lists versions; of many, the last.
func PrintBuilt(p *term.Printer, list []Built) {
	t := term.NewTable("version", "valid from", "until", ">organisations", ">people", ">rows", ">cold", "")
	if cut := len(list) - shown; cut > 0 {
		t.Note(fmt.Sprintf("(%s)", term.Count(cut, "earlier version")))
		list = list[cut:]
	}
	for _, b := range list {
		t.Row(b.Version, day10(b.ValidFrom), day10(b.ValidUntil), b.Orgs, b.Users, b.Rows, len(b.Cold), b.Fate)
	}
	t.Print(p)
	if len(list) == 0 {
		return
	}
	if last := list[len(list)-1]; len(last.Cold) > 0 {
		fmt.Fprintf(p, "\nCold: %s\n", coldness(last))
	}
}

func coldness(b Built) string {
	if len(b.Cold) == b.Orgs && b.Users < core.DefaultSupport.People {
		return fmt.Sprintf(
			"fewer than %d people in all organisations together; fixed limits and each person's own habits hold",
			core.DefaultSupport.People)
	}
	return fmt.Sprintf("%d of %d organisations have fewer than %d people and go by all organisations together",
		len(b.Cold), b.Orgs, core.DefaultSupport.People)
}

// day10 is a day, with the time where it is not midnight.
func day10(t time.Time) string {
	switch {
	case t.IsZero():
		return "open"
	case t.Equal(t.Truncate(day)):
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
