// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// program is a family of client on a system. agent has a %[1]s for the version. The first part of a JA4 is typical of
// the family, the rest says family and version, so that a baseline can be written by hand: t13d1516h2_chrome_141.
type program struct{ platform, version, ja4, agent string }

// Parts of user agents.
const (
	windows  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
	macos    = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"
	linux    = "Mozilla/5.0 (X11; Linux x86_64"
	webkit   = ") AppleWebKit/537.36 (KHTML, like Gecko) "
	safari   = ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%[1]s "
	chrome   = webkit + "Chrome/%[1]s Safari/537.36"
	android  = "Mozilla/5.0 (Linux; Android 16; Pixel 9; wv" + webkit + "Version/4.0 Chrome/%[1]s Mobile Safari/537.36"
	ipad     = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X"
	pixel    = "(Google Pixel 9; Android 16; store com.android.vending)"
	iphone   = "(iPhone; iOS 18.6; Scale/3.00)"
	vivaldi  = webkit + "Chrome/141.0.0.0 Safari/537.36 Vivaldi/%[1]s"
	headless = webkit + "HeadlessChrome/%[1]s Safari/537.36"
	slack    = webkit + "Slack/%[1]s Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%[1]s"
)

// programs by the name that stories use.
var programs = map[string]program{
	"firefox/windows": {"windows", "144.0", "t13d1717h2_firefox", windows + "; rv:%[1]s) Gecko/20100101 Firefox/%[1]s"},
	"firefox/linux":   {"linux", "144.0", "t13d1717h2_firefox", linux + "; rv:%[1]s) Gecko/20100101 Firefox/%[1]s"},
	"chrome/windows":  {"windows", "141.0.0.0", "t13d1516h2_chrome", windows + chrome},
	"chrome/macos":    {"macos", "141.0.0.0", "t13d1516h2_chrome", macos + chrome},
	"chrome/linux":    {"linux", "141.0.0.0", "t13d1516h2_chrome", linux + chrome},
	"edge/windows":    {"windows", "141.0.0.0", "t13d1516h2_edge", windows + chrome + " Edg/%[1]s"},
	"vivaldi/windows": {"windows", "7.6", "t13d1516h2_vivaldi", windows + vivaldi},
	"safari/macos":    {"macos", "26.0", "t13d2014h2_safari", macos + safari + "Safari/605.1.15"},
	"safari/ipad":     {"ios", "26.0", "t13d2014h2_safari", ipad + safari + "Mobile/15E148 Safari/604.1"},
	"webview/android": {"android", "141.0.7390.97", "t13d1516h2_webview", android},
	"slack/windows":   {"windows", "4.46.96", "t13d1516h2_slack", windows + slack},
	"slack/ios":       {"ios", "25.10.20", "t13d2613h2_slackios", "com.tinyspeck.chatlyio/%[1]s " + iphone},
	"slack/android":   {"android", "26.02.10", "t13d1513h2_slackandroid", "slack/%[1]s.0.900 " + pixel},
	"headless/linux":  {"linux", "141.0.0.0", "t13d1516h2_headless", linux + headless},
	"okhttp":          {"", "4.12.0", "t13d1513h2_okhttp", "okhttp/%[1]s"},
	"python":          {"", "2.32.3", "t13d1812h1_python", "python-requests/%[1]s"},
	"curl":            {"", "8.5.0", "t13d3112h2_curl", "curl/%[1]s"},
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

// client makes the client that a story calls firefox/windows, or firefox-145.0/windows for another version, or nil. key
// is the name without a version. A device id is one user's and program's; libraries have none.
func client(user, name string) (c *aerv1.Client, key string) {
	family, system, _ := strings.Cut(name, "/")
	family, version, _ := strings.Cut(family, "-")
	key = strings.TrimSuffix(family+"/"+system, "/")
	p, ok := programs[key]
	if !ok {
		return nil, key
	}
	version = cmp.Or(version, p.version)
	major, _, _ := strings.Cut(version, ".")
	c = &aerv1.Client{UserAgent: fmt.Sprintf(p.agent, version), Ja4: p.ja4 + "_" + major, Platform: p.platform}
	if p.platform != "" {
		c.DeviceId = user + "-" + key
	}
	return c, key
}

// chooses reads PROGRAM PLACE or the name of a client of the story, if the line goes on with one; else the user, called
// name, must have a client.
func (a *author) chooses(u *user, name string, l *line) error {
	if e := a.clients[l.peek()]; e != nil {
		u.client, u.name = e.Client, l.take()
		return nil
	}
	c, program := client(name, l.peek())
	if c == nil {
		if u.client == nil {
			return fmt.Errorf(
				"%s has no client yet, and %q is none; write PROGRAM PLACE, e.g. firefox/windows home. Known programs are %s",
				name, l.peek(), known(programs))
		}
		return nil
	}
	as, where := l.take(), l.take()
	p, ok := places[where]
	if !ok {
		return fmt.Errorf("%s needs a place, and %q is none; known are %s", as, where, known(places))
	}
	c.Ip, c.Country, c.Asn = p.ip, p.country, p.asn
	u.client, u.name = c, program
	return nil
}

// clientKeys are what may be said of a client.
func clientKeys(c *aerv1.Client) keys {
	return keys{
		"asn": &c.Asn, "country": &c.Country, "device": &c.DeviceId, "ip": &c.Ip,
		"ja3": &c.Ja3, "ja4": &c.Ja4, "ua": &c.UserAgent,
	}
}

// namedClient reads a line of clients: NAME [PROGRAM PLACE] [key=value...].
func (a *author) namedClient(l *line) error {
	name := l.take()
	if name == "" {
		return errors.New("write NAME [PROGRAM PLACE] [key=value...], e.g. thief curl vps")
	}
	u := &user{client: &aerv1.Client{}}
	if err := a.chooses(u, name, l); err != nil {
		return err
	}
	e, class := &aerv1.Evidence{Client: u.client}, useragent.Classify(u.client.UserAgent)
	a.clients[name], u.client.Facts = e, &aerv1.ClientFacts{}
	k, facts := clientKeys(e.Client), e.Client.Facts
	if u.client.UserAgent != "" {
		facts.Class, facts.Family, facts.Version, facts.Os = class.Class, class.Family, class.Version, class.OS
	}
	k["family"], k["class"], k["tor_stale"] = &facts.Family, &facts.Class, &facts.TorStale
	k["client_usual"], k["network_usual"], k["device_usual"] = &e.ClientUsual, &e.NetworkUsual, &e.DeviceUsual
	k["usual"] = func(string) error { e.ClientUsual, e.NetworkUsual = true, true; return nil }
	k["previous_ip"] = func(v string) error { e.Previous = &aerv1.Client{Ip: v}; return nil }
	return l.set(k)
}
