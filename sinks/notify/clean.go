// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"net/netip"
	"strings"
	"unicode"
)

// Longest values in a message, in characters: a name that is longer is an attempt at something else.
const (
	maxName  = 80
	maxLine  = 300
	maxToken = 40
)

// clean makes untrusted text one printable line of at most max characters: control and formatting characters (line
// breaks, text direction, zero width) become spaces, because they can forge headers, lines or what a reader sees.
func clean(s string, max int) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "?") {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			r = ' '
		}
		b.WriteRune(r)
	}
	out := []rune(strings.Join(strings.Fields(b.String()), " "))
	if len(out) > max {
		return string(out[:max-1]) + "…"
	}
	return string(out)
}

// Line makes untrusted text, such as a server's answer, one printable line of bounded length.
func Line(s string) string { return clean(s, maxLine) }

// token keeps what may stand in the name of a program or a country. Whoever sends events chooses the user agent, and
// mail programs make links of anything that looks like one.
func token(s string) string {
	keep := func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._+- ", r)) {
			return r
		}
		return -1
	}
	return clean(strings.Map(keep, s), maxToken)
}

// address returns s if it is an IP address, else nothing.
func address(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return a.WithZone("").String()
}

// shellWord quotes s so that a command can be copied from a message whatever s holds.
func shellWord(s string) string {
	safe := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_')
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
