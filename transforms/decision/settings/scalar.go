package settings

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// text reads a scalar as it is written: an id that looks like a number or a keyword stays what it is.
func (d *decoder) text(n ast.Node, key, right string) (string, bool) {
	var s string
	switch n := n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		s = n.GetToken().Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		d.fail(n, key, "expected a text, found "+kind(n), right)
		return "", false
	}
	if !utf8.ValidString(s) {
		d.fail(n, key, "an escape stands for no character", right)
		return "", false
	}
	return s, true
}

// name reads a text that must not be empty.
func (d *decoder) name(n ast.Node, key, right string) (string, bool) {
	s, ok := d.text(n, key, right)
	if ok && s == "" {
		d.fail(n, key, "must not be empty", right)
		return "", false
	}
	return s, ok
}

// choice reads one of several words.
func (d *decoder) choice(n ast.Node, key string, words ...string) string {
	right := "use " + strings.Join(words, ", ")
	s, ok := d.text(n, key, right)
	if ok && !slices.Contains(words, s) {
		d.fail(n, key, fmt.Sprintf("%q is not possible", clip(s)), right+suggest(s, words))
		return ""
	}
	return s
}

// names reads a list of texts, sorted and without repeats.
func (d *decoder) names(n ast.Node, key, right string) []string {
	var out []string
	for i, it := range d.items(n, key, right) {
		if s, ok := d.name(it, fmt.Sprintf("%s[%d]", key, i), right); ok {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (d *decoder) boolean(n ast.Node, key string) bool {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	d.fail(n, key, "expected true or false, found "+kind(n), "")
	return false
}

// whole reads a decimal number between low and high.
func (d *decoder) whole(n ast.Node, key string, low, high uint64) (uint64, bool) {
	right := fmt.Sprintf("use a whole number from %d to %d", low, high)
	s, ok := d.text(n, key, right)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil || v < low || v > high {
		d.fail(n, key, fmt.Sprintf("%q is not possible", clip(s)), right)
		return 0, false
	}
	return v, true
}

// fraction reads a number from 0 to 1.
func (d *decoder) fraction(n ast.Node, key string) (float64, bool) {
	const right = "use a fraction from 0 to 1, for example 0.005 for 0.5 %"
	s, ok := d.text(n, key, right)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1 {
		d.fail(n, key, fmt.Sprintf("%q is not possible", clip(s)), right)
		return 0, false
	}
	return v + 0, true // -0 becomes 0
}

// duration reads Go's notation (24h, 90m) between low and high.
func (d *decoder) duration(n ast.Node, key string, low, high time.Duration) (time.Duration, bool) {
	right := fmt.Sprintf("use a duration from %s to %s, for example %s", renderDuration(low), renderDuration(high), renderDuration(low*2))
	s, ok := d.text(n, key, right)
	if !ok {
		return 0, false
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < low || v > high {
		d.fail(n, key, fmt.Sprintf("%q is not possible", clip(s)), right)
		return 0, false
	}
	return v, true
}

// moment reads RFC 3339 or a date, which stands for its first moment in UTC; to microseconds.
func (d *decoder) moment(n ast.Node, key string) (time.Time, bool) {
	const right = "use a date (2026-12-31) or a time (2026-12-31T18:00:00Z)"
	s, ok := d.text(n, key, right)
	if !ok {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 1970 && t.UTC().Year() <= 9999 {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	d.fail(n, key, fmt.Sprintf("%q is not a time", clip(s)), right)
	return time.Time{}, false
}
