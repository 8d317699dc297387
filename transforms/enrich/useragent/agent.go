package useragent

import (
	"strings"
)

// agent is a user agent with what the rules ask about it.
type agent struct {
	low string
	// product is the name that leads, without its version.
	product string
	// mozilla: it begins like a browser's.
	mozilla bool
	// engine: it names a layout engine; browser: it names a browser.
	engine, browser bool
	// tv: a television or the like; mobile: also a telephone or a tablet; platform: any machine that people use.
	tv, mobile, platform bool
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
	a.browser = a.browserProduct()
	a.tv = containsAny(a.low, tvTokens)
	a.mobile = a.tv || containsAny(a.low, mobileTokens) || a.begins("ios/") || a.begins("ios ") || a.begins("ios;")
	a.platform = a.mobile || containsAny(a.low, desktopTokens)
	a.os = a.osFamily()
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

// libraryName says whether the leading product is a library by its name or a word of it.
func (a *agent) libraryName() bool {
	if libraryNames[a.product] {
		return true
	}
	for w := range strings.FieldsFuncSeq(a.product, notWordRune) {
		if libraryWords[w] || libraryWords[trimDigits(w)] {
			return true
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

// browserProduct says whether a browser is named.
func (a *agent) browserProduct() bool {
	for _, b := range browserTokens {
		if a.begins(b.token) {
			return true
		}
	}
	return false
}

func (a *agent) osFamily() string {
	switch a.product { // bundle names that tell by themselves
	case "com.slack":
		return OSAndroid
	case "com.tinyspeck.chatlyio":
		return OSiOS
	case "com.tinyspeck.slackmacgap":
		return OSMacOS
	}
	for _, o := range []struct{ token, os string }{
		{"windows phone", OSWindows}, // before android and iphone, which it also claims to be
		{"iphone", OSiOS}, {"ipad", OSiOS}, {"ipod", OSiOS},
		{"android", OSAndroid}, {"dalvik", OSAndroid},
		{"ipados", OSiOS}, {"ios/", OSiOS}, {"ios ", OSiOS}, {"ios;", OSiOS},
		{"windows", OSWindows}, {"win32", OSWindows}, {"win64", OSWindows},
		{"macintosh", OSMacOS}, {"mac os", OSMacOS}, {"macos", OSMacOS},
		{"cros ", OSChromeOS},
		{"linux", OSLinux}, {"x11", OSLinux}, {"ubuntu", OSLinux},
	} {
		if a.begins(o.token) {
			return o.os
		}
	}
	if a.has("darwin/") && (a.has("x86_64") || a.has("macbook") || a.has("imac")) {
		return OSMacOS
	}
	return ""
}

func (a *agent) device() string {
	switch {
	case a.tv:
		return DeviceTV
	case a.has("ipad") || a.has("tablet") && !a.has("tablet pc"):
		return DeviceTablet
	case a.has("iphone"), a.has("ipod"), a.has("windows phone"):
		return DevicePhone
	case a.os == OSAndroid:
		// Chrome for Android leaves out "Mobile" on tablets; applications never say it.
		if a.mozilla && !a.has("mobile") {
			return DeviceTablet
		}
		return DevicePhone
	case a.os == OSiOS:
		return DevicePhone
	case a.os != "":
		return DeviceDesktop
	case a.mobile && !a.has("cfnetwork"): // CFNetwork is on Macs, too
		return DevicePhone
	}
	return ""
}

// robotWord finds a word that only robots use of themselves; it is empty if the sign is a phrase.
func (a *agent) robotWord() (string, bool) {
	for _, p := range robotPhrases {
		if strings.Contains(a.low, p) {
			return "", true
		}
	}
	start := -1
	for i := 0; i <= len(a.low); i++ {
		if i < len(a.low) && wordByte(a.low[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && !a.inDeviceName(start) && isRobotWord(a.low[start:i], a.mobile) {
			return a.low[start:i], true
		}
		start = -1
	}
	return "", false
}

func isRobotWord(word string, mobile bool) bool {
	word = trimDigits(word)
	if robotWords[word] {
		return true
	}
	if notRobots[word] || len(word) < suffixKeyBytes {
		return false
	}
	for _, s := range robotSuffixIndex[word[len(word)-suffixKeyBytes:]] {
		if strings.HasSuffix(word, s) && (!mobile || mobileRobotSuffixes[s]) {
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
		if a.low[i] == '@' && wordByte(a.low[i-1]) && a.low[i+1] >= 'a' && a.low[i+1] <= 'z' && strings.Contains(a.low[i:], ".") {
			return true
		}
	}
	return a.site()
}

// siteEndings are top-level domains under which robots keep their pages; not .net, which is also a runtime.
var siteEndings = setOf("com org io ai ru de fr eu co us uk ch nl se info biz dev app cloud tech site party live online me cz pl ly gy")

// site finds a host name that stands alone: "(scope3.com)", not "com.example.app", "Raindrop.io/5.2" or a device's name.
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

func containsAny(s string, tokens []string) bool {
	for _, t := range tokens {
		if strings.Contains(s, t) {
			return true
		}
	}
	return false
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func wordByte(b byte) bool { return b >= 'a' && b <= 'z' || isDigit(b) || b >= 0x80 }

func notWordRune(r rune) bool { return r < 0x80 && !wordByte(byte(r)) }

func trimDigits(word string) string { return strings.TrimRight(word, "0123456789") }
