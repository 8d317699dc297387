// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// Reason says why two sightings are one client; None is that they are not.
type Reason string

// The reasons, each a rule of the package's table.
const (
	None          Reason = ""
	Program       Reason = "one program"
	DesktopMode   Reason = "desktop mode"
	WebView       Reason = "web view"
	Stack         Reason = "system stack"
	Player        Reason = "player"
	Extension     Reason = "extension"
	Embedded      Reason = "embedded"
	SystemBrowser Reason = "system browser"
)

// rules are asked in order, each both ways round.
var rules = []func(before, now look) Reason{desktopMode, webView, player, stack, extension, embedded, systemBrowser}

// One says whether before and now, seen in one session, are one client, and why.
func One(before, now *aerv1.FacetClient) Reason {
	if devicesDiffer(before, now) {
		return None
	}
	if before.GetFamily() == now.GetFamily() && (before.GetOs() == now.GetOs() || before.GetOs() == "" ||
		now.GetOs() == "") {
		return Program
	}
	a, b := newLook(before), newLook(now)
	for _, rule := range rules {
		if r := rule(a, b); r != None {
			return r
		}
		if r := rule(b, a); r != None {
			return r
		}
	}
	return None
}

// Part says whether c is the stack or the player of an application, rather than a program by itself.
func Part(app, c *aerv1.FacetClient) bool {
	r := One(app, c)
	return r == Stack || r == Player
}

func devicesDiffer(a, b *aerv1.FacetClient) bool {
	return a.GetDeviceId() != "" && b.GetDeviceId() != "" && a.GetDeviceId() != b.GetDeviceId()
}

// sameSystem says whether two parts may run on one machine. A web view on an iPad says Macintosh, as the browser there
// does.
func sameSystem(a, b look) bool {
	if b.system == phone {
		a, b = b, a
	}
	if a.system == phone {
		return b.Os == useragent.OSiOS || b.Os == useragent.OSAndroid
	}
	if a.system == "" || a.system != b.system {
		return false
	}
	return a.Os == b.Os || a.Os == "" || b.Os == "" || a.role == roleWebView && a.Os == useragent.OSMacOS ||
		b.role == roleWebView && b.Os == useragent.OSMacOS
}

// desktopMode: handheld is a browser of a phone or tablet, desk what it claims to be when people ask for the desktop's
// pages.
func desktopMode(handheld, desk look) Reason {
	if handheld.role != roleBrowser || desk.role != roleBrowser || Contradict(handheld.Ja4, desk.Ja4) {
		return None
	}
	sameName := handheld.Family == desk.Family
	if !claimsDesktop(desk, handheld.Os) || !sameName && (handheld.Os != useragent.OSiOS || desk.Family != "safari") {
		return None
	}
	if sameName && majorsApart(handheld, desk) > 1 { // one program, give or take an update within the session
		return None
	}
	return DesktopMode
}

// majorsApart is how many major versions two clients of one program are apart; 0 where one is unknown.
func majorsApart(a, b look) int {
	m, n := major(a), major(b)
	if m == 0 || n == 0 {
		return 0
	}
	return max(m-n, n-m)
}

// major is the first number of the version. Safari's went from 18 to 26 with the systems' (Apple, WWDC 2025).
func major(l look) int {
	const last, next = 18, 26
	n := useragent.Major(l.Version)
	if l.system == apple && l.Family == "safari" && n >= next {
		n -= next - last - 1
	}
	return n
}

// webView: the engine shows itself as one, or names the application and its version in a browser's string.
func webView(app, view look) Reason {
	if app.role != roleApp || !sameSystem(app, view) {
		return None
	}
	if view.role == roleWebView || view.role == roleBrowser && view.names(app) {
		return WebView
	}
	return None
}

// names says whether a browser's string contains the product and the version that an application leads with.
func (l look) names(app look) bool {
	product, _, _ := strings.Cut(app.low, " ")
	name, version, ok := strings.Cut(product, "/")
	return ok && len(name) >= 3 && version != "" && !app.mozilla() && l.mozilla() &&
		slices.Contains(strings.Fields(l.low), product)
}

// stack: Safari's own helpers carry the name of the engine, all other stacks speak for applications.
func stack(owner, helper look) Reason {
	if helper.role != roleStack || !sameSystem(owner, helper) {
		return None
	}
	switch owner.role {
	case roleApp, roleWebView, rolePlayer, roleStack:
		return Stack
	case roleBrowser:
		if owner.system == apple && helper.has("safari", "webkit") {
			return Stack
		}
	}
	return None
}

// player: it says which machine it runs on also where the browser beside it says that of a desktop.
func player(owner, helper look) Reason {
	if helper.role == rolePlayer && owner.role != roleNone &&
		(sameSystem(owner, helper) || claimsDesktop(owner, helper.Os)) {
		return Player
	}
	return None
}

// claimsDesktop says whether desk may be a browser of the handheld system os that asks for the desktop's pages.
func claimsDesktop(desk look, os string) bool {
	switch {
	case desk.role != roleBrowser:
		return false
	case os == useragent.OSiOS:
		return desk.Os == useragent.OSMacOS && desk.has("applewebkit/") && !desk.has("chrome/")
	case os == useragent.OSAndroid:
		return desk.Os == useragent.OSLinux
	}
	return false
}

// extensionWords are in the names of the parts that an application brings along.
var extensionWords = []string{"extension", "notification", "service", "widget", "share", "intents", "watch",
	"helper", "background"}

// extension: the part's name begins with the application's and goes on with what parts are called.
func extension(app, part look) Reason {
	if app.role != roleApp || part.role != roleApp && part.role != roleStack || len(app.Family) < 3 ||
		!sameSystem(app, part) {
		return None
	}
	rest, ok := strings.CutPrefix(part.Family, app.Family)
	if ok && slices.ContainsFunc(extensionWords, func(w string) bool { return strings.Contains(rest, w) }) {
		return Extension
	}
	return None
}

// embedded: a window of an Electron application that gives Chromium's name alone. Browsers cut their build off
// ("141.0.0.0"), so that the same full build is the same copy of Chromium; without it, one known device must say so.
func embedded(app, window look) Reason {
	if !app.has("electron/") || window.role != roleBrowser || window.Family != "chrome" || app.Os != window.Os {
		return None
	}
	a, b := useragent.ChromiumVersion(app.UserAgent), useragent.ChromiumVersion(window.UserAgent)
	if a != "" && a == b && !strings.HasSuffix(a, ".0.0.0") || oneDevice(app, window) &&
		useragent.Major(a) == useragent.Major(b) {
		return Embedded
	}
	return None
}

// systemBrowser: a phone's application signs people in by the system's browser, Windows' applications show pages by
// Edge; both look like the browser of anybody, so that the device must be known to be one. An iPhone's application that
// is known by no device may give its web view Safari's name instead; it then speaks TLS by the system's own stack, as
// all do there.
func systemBrowser(app, browser look) Reason {
	if app.role != roleApp || browser.role != roleBrowser || app.Os != browser.Os {
		return None
	}
	if app.Os == useragent.OSiOS && app.DeviceId == "" && browser.DeviceId == "" && browser.Family == "safari" &&
		app.Ja4 != "" && SameStack(app.Ja4, browser.Ja4) {
		return SystemBrowser
	}
	if !oneDevice(app, browser) {
		return None
	}
	phone := app.Os == useragent.OSiOS || app.Os == useragent.OSAndroid
	if phone || app.Os == useragent.OSWindows && app.Class == aerv1.ClassOther && browser.Family == "edge" {
		return SystemBrowser
	}
	return None
}

func oneDevice(a, b look) bool { return a.DeviceId != "" && a.DeviceId == b.DeviceId }

// Older says whether now is an older version of the program before. Versions of different shapes are not compared, and
// one that is cut off ("141.0.0", see Chromium's user-agent reduction) only by its first number.
func Older(before, now *aerv1.FacetClient) bool {
	if before.GetFamily() != now.GetFamily() {
		return false
	}
	if a, b := newLook(before), newLook(now); a.role != b.role || a.form() != b.form() {
		return false
	}
	x, y := before.GetVersion(), now.GetVersion()
	if reduced(x) || reduced(y) {
		return useragent.Major(y) < useragent.Major(x)
	}
	return useragent.VersionLess(y, x)
}

func reduced(version string) bool { return strings.HasSuffix(version, ".0.0") }
