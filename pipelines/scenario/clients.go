package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// program is a family of client on a system. agent has a %[1]s for the version.
type program struct {
	version, agent, ja4 string
	platform            string
}

// programs by the name that stories use. The first part of a JA4 is typical of the family, the rest says family and version, so
// that a story's baseline can be written by hand: t13d1516h2_chrome_141.
var programs = map[string]program{
	"firefox/windows": {"144.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%[1]s) Gecko/20100101 Firefox/%[1]s", "t13d1717h2_firefox", "windows"},
	"firefox/linux":   {"144.0", "Mozilla/5.0 (X11; Linux x86_64; rv:%[1]s) Gecko/20100101 Firefox/%[1]s", "t13d1717h2_firefox", "linux"},
	"chrome/windows":  {"141.0.0.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]s Safari/537.36", "t13d1516h2_chrome", "windows"},
	"chrome/macos":    {"141.0.0.0", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]s Safari/537.36", "t13d1516h2_chrome", "macos"},
	"chrome/linux":    {"141.0.0.0", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]s Safari/537.36", "t13d1516h2_chrome", "linux"},
	"edge/windows":    {"141.0.0.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]s Safari/537.36 Edg/%[1]s", "t13d1516h2_edge", "windows"},
	"vivaldi/windows": {"7.6", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Vivaldi/%[1]s", "t13d1516h2_vivaldi", "windows"},
	"safari/macos":    {"26.0", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%[1]s Safari/605.1.15", "t13d2014h2_safari", "macos"},
	"safari/ipad":     {"26.0", "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%[1]s Mobile/15E148 Safari/604.1", "t13d2014h2_safari", "ios"},
	"slack/android":   {"26.02.10", "slack/%[1]s.0.900 (Google Pixel 9; Android 16; store com.android.vending)", "t13d1513h2_slackandroid", "android"},
	"webview/android": {"141.0.7390.97", "Mozilla/5.0 (Linux; Android 16; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/%[1]s Mobile Safari/537.36", "t13d1516h2_webview", "android"},
	"okhttp":          {"4.12.0", "okhttp/%[1]s", "t13d1513h2_okhttp", ""},
	"slack/windows":   {"4.46.96", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/%[1]s Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%[1]s", "t13d1516h2_slack", "windows"},
	"slack/ios":       {"25.10.20", "com.tinyspeck.chatlyio/%[1]s (iPhone; iOS 18.6; Scale/3.00)", "t13d2613h2_slackios", "ios"},
	"headless/linux":  {"141.0.0.0", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/%[1]s Safari/537.36", "t13d1516h2_headless", "linux"},
	"python":          {"2.32.3", "python-requests/%[1]s", "t13d1812h1_python", ""},
	"curl":            {"8.5.0", "curl/%[1]s", "t13d3112h2_curl", ""},
}

// client makes the client that a story calls name: firefox/windows, or firefox-145.0/windows for another version. device ids are
// one for each user and program; libraries have none.
func client(user, name string) (*aerv1.Client, bool) {
	family, _, _ := strings.Cut(name, "/")
	_, version, _ := strings.Cut(family, "-")
	key := unversioned(name)
	p, ok := programs[key]
	if !ok {
		return nil, false
	}
	if version == "" {
		version = p.version
	}
	major, _, _ := strings.Cut(version, ".")
	c := &aerv1.Client{UserAgent: fmt.Sprintf(p.agent, version), Ja4: p.ja4 + "_" + major, Platform: p.platform}
	if p.platform != "" {
		c.DeviceId = user + "-" + key
	}
	return c, true
}

// unversioned is the name of a client without its version.
func unversioned(name string) string {
	family, system, _ := strings.Cut(name, "/")
	family, _, _ = strings.Cut(family, "-")
	return strings.TrimSuffix(family+"/"+system, "/")
}

// place is where a client is.
type place struct {
	ip, country string
	asn         uint32
}

// places by the name that stories use. vps and vpn are in networks of hosting providers.
var places = map[string]place{
	"home":   {"192.0.2.10", "DE", 64500},
	"office": {"198.51.100.10", "DE", 64510},
	"phone":  {"192.0.2.140", "DE", 64520}, // a mobile operator
	"train":  {"192.0.2.201", "DE", 64520},
	"hotel":  {"203.0.113.10", "ES", 64530},
	"abroad": {"203.0.113.140", "BR", 64540},
	"server": {"198.51.100.200", "DE", 64510}, // where the organisation's own integrations run
	"vpn":    {"198.18.0.10", "NL", 14061},
	"vps":    {"198.18.1.10", "RO", 16276},
}

func (p place) set(c *aerv1.Client) { c.Ip, c.Country, c.Asn = p.ip, p.country, p.asn }

func known[T any](m map[string]T) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
