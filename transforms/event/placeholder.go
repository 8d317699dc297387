// SPDX-License-Identifier: Apache-2.0

package event

import "strings"

// placeholderMax is the length of the longest placeholder that is a word.
const placeholderMax = 14

// placeholder tells whether a text only says that there is nothing: what log writers, languages and proxies put where a
// value is missing. Upper and lower case, quotes and white space around it do not matter, nor how many zeros an empty
// UUID has.
func placeholder(s string) bool {
	s = bare(s)
	if s == "" || zeros(s) {
		return true
	}
	if len(s) > placeholderMax {
		return false
	}
	var buf [placeholderMax]byte
	switch string(lower(buf[:0], s)) {
	case "null", "(null)", "<null>", "none", "(none)", "<none>", "nil", "<nil>", "undefined", "unknown",
		"(unknown)", "<unknown>",
		"n/a", "na", "not set", "(not set)", "notset", "not available", "not provided", "unavailable", "unspecified",
		"missing", "empty", "(empty)",
		"xx", "tbd", "anonymous", "-1", "?", "*", "nan", "false", "{}", "[]":
		return true
	}
	return false
}

// zeros tells whether s is made of zeros, dashes and points: "0", "-", "--", "0.0", the UUID of zeros.
func zeros(s string) bool { return strings.Trim(s, "0-.") == "" }

// bare removes white space and one pair of quotes around a text. It does not allocate.
func bare(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return strings.TrimSpace(s[1 : n-1])
	}
	return s
}

// lower appends s in ASCII small letters.
func lower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// ordinary tells at a glance that s is neither a placeholder nor wrapped in anything, which nearly all texts are: it
// begins and ends like a word or a number, and there is no placeholder that begins like it and is as long, or it has a
// digit in it.
func ordinary(s string) bool {
	c, last := s[0], s[len(s)-1]
	if !letter(c) && (c < '1' || c > '9') || last <= ' ' || last >= 0x80 {
		return false
	}
	switch n := len(s); c | 0x20 {
	case 'n', 'u':
		return n > placeholderMax || hasOf(s, number)
	case 'a':
		return n != len("anonymous")
	case 'e', 'f':
		return n != len("empty") && n != len("false")
	case 'm':
		return n != len("missing")
	case 't':
		return n != len("tbd")
	case 'x':
		return n != len("xx")
	}
	return true
}

// known is s without its wrapping, or "" for a placeholder.
func known(s string) string {
	if s == "" || ordinary(s) {
		return s
	}
	if placeholder(s) {
		return ""
	}
	return bare(s)
}

// knownID is known for identifiers that are often UUIDs. A UUID has one spelling here, whichever its writer uses: small
// letters, with dashes, without braces and without "urn:uuid:" (RFC 9562, 4). The ones of zeros and of f (5.9 and 5.10)
// name nothing. Other identifiers keep their case, which may matter.
func knownID(s string) string {
	s = known(s)
	if len(s) < 32 {
		return s
	}
	id := s
	if len(id) == 32 && madeOf(id, hexadecimal) {
		id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	}
	if len(id) == 45 && strings.EqualFold(id[:9], "urn:uuid:") {
		id = id[9:]
	}
	if len(id) == 38 && id[0] == '{' && id[37] == '}' {
		id = id[1:37]
	}
	if !uuid(id) {
		return s
	}
	if id = strings.ToLower(id); strings.Trim(id, "0-") == "" || strings.Trim(id, "f-") == "" {
		return ""
	}
	return id
}

// uuid tells whether s has the form of a UUID.
func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if charsets[s[i]]&hexadecimal == 0 {
				return false
			}
		}
	}
	return true
}
