// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"strconv"
	"strings"
)

// First versions that send the extensions of a TLS handshake in an order drawn anew for every connection, so that a
// fingerprint that depends on the order (JA3) names nobody: Chrome and what is built on Chromium ("TLS ClientHello
// extension permutation", chromestatus.com feature 5124606246518784), and Firefox with NSS 3.91 ("Permute TLS
// ClientHello extensions", bug 1789436).
const (
	permutingChromium = 110
	permutingFirefox  = 114
)

// PermutesExtensions says whether the client that a raw user agent claims to be draws the order of its TLS extensions.
// Chrome and Firefox on iOS do not: they speak by the system's stack. What counts is the first version given of each.
func PermutesExtensions(userAgent string) bool {
	ua := Bound(userAgent)
	var seen [len(permuting)]bool
	for from := 0; ; {
		slash := strings.IndexByte(ua[from:], '/')
		if slash < 0 {
			return false
		}
		slash += from
		for i, p := range permuting {
			if seen[i] || !endsFold(ua[:slash], p.product) {
				continue
			}
			if seen[i] = true; Major(cleanVersion(ua[slash+1:])) >= p.since {
				return true
			}
		}
		from = slash + 1
	}
}

// permuting are the products whose versions count, and since when.
var permuting = [...]struct {
	product string
	since   int
}{{"chrome", permutingChromium}, {"chromium", permutingChromium}, {"firefox", permutingFirefox}}

// endsFold says whether s ends in a word, which has lower-case letters only, in whatever case.
func endsFold(s, word string) bool {
	if len(s) < len(word) || s[len(s)-1]|0x20 != word[len(word)-1] {
		return false
	}
	return strings.EqualFold(s[len(s)-len(word):], word)
}

// Major is the first number of a version; 0 for none.
func Major(version string) int {
	first, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return n
}

// ChromiumVersion is the version of Chromium in a raw user agent, as written; empty for none.
func ChromiumVersion(userAgent string) string {
	_, rest, ok := strings.Cut(strings.ToLower(Bound(userAgent)), "chrome/")
	if !ok {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(rest)
	}
	return rest[:end]
}
