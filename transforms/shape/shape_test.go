// SPDX-License-Identifier: Apache-2.0

package shape_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
	"github.com/aer-project/aer/transforms/shape"
)

const (
	safariMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.2 Safari/605.1.15"
	safariPad = "Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 " +
		"Mobile/15E148 Safari/604.1"
	safariPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.2 Mobile/15E148 Safari/604.1"
	chromePad = "Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"
	chromeDesk = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131 " +
		"Version/11.1.1 Safari/605.1.15"
	firefoxPad = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"FxiOS/133.0 Mobile/15E148 Safari/605.1.15"
	firefoxDesk = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"FxiOS/133.0 Safari/605.1.15"
	chromeMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/131.0.0.0 Safari/537.36"
	chromeWin = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 " +
		"Safari/537.36"
	chromeLinux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
	chromeOld   = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36"
	chromePhone = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile " +
		"Safari/537.36"
	foxPhone = "Mozilla/5.0 (Android 15; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"
	foxLinux = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
	edgeWin  = chromeWin + " Edg/131.0.0.0"

	appPhone = "NoteChat/7.4.1 (iPhone; iOS 18.2; Scale/3.00)"
	appCF    = "NoteChat/741 CFNetwork/1568.300.101 Darwin/24.2.0"
	appShare = "NoteChatShareExtension/7.3 CFNetwork/1568.300.101 Darwin/24.2.0"
	nameless = "Notizen/741 CFNetwork/1568.300.101 Darwin/24.2.0"
	otherApp = "Ledger/2.0 (iPhone; iOS 18.2; Scale/3.00)"
	webIOS   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Mobile/15E148"
	webPadDesk = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
	mediaIOS   = "AppleCoreMedia/1.0.0.22C152 (iPhone; U; CPU OS 18_2 like Mac OS X; en_us)"
	mediaPad   = "AppleCoreMedia/1.0.0.22C152 (iPad; U; CPU OS 18_2 like Mac OS X; en_us)"
	mediaMac   = "AppleCoreMedia/1.0.0.24C101 (Macintosh; U; Intel Mac OS X 15_2; en_us)"
	safariNet  = "com.apple.WebKit.Networking/20620.1.16.11.8 CFNetwork/1568.300.101 Darwin/24.2.0"

	appAndroid = "NoteChat/7.4.1 (Android 15; Pixel 8)"
	appOK      = "NoteChat/7.4.1 okhttp/4.12.0"
	okhttp     = "okhttp/4.12.0"
	dalvik     = "Dalvik/2.1.0 (Linux; U; Android 15; Pixel 8 Build/AP3A.241105.007)"
	exo        = "NoteChat/7.4.1 (Linux;Android 15) ExoPlayerLib/2.19.1"
	media3     = "NoteChat/7.4.1 (Linux;Android 15) AndroidXMedia3/1.4.1"
	stage      = "stagefright/1.2 (Linux;Android 7.0)"
	loader     = "AndroidDownloadManager/15 (Linux; U; Android 15; Pixel 8 Build/AP3A.241105.007)"
	webAndroid = "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36"

	bundle      = "com.note.chat/7.4 (iPhone; iOS 18.2; Scale/3.00)"
	bundleShare = "com.note.chat.ShareExtension/7.3 (iPhone; iOS 18.2; Scale/3.00)"
	bundleOther = "com.note.chatter/7.3 (iPhone; iOS 18.2; Scale/3.00)"

	slackAndroid = "com.Slack/24.11.20 (Google Pixel 8; Android 15)"
	slackNew     = "slack/26.01.10.0.900 (Google Pixel 8; Android 15; store com.android.vending)"
	slackIOS     = "com.tinyspeck.chatlyio/26.01.20 (iPhone; iOS 18.2; Scale/3.00)"
	slackNotify  = "com.tinyspeck.chatlyio.NotificationService/26.01.10 (iPhone; iOS 18.2; Scale/3.00)"
	electron     = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) NoteDesk/3.1.0 " +
		"Chrome/130.0.6723.118 Electron/33.2.0 Safari/537.36"
	electronBare = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/130.0.6723.118 Safari/537.36"
	chrome130 = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 " +
		"Safari/537.36"
	winApp = "NoteDesk/3.1 (Windows NT 10.0; Win64; x64)"
)

// of is a client as the slice shows it.
func of(ua string) *aerv1.FacetClient {
	c := useragent.Classify(ua)
	return &aerv1.FacetClient{UserAgent: ua, Class: c.Class, Family: c.Family, Version: c.Version, Os: c.OS}
}

func TestOne(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want shape.Reason
		// device is what is given as both device ids.
		device string
	}{
		{safariPad, safariMac, shape.DesktopMode, ""}, {safariPhone, safariMac, shape.DesktopMode, ""},
		{chromePad, chromeDesk, shape.DesktopMode, ""},
		{chromePad, safariMac, shape.DesktopMode, ""}, {firefoxPad, firefoxDesk, shape.DesktopMode, ""},
		{chromePhone, chromeLinux, shape.DesktopMode, ""}, {foxPhone, foxLinux, shape.DesktopMode, ""},
		{safariPad, chromeMac, shape.None, ""}, {chromePhone, chromeWin, shape.None, ""},
		{chromePhone, foxLinux, shape.None, ""},
		{chromePhone, chromeOld, shape.None, ""}, {safariPad, chromePad, shape.None, ""},
		{safariPhone, chromeLinux, shape.None, ""},

		{appPhone, webIOS, shape.WebView, ""}, {appPhone, webPadDesk, shape.WebView, ""},
		{appAndroid, webAndroid, shape.WebView, ""},
		{slackNew, webAndroid, shape.WebView, ""}, {slackIOS, webIOS, shape.WebView, ""},
		{appPhone, webAndroid, shape.None, ""}, {chromePhone, webAndroid, shape.None, ""},
		{appPhone, otherApp, shape.None, ""},

		{appPhone, appCF, shape.Program, ""}, {appPhone, nameless, shape.Stack, ""}, {webIOS, nameless, shape.Stack, ""},
		{safariMac, safariNet, shape.Stack, ""},
		{appAndroid, okhttp, shape.Stack, ""}, {appAndroid, appOK, shape.Program, ""}, {appAndroid, dalvik, shape.Stack, ""},
		{webAndroid, okhttp, shape.Stack, ""},
		{slackNew, okhttp, shape.Stack, ""}, {appPhone, "Dart/3.5 (dart:io)", shape.Stack, ""},
		{appAndroid, "Dart/3.5 (dart:io)", shape.Stack, ""}, {appAndroid, "ktor-client", shape.Stack, ""},
		{winApp, "Dart/3.5 (dart:io)", shape.None, ""}, {chromeMac, "Dart/3.5 (dart:io)", shape.None, ""},
		{dalvik, okhttp, shape.Stack, ""},
		{chromeWin, okhttp, shape.None, ""}, {chromePhone, okhttp, shape.None, ""}, {appPhone, okhttp, shape.None, ""},
		{chromeWin, nameless, shape.None, ""},
		{safariMac, nameless, shape.None, ""}, {electron, okhttp, shape.None, ""}, {chromeWin, dalvik, shape.None, ""},

		{appPhone, mediaIOS, shape.Player, ""}, {safariPhone, mediaIOS, shape.Player, ""},
		{safariMac, mediaMac, shape.Player, ""}, {appCF, mediaIOS, shape.Player, ""},
		{appAndroid, media3, shape.Program, ""}, {slackAndroid, exo, shape.Player, ""},
		{chromePhone, loader, shape.Player, ""}, {chromePhone, stage, shape.Player, ""},
		{chromeWin, mediaIOS, shape.None, ""}, {safariPhone, mediaMac, shape.None, ""}, {chromeMac, mediaIOS, shape.None, ""},
		// beside a desktop mode
		{safariMac, mediaPad, shape.Player, ""}, {chromeLinux, loader, shape.Player, ""}, {chromeWin, loader, shape.None, ""},

		{slackIOS, slackNotify, shape.Program, ""}, {appPhone, appShare, shape.Stack, ""},
		{bundle, bundleShare, shape.Extension, ""}, {bundle, bundleOther, shape.None, ""},
		{slackAndroid, slackNew, shape.Program, ""},

		{electron, electronBare, shape.Embedded, ""}, {electron, chrome130, shape.None, ""},
		{electron, chrome130, shape.Embedded, "D1"}, {electron, chromeWin, shape.None, "D1"},
		{appPhone, safariPhone, shape.None, ""}, {appPhone, safariPhone, shape.SystemBrowser, "D1"},
		{appAndroid, chromePhone, shape.SystemBrowser, "D1"},
		{winApp, chromeWin + " NoteDesk/3.1", shape.WebView, ""}, {winApp, edgeWin + " NoteDesk/3.1", shape.WebView, ""},
		{appAndroid, chromePhone + " NoteChat/7.4.1", shape.WebView, ""},
		{winApp, chromeWin + " NoteDesk/3.0", shape.None, ""}, {winApp, chromeWin + " Desk/3.1", shape.None, ""},
		{winApp, chromeMac + " NoteDesk/3.1", shape.None, ""},
		{winApp, edgeWin, shape.SystemBrowser, "D1"}, {winApp, edgeWin, shape.None, ""},
		{winApp, chromeWin, shape.None, "D1"},

		{chromeWin, "curl/8.5.0", shape.None, ""}, {appAndroid, "python-requests/2.31.0", shape.None, "D1"},
		{appPhone, "nscurl/1 CFNetwork/1568.1 Darwin/24.2.0", shape.None, ""},
		{chromeWin, "", shape.None, ""}, {appAndroid, "", shape.None, ""},
	} {
		a, b := of(c.a), of(c.b)
		a.DeviceId, b.DeviceId = c.device, c.device
		if got := shape.One(a, b); got != c.want {
			t.Errorf("%q and %q (%s, %s): %q, want %q", c.a, c.b, a.Class, b.Class, got, c.want)
		}
		if got := shape.One(b, a); (got == shape.None) != (c.want == shape.None) {
			t.Errorf("the other way round %q and %q: %q, want %q", c.b, c.a, got, c.want)
		}
		b.DeviceId = "D2"
		if a.DeviceId = "D1"; shape.One(a, b) != shape.None {
			t.Errorf("%q and %q on two devices are one", c.a, c.b)
		}
	}
}

// A browser that changes its TLS stack with its system is no desktop mode.
func TestDesktopModeKeepsItsTLS(t *testing.T) {
	pad, mac := of(safariPad), of(safariMac)
	pad.Ja4, mac.Ja4 = "t13d2014h2_aaaa_bbbb", "t13d2015h2_aaaa_cccc"
	if shape.One(pad, mac) != shape.DesktopMode {
		t.Error("resumed, it is the same stack")
	}
	mac.Ja4 = "t13d3113h2_dddd_cccc"
	if shape.One(pad, mac) != shape.None {
		t.Error("another stack is another client")
	}
}

// Where no device is known, an iPhone's application and Safari's name are one client only by the system's TLS stack.
func TestApplicationUnderSafarisName(t *testing.T) {
	for _, c := range []struct {
		app, browser, appJA4, browserJA4 string
		want                             shape.Reason
	}{
		{appPhone, safariPhone, "t13d2014h2_aaaa_bbbb", "t13d2015h2_aaaa_cccc", shape.SystemBrowser},
		{appPhone, safariPhone, "t13d2014h2_aaaa_bbbb", "t13d3113h2_dddd_cccc", shape.None},
		{appPhone, safariPhone, "t13d2014h2_aaaa_bbbb", "", shape.None},
		{appPhone, safariPhone, "", "", shape.None},
		// an application's stack is no browser's there
		{appAndroid, chromePhone, "t13d2014h2_aaaa_bbbb", "t13d2014h2_aaaa_bbbb", shape.None},
		{winApp, edgeWin, "t13d2014h2_aaaa_bbbb", "t13d2014h2_aaaa_bbbb", shape.None},
	} {
		a, b := of(c.app), of(c.browser)
		a.Ja4, b.Ja4 = c.appJA4, c.browserJA4
		if got := shape.One(a, b); got != c.want {
			t.Errorf("%q %s and %q %s: %q, want %q", c.app, c.appJA4, c.browser, c.browserJA4, got, c.want)
		}
		if b.DeviceId = "D1"; shape.One(a, b) != shape.None {
			t.Errorf("%q of no device is no client of D1", c.app)
		}
	}
}

// After Safari 18 came Safari 26: a tablet that is updated in between is still one client with itself as Macintosh.
func TestSafariSkippedVersions(t *testing.T) {
	for version, want := range map[string]shape.Reason{"17.6": shape.DesktopMode, "26.0": shape.DesktopMode,
		"27.1": shape.None, "16.1": shape.None} {
		pad, mac := of(safariPad), of(strings.ReplaceAll(safariMac, "18.2", version))
		if got := shape.One(pad, mac); got != want {
			t.Errorf("18.2 and %s: %q, want %q", version, got, want)
		}
	}
}

func TestPart(t *testing.T) {
	if !shape.Part(of(appAndroid), of(okhttp)) || shape.Part(of(chromeWin), of(okhttp)) ||
		shape.Part(of(appAndroid), of(webAndroid)) {
		t.Error("parts are stacks and players of their application")
	}
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{chromeLinux, chromeOld, true}, {chromeOld, chromeLinux, false}, {webAndroid, chromePhone, false},
		{slackIOS, slackNotify, false},  // an extension has a count of its own
		{appCF, appPhone, false},        // so has the build that the system's stack names
		{slackNew, slackAndroid, false}, // and the application under its other name
		{appPhone, "NoteChat/7.3.9 (iPhone; iOS 18.2; Scale/3.00)", true},
		{electronBare, chrome130, false}, // a build that is cut off
		{chromeLinux, foxLinux, false},
	} {
		if got := shape.Older(of(c.a), of(c.b)); got != c.want {
			t.Errorf("%q after %q is older: %v", c.b, c.a, got)
		}
	}
}

func TestStacks(t *testing.T) {
	const fresh = "t13d1516h2_8daaf6152771_02713d6af862"
	for _, c := range []struct {
		name, other      string
		same, contradict bool
	}{
		{"itself", fresh, true, false},
		{"resumed", "t13d1517h2_8daaf6152771_b1ff8ab2d16f", true, false},
		{"resumed with early data", "t13d1518h2_8daaf6152771_000000000001", true, false},
		{"HTTP/1.1 only", "t13d1515h1_8daaf6152771_000000000002", true, false},
		{"no ALPN, no SNI", "t13i151400_8daaf6152771_000000000003", true, false},
		{"QUIC with the same ciphers", "q13d1516h3_8daaf6152771_000000000004", true, false},
		{"QUIC with its own ciphers", "q13d0312h3_55b375c5d22e_c183556c78e2", false, false},
		{"other extensions altogether", "t13d1509h2_8daaf6152771_000000000005", false, true},
		{"other ciphers", "t13d1516h2_acb858a92679_02713d6af862", false, true},
		{"an older TLS", "t12d1516h2_8daaf6152771_02713d6af862", false, true},
		{"a JA3", "0123456789abcdef0123456789abcdef", false, false},
		{"nothing", "", false, false},
		{"rubbish", "t13dxxyyh2_8daaf6152771_02713d6af862", false, false},
	} {
		if shape.SameStack(fresh, c.other) != c.same || shape.Contradict(fresh, c.other) != c.contradict {
			t.Errorf("%s: same %v, contradict %v", c.name, shape.SameStack(fresh, c.other), shape.Contradict(fresh, c.other))
		}
	}
	if shape.StackKey(fresh) != shape.StackKey("t13i1515h1_8daaf6152771_x") ||
		shape.StackKey(fresh) == shape.StackKey("t13d1516h2_acb858a92679_x") || shape.StackKey("ja3") == shape.StackKey("ja4") {
		t.Error("the key of a stack is its transport, version and ciphers")
	}
}

// TestStacksAreSymmetric: whatever the texts, the order of two fingerprints does not matter, and none contradicts its
// own variant.
func TestStacksAreSymmetric(t *testing.T) {
	print := rapid.OneOf(rapid.StringMatching(`[tqd]1[23][di][01][0-9][01][0-9](h1|h2|h3|00)_[ab]_[cd]`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		a, b := print.Draw(t, "a"), print.Draw(t, "b")
		if shape.SameStack(a, b) != shape.SameStack(b, a) || shape.Contradict(a, b) != shape.Contradict(b, a) {
			t.Fatal("the order matters")
		}
		if shape.SameStack(a, b) && shape.Contradict(a, b) || !shape.SameStack(a, a) {
			t.Fatal("one stack contradicts itself")
		}
	})
}
