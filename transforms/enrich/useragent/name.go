// SPDX-License-Identifier: Apache-2.0

package useragent

import "strings"

// name is what the client calls itself: the product that leads or, in a browser's string, the one that is no browser's.
func (a *agent) name() string {
	if !a.mozilla {
		return a.product
	}
	if _, rest, ok := strings.Cut(a.low, "compatible;"); ok {
		if n := leading(strings.TrimSpace(rest)); n != "" {
			return n
		}
	}
	fields := strings.Fields(a.low)
	for i := len(fields) - 1; i > 0; i-- {
		n, _, ok := strings.Cut(fields[i], "/")
		if ok && n != "" && !browserParts[n] && strings.IndexByte(n, '(') < 0 {
			return strings.Trim(n, "[]();,+")
		}
	}
	return "mozilla"
}

// browserParts are products in every browser's string.
var browserParts = setOf("mozilla applewebkit safari chrome mobile version gecko build firefox chromium mobilesafari")

// embedder is the application around Chromium: the product before "chrome/" that is no browser's.
func (a *agent) embedder() string {
	for _, f := range strings.Fields(a.low) {
		n, _, ok := strings.Cut(f, "/")
		if ok && !browserParts[n] && n != "electron" && strings.IndexByte(n, '(') < 0 {
			return n
		}
	}
	return "electron"
}

// leading is the name that s begins with: up to a slash, a bracket or a separator, or a word that begins with a digit.
func leading(s string) string {
	end := strings.IndexAny(s, "/()[];,:")
	if end < 0 {
		end = len(s)
	}
	for i := 1; i < end; i++ {
		if s[i-1] == ' ' && (isDigit(s[i]) || s[i] == 'v' && i+1 < end && isDigit(s[i+1])) {
			end = i
		}
	}
	return strings.TrimSpace(s[:end])
}
