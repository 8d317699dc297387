// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Text reads a scalar as it is written: an id that looks like a number or a keyword stays what it is.
func (r *Reader) Text(n ast.Node, key, right string) (string, bool) {
	var s string
	switch n := whole(n).(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		s = n.GetToken().Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		r.Fail(n, key, "expected a text, found "+Kind(n), right)
		return "", false
	}
	if !utf8.ValidString(s) {
		r.Fail(n, key, "an escape stands for no character", right)
		return "", false
	}
	return s, true
}

// whole puts a plain word with a colon in it together, such as env:NAME: within braces the parser takes it for a
// mapping, though YAML wants a space after the colon of one. {a:} has no word after it, and is a mapping.
func whole(n ast.Node) ast.Node {
	m, ok := n.(*ast.MappingNode)
	if !ok || len(m.Values) != 1 {
		return n
	}
	v := m.Values[0]
	key, isText := v.Key.(*ast.StringNode)
	value, scalar := whole(v.Value).(ast.ScalarNode)
	if !isText || !scalar || key.Token.Type != token.StringType || value.GetToken().Type == token.ImplicitNullType {
		return n
	}
	colon, next := v.Start.Position, value.GetToken().Position
	if colon.Line != next.Line || colon.Column+1 != next.Column {
		return n
	}
	t := *key.Token
	t.Value += ":" + value.GetToken().Value
	return ast.String(&t)
}

// Name reads a text that must not be empty.
func (r *Reader) Name(n ast.Node, key, right string) (string, bool) {
	s, ok := r.Text(n, key, right)
	if ok && s == "" {
		r.Fail(n, key, "must not be empty", right)
		return "", false
	}
	return s, ok
}

// Choice reads one of several words.
func (r *Reader) Choice(n ast.Node, key string, words ...string) string {
	right := "use " + strings.Join(words, ", ")
	s, ok := r.Text(n, key, right)
	if ok && !slices.Contains(words, s) {
		r.Fail(n, key, notPossible(s), right+suggest(s, words))
		return ""
	}
	return s
}

// Names reads a list of texts, sorted and without repeats.
func (r *Reader) Names(n ast.Node, key, right string) []string {
	var out []string
	for i, it := range r.Items(n, key, right) {
		if s, ok := r.Name(it, fmt.Sprintf("%s[%d]", key, i), right); ok {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Boolean reads true or false.
func (r *Reader) Boolean(n ast.Node, key string) bool {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	r.Fail(n, key, "expected true or false, found "+Kind(n), "")
	return false
}

// Whole reads a decimal number between low and high.
func (r *Reader) Whole(n ast.Node, key string, low, high uint64) (uint64, bool) {
	right := fmt.Sprintf("use a whole number from %d to %d", low, high)
	return parsed(r, n, key, right, func(s string) (uint64, bool) {
		v, err := strconv.ParseUint(s, 10, 64)
		return v, err == nil && v >= low && v <= high
	})
}

// Fraction reads a number from 0 to 1.
func (r *Reader) Fraction(n ast.Node, key string) (float64, bool) {
	return parsed(r, n, key, "use a fraction from 0 to 1, for example 0.005 for 0.5 %", func(s string) (float64, bool) {
		v, err := strconv.ParseFloat(s, 64)
		return v + 0, err == nil && v >= 0 && v <= 1 // -0 becomes 0, and NaN is neither
	})
}

// Duration reads Go's notation (24h, 90m) between low and high.
func (r *Reader) Duration(n ast.Node, key string, low, high time.Duration) (time.Duration, bool) {
	right := fmt.Sprintf("use a duration from %s to %s, for example %s", Duration(low), Duration(high), Duration(low*2))
	return parsed(r, n, key, right, func(s string) (time.Duration, bool) {
		v, err := time.ParseDuration(s)
		return v, err == nil && v >= low && v <= high
	})
}

// parsed reads a text and what it stands for.
func parsed[T any](r *Reader, n ast.Node, key, right string, parse func(string) (T, bool)) (v T, ok bool) {
	s, ok := r.Text(n, key, right)
	if !ok {
		return v, false
	}
	if v, ok = parse(s); !ok {
		r.Fail(n, key, notPossible(s), right)
	}
	return v, ok
}

// Moment reads RFC 3339 or a date, which stands for its first moment in UTC; to microseconds.
func (r *Reader) Moment(n ast.Node, key string) (time.Time, bool) {
	const right = "use a date (2026-12-31) or a time (2026-12-31T18:00:00Z)"
	s, ok := r.Text(n, key, right)
	if !ok {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 1970 && t.UTC().Year() <= 9999 {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	r.Fail(n, key, fmt.Sprintf("%q is not a time", Clip(s)), right)
	return time.Time{}, false
}

// Duration writes whole hours and minutes without the zero parts that Go adds ("24h", not "24h0m0s").
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
