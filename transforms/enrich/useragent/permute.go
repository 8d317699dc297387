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
// Chrome and Firefox on iOS do not: they speak by the system's stack.
func PermutesExtensions(userAgent string) bool {
	low := strings.ToLower(bound(userAgent))
	return majorOf(low, "chrome/") >= permutingChromium || majorOf(low, "chromium/") >= permutingChromium ||
		majorOf(low, "firefox/") >= permutingFirefox
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
	_, rest, ok := strings.Cut(strings.ToLower(bound(userAgent)), "chrome/")
	if !ok {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(rest)
	}
	return rest[:end]
}

// majorOf is the first number after product in low; 0 for none.
func majorOf(low, product string) int {
	_, rest, ok := strings.Cut(low, product)
	if !ok {
		return 0
	}
	return Major(cleanVersion(rest))
}
