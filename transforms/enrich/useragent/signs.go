// SPDX-License-Identifier: Apache-2.0

package useragent

import "strings"

// robotWord finds a word that only robots use of themselves; it is empty if the sign is a phrase.
func (a *agent) robotWord() (string, bool) {
	for _, p := range robotPhrases {
		if strings.Contains(a.low, p) {
			return "", true
		}
	}
	if a.linkPreview() || a.fetcherOfGoogle() || a.productIsHost() {
		return a.product, true
	}
	start := -1
	for i := 0; i <= len(a.low); i++ {
		if i < len(a.low) && wordByte(a.low[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && !a.inDeviceName(start) && isRobotWord(a.low[start:i], a.mobile || a.electron) {
			return a.low[start:i], true
		}
		start = -1
	}
	return "", false
}

// linkPreview knows what WhatsApp fetches the previews of links with: its name, its version and a letter for the
// system. The application itself names more.
func (a *agent) linkPreview() bool {
	_, rest, _ := strings.Cut(a.low, " ")
	return a.product == "whatsapp" && strings.HasPrefix(a.low, "whatsapp/") && len(rest) <= 1
}

// fetcherOfGoogle knows Google's servers, which all begin with its name (developers.google.com, "User-triggered
// fetchers"); its applications name the machine they run on, but for its updater.
func (a *agent) fetcherOfGoogle() bool {
	return strings.HasPrefix(a.product, "google") && !a.platform && !strings.ContainsRune(a.product, ' ')
}

// productIsHost says whether a program without a machine calls itself by its site: "example.com/1.0", but not
// "com.example.app/1.0".
func (a *agent) productIsHost() bool {
	first, _, ok := strings.Cut(a.product, ".")
	ending := a.product[strings.LastIndexByte(a.product, '.')+1:]
	return ok && !a.mozilla && !a.platform && siteEndings[ending] && !siteEndings[first] && first != "net"
}

// isRobotWord judges a word; app says whether it stands beside the signs of a phone or of a desktop application, which
// are called after what people do with them.
func isRobotWord(word string, app bool) bool {
	if robotWords[word] { // also one that ends in a digit, "site24x7"
		return true
	}
	word = trimDigits(word)
	if robotWords[word] || !app && tradeWords[word] {
		return true
	}
	if notRobots[word] || len(word) < suffixKeyBytes {
		return false
	}
	for _, s := range robotSuffixIndex[word[len(word)-suffixKeyBytes:]] {
		if strings.HasSuffix(word, s) && (!app || mobileRobotSuffixes[s]) {
			return true
		}
	}
	return false
}

// contact says whether there is an address to complain to: a URL, a mail address or a site's name.
func (a *agent) contact() bool {
	if containsAny(a.low, []string{"http://", "https://", "www.", "mailto:", "(at)", "[at]", " at dot "}) {
		return true
	}
	for i := 1; i+1 < len(a.low); i++ {
		if a.low[i] == '@' && wordByte(a.low[i-1]) && mailHost(a.low[i+1:]) {
			return true
		}
	}
	return a.site()
}

// mailHost says whether s begins with the name of a host: letters, digits and dashes, then a dot and letters.
func mailHost(s string) bool {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && r != '-' && (r >= 0x80 || !wordByte(byte(r))) })
	if end < 0 {
		end = len(s)
	}
	if end < len(s) && s[end] == '_' {
		return false // no character of a host's name: a build of an application
	}
	host := strings.TrimRight(s[:end], ".-")
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && len(host)-dot > 2 && host[dot+1] >= 'a' && host[dot+1] <= 'z'
}

// siteEndings are top-level domains under which robots keep their pages; not .net, which is also a runtime.
var siteEndings = setOf(
	"com org io ai ru de fr eu co us uk ch nl se info biz dev app cloud tech site party live online me cz pl ly gy")

// site finds a host name that stands alone: "(scope3.com)", not "com.example.app", "Raindrop.io/5.2" or a device's
// name.
func (a *agent) site() bool {
	for w := range strings.FieldsFuncSeq(a.low, func(r rune) bool { return strings.ContainsRune(" ;,()[]", r) }) {
		w = strings.TrimPrefix(w, "+")
		host, path, slash := strings.Cut(w, "/")
		if slash && path != "" && path[0] >= '0' && path[0] <= '9' {
			continue // a product and its version
		}
		dot := strings.LastIndexByte(host, '.')
		if dot < 2 || !siteEndings[host[dot+1:]] || strings.HasPrefix(host, "com.") || strings.HasPrefix(host, "org.") {
			continue
		}
		if i := strings.Index(a.low, w); !a.inDeviceName(i) {
			return true
		}
	}
	return false
}

// attack says whether the string is one: template and lookup injections, shell functions, markup, SQL.
func (a *agent) attack() bool {
	return containsAny(a.low, []string{"${", "{{", "() {", "<script", "<?php", "union select", "../..", "%27", "sleep("})
}
