// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// rules tell the class, family and version; the first that knows decides. OS and device are told beforehand.
// The order is that of how sure a sign is: what a client says of itself by name, then what only automation says, then
// what only a person's machine says. Who shows none of these is unknown: of class other, and no more than that.
var rules = []func(*agent, *Client) bool{
	empty,
	headless,
	slack,
	library,
	robot,
	app,
	browser,
	imitation,
	unknown,
}

// unnamed is the family of those who give no name.
const unnamed = "unnamed"

// Classify tells class, family, version, OS and device by a raw user agent. It never fails: what it knows nothing about
// is of class other. Library, headless and bot are said only of what shows a sign of being one. At most 1 KiB is looked
// at. It takes about 20 microseconds.
func Classify(userAgent string) Client {
	a := newAgent(Bound(userAgent))
	c := Client{OS: a.os, Device: a.device()}
	for _, rule := range rules {
		if rule(a, &c) {
			break
		}
	}
	if c.Family = tidyFamily(c.Family); c.Family == "" && c.Class != aerv1.ClassEmpty {
		c.Family = unnamed
	}
	return c
}

// empty accepts what logs write for "none".
func empty(a *agent, c *Client) bool {
	switch a.low {
	case "", "-", "null", "(null)", "none", "undefined", "nil", "unknown", `""`:
		*c = Client{Class: aerv1.ClassEmpty}
		return true
	}
	return false
}

// slack knows the official clients: the desktop application (Electron, earlier AtomShell or a site-specific browser),
// and the mobile ones by their bundle names (those of their extensions begin with them) or by "slack" and the machine.
func slack(a *agent, c *Client) bool {
	for _, s := range []struct{ bundle, family string }{
		{"com.tinyspeck.chatlyio", "slack-ios"},
		{"com.tinyspeck.slackmacgap", "slack-desktop"},
		{"com.slack", "slack-android"},
	} {
		if a.product == s.bundle || strings.HasPrefix(a.product, s.bundle+".") {
			*c = Client{aerv1.ClassOfficial, s.family, a.version(a.product), c.OS, c.Device}
			return true
		}
	}
	if family := slackByMachine[c.OS]; a.product == "slack" && family != "" && a.version("slack") != "" {
		*c = Client{aerv1.ClassOfficial, family, a.version("slack"), c.OS, c.Device}
		return true
	}
	if !a.mozilla {
		return false
	}
	for _, token := range []string{"slack_ssb", "slack"} {
		if v, ok := a.productVersion(token); ok && (token == "slack_ssb" || a.electron) {
			*c = Client{aerv1.ClassOfficial, "slack-desktop", v, c.OS, c.Device}
			return true
		}
	}
	return false
}

// slackByMachine is the official client that leads with "slack" on a machine.
var slackByMachine = map[string]string{
	OSAndroid: "slack-android", OSiOS: "slack-ios", OSMacOS: "slack-desktop", OSWindows: "slack-desktop",
	OSLinux: "slack-desktop",
}

// headless knows browsers without a person in front.
func headless(a *agent, c *Client) bool {
	if a.phoneApp {
		return false
	}
	for _, token := range headlessTokens {
		if i := strings.Index(a.low, token); i >= 0 && !a.inDeviceName(i) {
			c.Class, c.Family, c.Version = aerv1.ClassHeadless, token, a.version(token)
			return true
		}
	}
	return false
}

// library knows HTTP libraries and command-line tools by the product that leads, or, where the string poses as a
// browser, by names that no browser carries. An application that names its library at the end is not one: it is the
// application.
func library(a *agent, c *Client) bool {
	c.Version = a.version(a.product)
	for _, l := range libraryFamilies {
		rest, ok := strings.CutPrefix(a.low, l.prefix)
		// an application whose name begins like a library's
		if ok && !(a.phoneApp && rest != "" && rest[0] >= 'a' && rest[0] <= 'z') {
			c.Class, c.Family = aerv1.ClassLibrary, l.family
			if c.Version == "" {
				c.Version = a.version(strings.TrimRight(l.prefix, "/ 0123456789")) // php7.4, Go 1.1 package http
			}
			return true
		}
	}
	if a.mozilla {
		for _, token := range libraryTokens {
			if strings.Contains(a.low, token) && !(a.mobile && phoneStacks[token]) {
				c.Class, c.Family, c.Version = aerv1.ClassLibrary, strings.TrimSuffix(token, "/"), a.version(token)
				return true
			}
		}
		return false
	}
	if a.phoneApp && phoneLibraries[a.product] || !a.phoneApp && a.libraryName() {
		c.Class, c.Family = aerv1.ClassLibrary, a.product
		return true
	}
	return false
}

// robot knows what only automation says: an address to complain to, a trade of robots, or an attack in the string
// itself.
func robot(a *agent, c *Client) bool {
	word, ok := a.robotWord()
	contact := a.contact()
	if a.phoneApp {
		ok, contact = ok && contact, false // an application may name its page, or be called like a robot
	}
	if !ok && !contact && !a.attack() {
		return false
	}
	name := a.name()
	if a.mozilla && !strings.Contains(name, word) {
		name = word // a robot behind a browser's name
	}
	c.Class, c.Family, c.Version = aerv1.ClassBot, name, a.version(name)
	return true
}

// app knows applications: those that say so within a browser's string, and those that lead with their own name and say
// which device they run on. On a desktop these are of class other.
func app(a *agent, c *Client) bool {
	for _, t := range inAppTokens {
		if !a.mozilla && !a.mobile {
			break // "NuGet Command Line/6" is no LINE
		}
		if i := strings.Index(a.low, t.token); i >= 0 && !a.inDeviceName(i) {
			c.Class, c.Family, c.Version = aerv1.ClassMobileApp, t.family, a.version(t.version)
			return true
		}
	}
	if a.engine || a.browser.token != "" || !a.platform {
		return false
	}
	name := a.name()
	if a.mozilla && !a.mobile {
		return false // A browser's string without an engine, on a desktop: see imitation and unknown.
	}
	c.Class, c.Family, c.Version = aerv1.ClassOther, name, a.version(name)
	if a.mobile {
		c.Class = aerv1.ClassMobileApp
	}
	return true
}

// browser knows everything with an engine, also as part of an application (Electron, WebView).
func browser(a *agent, c *Client) bool {
	if !a.engine && a.browser.token == "" || a.mozilla && !a.platform && !a.has("applewebkit") {
		return false
	}
	c.Class, c.Family, c.Version = aerv1.ClassBrowser, a.browser.family, a.version(a.browser.version)
	switch {
	case c.Family == "chrome" && a.electron:
		c.Family = a.embedder()
		c.Version = a.version(c.Family)
	case c.Family == "safari" && c.OS == OSAndroid:
		c.Family = "android-browser"
	case c.Family == "chrome" && (a.has("; wv)") || a.has("version/4.0 chrome")):
		c.Family = "android-webview"
	case c.Family == "" && c.OS == OSiOS:
		c.Family = "ios-webview"
		c.Version = a.version("applewebkit")
	case c.Family == "":
		c.Family = a.name() // MullvadBrowser, Espial: an engine under a name of its own.
		c.Version = a.version(c.Family)
	}
	return true
}

// imitation knows strings that begin like a browser's of today and name nothing a browser is made of: no engine, and
// either no machine or no product. No browser ever sent them; they are what scripts and crawlers write to pass for one.
func imitation(a *agent, c *Client) bool {
	if !strings.HasPrefix(a.low, "mozilla/5") || a.engine {
		return false
	}
	name := a.name()
	if a.platform && name != "mozilla" {
		return false
	}
	c.Class, c.Family, c.Version = aerv1.ClassBot, name, a.version(name)
	return true
}

// unknown takes the rest: nothing is known about it, neither that a person sits in front of it nor that nobody does.
func unknown(a *agent, c *Client) bool {
	name := a.name()
	c.Class, c.Family, c.Version = aerv1.ClassOther, name, a.version(name)
	return true
}
