package settings

import (
	"fmt"
	"math"
	"net/netip"
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

// prefix reads a CIDR or a single address. Host bits are masked, IPv4 within IPv6 is unwrapped.
func (d *decoder) prefix(n ast.Node, key string) (string, bool) {
	s, ok := d.text(n, key, networkRight)
	if !ok {
		return "", false
	}
	cidr, problem, right := parsePrefix(s)
	if problem != "" {
		d.fail(n, key, problem, right)
	}
	return cidr, problem == ""
}

const (
	networkRight = "use a network (203.0.113.0/24, 2001:db8::/48) or an address"
	asnRight     = "use the number of an autonomous system, for example 64500"
)

// parsePrefix returns the network in its one form, or what is wrong and what would be right.
func parsePrefix(s string) (cidr, problem, right string) {
	p, err := netip.ParsePrefix(strings.TrimSpace(s))
	if err != nil {
		var ip netip.Addr
		if ip, err = netip.ParseAddr(strings.TrimSpace(s)); err == nil && ip.Zone() == "" {
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
	}
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	switch {
	case err != nil || !p.IsValid():
		return "", fmt.Sprintf("%q is not a network", clip(s)), networkRight
	case p.Bits() == 0:
		return "", fmt.Sprintf("%q trusts every address", clip(s)), "to stop a detector from acting, set its mode to log or off"
	}
	return p.Masked().String(), "", ""
}

// asn reads 64500 or AS64500.
func (d *decoder) asn(n ast.Node, key string) (uint32, bool) {
	s, ok := d.text(n, key, asnRight)
	if !ok {
		return 0, false
	}
	asn, problem, right := parseASN(s)
	if problem != "" {
		d.fail(n, key, problem, right)
	}
	return asn, problem == ""
}

func parseASN(s string) (asn uint32, problem, right string) {
	v, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(s), "AS"), 10, 32)
	if err != nil || v == 0 {
		return 0, fmt.Sprintf("%q is not the number of an autonomous system", clip(s)), asnRight
	}
	return uint32(v), "", ""
}

// ParseNetwork reads what a person writes for a network: a CIDR or an address.
func ParseNetwork(s string) (string, error) {
	cidr, problem, right := parsePrefix(s)
	if problem != "" {
		return "", fmt.Errorf("%s; %s", problem, right)
	}
	return cidr, nil
}
