// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"slices"
	"strings"
)

// agent is a user agent with what the rules ask about it.
type agent struct {
	low string
	// product is the name that leads, without its version.
	product string
	// mozilla: it begins like a browser's.
	mozilla bool
	// engine: it names a layout engine.
	engine bool
	// browser is the one that it names, of browserTokens; zero for none.
	browser browserToken
	// tv: a television or the like; mobile: also a telephone or a tablet; platform: any machine that people use.
	tv, mobile, platform bool
	// phoneApp: an application of a telephone, by its system's own HTTP stack or by the machine that it names beside
	// itself. No robot runs there, whatever the application is called: "Heart Monitor", "Rest Timer", "Chatbot".
	phoneApp bool
	// electron: a desktop application around Chromium.
	electron bool
	// os is Client.OS.
	os string
	// deviceStart and deviceEnd enclose the free text in which Android browsers give the maker's name of the device.
	deviceStart, deviceEnd int
}

func newAgent(userAgent string) *agent {
	a := &agent{low: strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(userAgent, "")))}
	a.mozilla = strings.HasPrefix(a.low, "mozilla")
	a.product = leading(a.low)
	a.engine = containsAny(a.low, engineTokens)
	if i := slices.IndexFunc(browserTokens, func(b browserToken) bool { return a.begins(b.token) }); i >= 0 {
		a.browser = browserTokens[i]
	}
	a.tv = containsAny(a.low, tvTokens)
	a.mobile = a.tv || containsAny(a.low, mobileTokens) || a.begins("ios/") || a.begins("ios ") || a.begins("ios;")
	a.platform = a.mobile || containsAny(a.low, desktopTokens)
	a.os = a.osFamily()
	a.phoneApp = a.mobile && !a.mozilla && !a.tv && containsAny(a.low, phoneAppTokens)
	a.electron = a.has("electron/") || a.has("atomshell/")
	for _, os := range []string{"android", "windows phone"} {
		if i := strings.Index(a.low, os); i >= 0 {
			a.deviceStart, a.deviceEnd = i, i+len(os)
			if end := strings.IndexByte(a.low[i:], ')'); end >= 0 {
				a.deviceEnd = i + end
			}
			break
		}
	}
	return a
}

// libraryName says whether the leading product is a library by its name or a word of it, or whether a program that
// names no machine names a library later.
func (a *agent) libraryName() bool {
	if libraryNames[a.product] || strings.HasPrefix(a.product, "go-") || hasLibraryWord(a.product) {
		return true
	}
	// an engine of games on all machines, which names its libcurl
	if a.platform || a.engine || a.product == "unityplayer" {
		return false
	}
	_, rest, _ := strings.Cut(a.low, a.product)
	return containsAny(rest, namedLibraries)
}

func hasLibraryWord(name string) bool {
	for w := range strings.FieldsFuncSeq(name, notWordRune) {
		if w = trimDigits(w); libraryWords[w] {
			return true
		}
		for _, s := range librarySuffixes {
			if len(w) > len(s) && strings.HasSuffix(w, s) {
				return true
			}
		}
	}
	return false
}

// begins says whether token stands in the string where a word begins: "ios/" does not in "axios/0.18".
func (a *agent) begins(token string) bool {
	for from := 0; ; {
		i := strings.Index(a.low[from:], token)
		if i < 0 {
			return false
		}
		if from += i; from == 0 || !wordByte(a.low[from-1]) {
			return true
		}
		from++
	}
}

func (a *agent) has(token string) bool { return strings.Contains(a.low, token) }

// inDeviceName says whether the byte at i belongs to a device's name, where words mean nothing: "CUBOT", "Magenta".
func (a *agent) inDeviceName(i int) bool { return i > a.deviceStart && i < a.deviceEnd }

func containsAny(s string, tokens []string) bool {
	return slices.ContainsFunc(tokens, func(t string) bool { return strings.Contains(s, t) })
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func wordByte(b byte) bool { return b >= 'a' && b <= 'z' || isDigit(b) || b >= 0x80 }

func notWordRune(r rune) bool { return r < 0x80 && !wordByte(byte(r)) }

func trimDigits(word string) string { return strings.TrimRight(word, "0123456789") }
