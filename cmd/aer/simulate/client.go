package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// network is where a client is.
type network struct {
	ip      string
	asn     uint32
	country string
}

func (o *org) officeNetwork() network {
	return network{ip: o.office + ".4", asn: o.asn, country: o.country}
}

// deviceKind is a family of client on an operating system. Agent has one %s for the version.
type deviceKind struct {
	family, platform, agent string
	versions                []string
	// What its TLS fingerprint begins with.
	ja4 string
}

var (
	chromeWindows  = deviceKind{"chrome", "windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36", []string{"141.0.0.0", "142.0.0.0"}, "t13d1516h2"}
	chromeMac      = deviceKind{"chrome", "macos", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36", []string{"141.0.0.0", "142.0.0.0"}, "t13d1516h2"}
	firefoxLinux   = deviceKind{"firefox", "linux", "Mozilla/5.0 (X11; Linux x86_64; rv:%[1]s) Gecko/20100101 Firefox/%[1]s", []string{"143.0", "144.0"}, "t13d1717h2"}
	firefoxWindows = deviceKind{"firefox", "windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%[1]s) Gecko/20100101 Firefox/%[1]s", []string{"143.0", "144.0"}, "t13d1717h2"}
	safariMac      = deviceKind{"safari", "macos", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%s Safari/605.1.15", []string{"18.6", "26.0"}, "t13d2014h2"}
	slackMac       = deviceKind{"slack-desktop", "macos", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/%[1]s Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%[1]s", []string{"4.45.64", "4.46.96"}, "t13d1516h2"}
	slackWindows   = deviceKind{"slack-desktop", "windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/%[1]s Chrome/140.0.7339.80 Electron/38.1.0 Safari/537.36 Sonic Slack_SSB/%[1]s", []string{"4.45.64", "4.46.96"}, "t13d1516h2"}
	slackIOS       = deviceKind{"slack-ios", "ios", "com.tinyspeck.chatlyio/%s (iPhone; iOS 18.6; Scale/3.00)", []string{"25.09.10", "25.10.20"}, "t13d2613h2"}
	slackAndroid   = deviceKind{"slack-android", "android", "com.Slack/%s (Pixel 8; Android 15; Scale/2.6)", []string{"25.09.40", "25.10.10"}, "t13d1516h2"}
	pythonRequests = deviceKind{"python-requests", "", "python-requests/%s", []string{"2.32.3"}, "t13d1812h1"}
	goHTTP         = deviceKind{"go-http-client", "", "Go-http-client/%s", []string{"2.0"}, "t13d1312h2"}
	integration    = deviceKind{"python-requests", "", "python-requests/%s", []string{"2.32.3"}, "t13d1812h1"}
	torBrowser     = deviceKind{"firefox", "windows", "Mozilla/5.0 (Windows NT 10.0; rv:%[1]s) Gecko/20100101 Firefox/%[1]s", []string{"128.0"}, "t13d1715h2"}

	laptopKinds = []deviceKind{chromeWindows, chromeMac, firefoxLinux, firefoxWindows, safariMac, slackMac, slackWindows, slackWindows}
	phoneKinds  = []deviceKind{slackIOS, slackAndroid}
)

// device is one machine with one client.
type device struct {
	deviceKind
	id      string
	version string
}

func newDevice(r *rand.Rand, kind deviceKind) *device {
	d := &device{deviceKind: kind, version: kind.versions[0]}
	if kind.platform != "" {
		d.id = fmt.Sprintf("d-%012x", r.Uint64()&0xffffffffffff)
	}
	return d
}

// fingerprint is a synthetic JA4: the same for all of a family and version, as in life.
func (d *device) fingerprint() string {
	h := sha256.Sum256([]byte(d.family + d.ja4))
	v := sha256.Sum256([]byte(d.family + d.version))
	return d.ja4 + "_" + hex.EncodeToString(h[:6]) + "_" + hex.EncodeToString(v[:6])
}

// session is one sign-in of a person on a device.
type session struct {
	id     string
	person *person
	device *device
	net    network
	born   time.Time
	// stale, if set, is the time of the cookie that is presented, which a thief copied then.
	stale time.Time
	// thief says that it is not the person who uses it.
	thief bool
	// disguise, if set, replaces what the device would show.
	disguise func(*aerv1.Client)
}

// cookieLife is how often the service issues a fresh cookie to a session in use.
const cookieLife = 6 * time.Hour

func (s *session) cookie(at time.Time) time.Time {
	if !s.stale.IsZero() {
		return s.stale
	}
	return s.born.Add(at.Sub(s.born).Truncate(cookieLife)).Truncate(time.Millisecond)
}

func (s *session) client() *aerv1.Client {
	d := s.device
	c := &aerv1.Client{
		Ip: s.net.ip, Asn: s.net.asn, Country: s.net.country, Platform: d.platform, DeviceId: d.id,
		UserAgent: fmt.Sprintf(d.agent, d.version), Ja4: d.fingerprint(),
	}
	if s.disguise != nil {
		s.disguise(c)
	}
	return c
}

// steals opens a session of somebody who has the person's credentials.
func (w *world) steals(p *person, d *device, n network, at time.Time) *session {
	s := w.open(p, d, n, at)
	s.thief = true
	w.emit(s, at, act{action: "user_login"})
	return s
}

// login opens a new session with its log-in event.
func (w *world) login(p *person, d *device, n network, at time.Time) *session {
	s := w.open(p, d, n, at)
	w.emit(s, at, act{action: "user_login"})
	return s
}

// open makes a session without a log-in.
func (w *world) open(p *person, d *device, n network, at time.Time) *session {
	w.sessions++
	s := &session{id: fmt.Sprintf("S-%s-%05d", p.org.id, w.sessions), person: p, device: d, net: n, born: at}
	p.sessions = append(p.sessions, s)
	return s
}

// current returns the person's session on a device, signing in if there is none or it is older than a week.
func (w *world) current(p *person, d *device, n network, at time.Time) *session {
	for i := len(p.sessions) - 1; i >= 0; i-- {
		s := p.sessions[i]
		if s.device == d && s.person == p && !s.thief && !s.born.After(at) && at.Sub(s.born) < 7*24*time.Hour {
			s.net = n
			return s
		}
	}
	return w.login(p, d, n, at)
}
