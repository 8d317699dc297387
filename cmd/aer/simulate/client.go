// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// engine is a TLS stack: what the first part of its JA4 counts, and whether it also speaks QUIC.
type engine struct {
	name           string
	ciphers, exts  int
	protocol       string
	quic, permutes bool
}

// The stacks. Counts are like those of the programs that use them.
var (
	blink     = engine{"blink", 15, 16, "h2", true, true}
	gecko     = engine{"gecko", 17, 17, "h2", false, true}
	webkit    = engine{"webkit", 20, 14, "h2", true, false}
	cfnetwork = engine{"cfnetwork", 26, 13, "h2", false, false}
	okhttp    = engine{"okhttp", 16, 12, "h2", false, false}
	python    = engine{"python", 18, 12, "h1", false, false}
	golang    = engine{"golang", 13, 12, "h2", false, false}
	openssl   = engine{"openssl", 31, 12, "h2", false, false}
	node      = engine{"node", 52, 10, "h1", false, false}
	// inspecting is the stack of a gateway that opens and closes everybody's TLS.
	inspecting = engine{"gateway", 19, 11, "h2", false, false}
)

// shape is how a connection was made; one program shows them all.
type shape int

const (
	fresh shape = iota
	resumed
	http1
	overQUIC
)

// ja4 is an invented print: stable for an engine, its revision and a shape, in JA4's form.
func (e engine) ja4(revision int, s shape) string {
	exts, protocol, kind := e.exts, e.protocol, "t"
	extensions := fmt.Sprintf("%s extensions %d", e.name, revision)
	ciphers, n := e.name+" ciphers", e.ciphers
	switch s {
	case resumed: // pre_shared_key is one more extension
		exts++
		extensions += " psk"
	case http1: // the protocol asked for is not part of the hashes
		protocol = "h1"
	case overQUIC:
		kind, protocol, n, exts = "q", "h3", 3, 12
		ciphers, extensions = e.name+" quic ciphers", extensions+" quic"
	}
	return fmt.Sprintf("%s13d%02d%02d%s_%s_%s", kind, n, exts, protocol, hash(ciphers), hash(extensions))
}

func hash(s string) string {
	h := sha256.Sum256([]byte("aer quality " + s))
	return hex.EncodeToString(h[:6])
}

// release is a version of a program, from a day on; its revision is of what its TLS stack says.
type release struct {
	day      int
	version  string
	revision int
}

// program is a client on an operating system. Agent has %v for the version.
type program struct {
	family, os, agent string
	engine            engine
	releases          []release
}

// chromes is the release of the coming print that print poisoning is about: day 25.
var (
	chromes  = []release{{-30, "141.0.0.0", 0}, {11, "142.0.0.0", 0}, {25, "143.0.0.0", 1}}
	firefoxs = []release{{-30, "143.0", 0}, {15, "144.0", 0}, {29, "145.0", 1}}
	safaris  = []release{{-30, "18.6", 0}, {13, "26.0", 1}}
	desktops = []release{{-30, "4.45.64", 7}, {9, "4.46.96", 7}, {23, "4.47.59", 8}}
	mobiles  = []release{{-30, "25.09.10", 0}, {7, "25.09.30", 0}, {14, "25.10.10", 0}, {28, "25.10.20", 0}}
	fixed    = []release{{-30, "2.32.3", 0}}

	mozillaWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
	mozillaMac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
	mozillaLinux   = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
	safariDesktop  = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/%v Safari/605.1.15"

	chromeWindows  = program{"chrome", "windows", mozillaWindows + "Chrome/%v Safari/537.36", blink, chromes}
	chromeMac      = program{"chrome", "macos", mozillaMac + "Chrome/%v Safari/537.36", blink, chromes}
	chromeLinux    = program{"chrome", "linux", mozillaLinux + "Chrome/%v Safari/537.36", blink, chromes}
	edgeWindows    = program{"edge", "windows", mozillaWindows + "Chrome/%v Safari/537.36 Edg/%v", blink, chromes}
	firefoxWindows = program{"firefox", "windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%v) Gecko/20100101 Firefox/%v", gecko, firefoxs}
	firefoxLinux = program{"firefox", "linux",
		"Mozilla/5.0 (X11; Linux x86_64; rv:%v) Gecko/20100101 Firefox/%v", gecko, firefoxs}
	safariMac  = program{"safari", "macos", safariDesktop, webkit, safaris}
	safariIPad = program{"safari", "ios", "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, " +
		"like Gecko) Version/%v Mobile/15E148 Safari/604.1", webkit, safaris}
	slackWindows = program{"slack-desktop", "windows", mozillaWindows +
		"Slack/%v Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%v", blink, desktops}
	slackMac = program{"slack-desktop", "macos",
		mozillaMac + "Slack/%v Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%v", blink, desktops}
	slackIOS = program{"slack-ios", "ios", "com.tinyspeck.chatlyio/%v (iPhone; iOS 18.6; Scale/3.00)",
		cfnetwork, mobiles}
	slackAndroid = program{"slack-android", "android", "com.Slack/%v (Pixel 8; Android 15; Scale/2.6)", okhttp, mobiles}

	requests  = program{"python-requests", "", "python-requests/%v", python, fixed}
	goHTTP    = program{"go-http-client", "", "Go-http-client/2.0", golang, fixed}
	curl      = program{"curl", "", "curl/8.5.0", openssl, fixed}
	axios     = program{"axios", "", "axios/1.7.2", node, fixed}
	headless  = program{"headlesschrome", "linux", mozillaLinux + "HeadlessChrome/%v Safari/537.36", blink, chromes}
	libraries = []program{requests, goHTTP, curl}

	onWindows = []program{chromeWindows, slackWindows, slackWindows, edgeWindows, firefoxWindows}
	onMac     = []program{chromeMac, slackMac, slackMac, safariMac}
	onLinux   = []program{firefoxLinux, chromeLinux}
)

// companions are what else runs inside a mobile app's session: its WebView, the system's stack and media player.
var companions = map[string][]companion{
	"slack-ios": {
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
			webkit, false},
		{"Slack/25.10.10 CFNetwork/3826.600.41 Darwin/24.6.0", cfnetwork, true},
		{"AppleCoreMedia/1.0.0.22G86 (iPhone; U; CPU OS 18_6 like Mac OS X; en_us)", cfnetwork, true},
	},
	"slack-android": {
		{"Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/BP1A.250305.019; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Version/4.0 Chrome/141.0.7390.43 Mobile Safari/537.36", blink, false},
		{"okhttp/4.12.0", okhttp, true},
		{"Dalvik/2.1.0 (Linux; U; Android 15; Pixel 8 Build/BP1A.250305.019)", okhttp, true},
	},
}

// companion is a program that speaks for an app; anonymous ones do not send the device's id.
type companion struct {
	agent     string
	engine    engine
	anonymous bool
}

func (c companion) shown(l *look) {
	l.agent, l.ja4 = c.agent, c.engine.ja4(0, fresh)
	if c.anonymous {
		l.device = ""
	}
}

// machine is a program on one device.
type machine struct {
	program
	id string
	// lag is how many days after its release a version is installed.
	lag int
	// varied: connections are resumed, fall back to HTTP/1.1 or use QUIC as well.
	varied bool
}

// release is what is installed on day d.
func (m *machine) release(d int) release {
	installed := m.releases[0]
	for _, r := range m.releases {
		if r.day+m.lag <= d {
			installed = r
		}
	}
	return installed
}

func (m *machine) userAgent(version string) string { return strings.ReplaceAll(m.agent, "%v", version) }
