// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"strings"
)

// version is the version that follows product: after a slash, a space, a colon or "v", "major.minor.patch" as far as
// given.
func (a *agent) version(product string) string {
	if product == "" {
		return ""
	}
	v, _ := a.productVersion(product)
	return v
}

// productVersion looks for product as a whole name; ok says whether it is there with a version.
func (a *agent) productVersion(product string) (string, bool) {
	product = strings.TrimSuffix(product, "/")
	for from := 0; ; {
		i := strings.Index(a.low[from:], product)
		if i < 0 {
			return "", false
		}
		i += from
		from = i + len(product)
		if i > 0 && wordByte(a.low[i-1]) {
			continue
		}
		rest := strings.TrimLeft(a.low[from:], "/ :;")
		rest = strings.TrimPrefix(rest, "v")
		if v := cleanVersion(rest); v != "" {
			return v, true
		}
	}
}

// cleanVersion takes up to three numbers with dots (or underscores) between them from the begin of s.
func cleanVersion(s string) string {
	end, parts := 0, 1
	for ; end < len(s) && end < maxVersionBytes; end++ {
		if isDigit(s[end]) {
			continue
		}
		if s[end] != '.' && s[end] != '_' || end+1 >= len(s) || !isDigit(s[end+1]) || parts == 3 {
			break
		}
		parts++
	}
	if end == 0 || !isDigit(s[0]) {
		return ""
	}
	return strings.Trim(strings.ReplaceAll(s[:end], "_", "."), ".")
}

// VersionLess says whether version a is older than b, number by number: "9.1" < "10", "1.2" = "1.2.0". Missing numbers
// are zero. An empty version is unknown, neither older nor newer. What is no number ends a version.
func VersionLess(a, b string) bool {
	a, b = cleanVersion(strings.TrimPrefix(a, "v")), cleanVersion(strings.TrimPrefix(b, "v"))
	if a == "" || b == "" {
		return false
	}
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		// Without leading zeros the longer number is the greater one, however long.
		if len(x) != len(y) {
			return len(x) < len(y)
		}
		if x != y {
			return x < y
		}
	}
	return false
}

// tidyFamily makes a family from a name: lower case, one dash for what separates words, bounded, no version at its end.
func tidyFamily(name string) string {
	var b strings.Builder
	dash := false
	for i := 0; i < len(name) && b.Len() < maxFamilyBytes; i++ {
		c := name[i]
		if !wordByte(c) && c != '.' && c != '_' || c >= 0x80 {
			dash = b.Len() > 0
			continue
		}
		if dash {
			if b.Len()+2 > maxFamilyBytes {
				break
			}
			b.WriteByte('-')
			dash = false
		}
		b.WriteByte(c)
	}
	return strings.Trim(b.String(), "-._")
}
