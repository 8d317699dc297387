// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const (
	winChrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 " +
		"Safari/537.36"
	macSlack = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.31.3 " +
		"Chrome/110.0.0.3 Electron/23.1.1 Safari/537.36 Sonic Slack_SSB/4.31.3"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		name, ua string
		want     Client
	}{
		{"none", "", Client{Class: aerv1.ClassEmpty}},
		{"white space", " \t", Client{Class: aerv1.ClassEmpty}},
		{"dash of a web log", "-", Client{Class: aerv1.ClassEmpty}},

		{"Slack desktop", macSlack, Client{aerv1.ClassOfficial, "slack-desktop", "4.31.3", OSMacOS, DeviceDesktop}},
		{"Slack site-specific browser",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) AppleWebKit/601.7.8 (KHTML, like Gecko) Slack_SSB/2.0.3",
			Client{aerv1.ClassOfficial, "slack-desktop", "2.0.3", OSMacOS, DeviceDesktop}},
		{"Slack on AtomShell", "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Slack/1.2.6 Chrome/45.0.2454.85 AtomShell/0.34.3 Safari/537.36 Slack_SSB/1.2.6",
			Client{aerv1.ClassOfficial, "slack-desktop", "1.2.6", OSWindows, DeviceDesktop}},
		{"Slack iOS", "com.tinyspeck.chatlyio/23.05.90 (iPhone; iOS 16.4; Scale/2.00)",
			Client{aerv1.ClassOfficial, "slack-ios", "23.05.90", OSiOS, DevicePhone}},
		{"Slack iPad", "com.tinyspeck.chatlyio/23.05.90 (iPad; iOS 16.4; Scale/2.00)",
			Client{aerv1.ClassOfficial, "slack-ios", "23.05.90", OSiOS, DeviceTablet}},
		{"Slack Android", "com.Slack/24.01.10.0 (Google Pixel 7; Android 14)",
			Client{aerv1.ClassOfficial, "slack-android", "24.01.10", OSAndroid, DevicePhone}},
		{"Slack Android, since it says so", "slack/27.02.10.0.9 (Google Pixel 9; Android 16; store com.android.vending)",
			Client{aerv1.ClassOfficial, "slack-android", "27.02.10", OSAndroid, DevicePhone}},
		{"Slack iOS, likewise", "Slack/27.02 (iPhone; iOS 27.1; Scale/3.00)",
			Client{aerv1.ClassOfficial, "slack-ios", "27.02", OSiOS, DevicePhone}},
		{"Slack's extension on the iPhone", "com.tinyspeck.chatlyio.ShareExtension/26.01.20 (iPhone; iOS 26.2; Scale/3.00)",
			Client{aerv1.ClassOfficial, "slack-ios", "26.01.20", OSiOS, DevicePhone}},
		{"a program called slack", "slack/1.0", Client{Class: aerv1.ClassOther, Family: "slack", Version: "1.0"}},
		{"a program called like Slack's bundle", "com.slackers/1.0",
			Client{Class: aerv1.ClassOther, Family: "com.slackers", Version: "1.0"}},
		{"a package manager", "npm/10.2.0 node/v20.9.0 linux x64 workspaces/false",
			Client{Class: aerv1.ClassLibrary, Family: "npm", Version: "10.2.0", OS: OSLinux, Device: DeviceDesktop}},
		{"an exporter of chats", "slackdump/2.5", Client{Class: aerv1.ClassLibrary, Family: "slackdump", Version: "2.5"}},
		{"a copier of sites", "Mozilla/4.5 (compatible; HTTrack 3.0x; Windows 98)",
			Client{Class: aerv1.ClassLibrary, Family: "httrack", Version: "3.0", OS: OSWindows, Device: DeviceDesktop}},
		{"a phishing proxy", "evilginx", Client{Class: aerv1.ClassBot, Family: "evilginx"}},
		{"a monitor whose name ends in a digit", "Site24x7", Client{Class: aerv1.ClassBot, Family: "site24x7"}},
		{"a dashboard's server", "Grafana/10.2", Client{Class: aerv1.ClassBot, Family: "grafana", Version: "10.2"}},
		{"the same as an application", "Grafana/3.1 (iPhone; iOS 18.2; Scale/3.00)",
			Client{aerv1.ClassMobileApp, "grafana", "3.1", OSiOS, DevicePhone}},
		{"a name with a television's in it", "Draftsman/2.0",
			Client{Class: aerv1.ClassOther, Family: "draftsman", Version: "2.0"}},
		{"a name that ends like an application's", "Acme Command Line/6.7.0",
			Client{Class: aerv1.ClassOther, Family: "acme-command-line", Version: "6.7.0"}},
		{"Slack's own robot", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
			Client{Class: aerv1.ClassBot, Family: "slackbot-linkexpanding", Version: "1.0"}},
		{"Slack's image proxy", "Slack-ImgProxy (+https://api.slack.com/robots)",
			Client{Class: aerv1.ClassBot, Family: "slack-imgproxy"}},
		{"a library that names Slack", "python-requests/2.31.0 com.Slack/24.1",
			Client{Class: aerv1.ClassLibrary, Family: "python-requests", Version: "2.31.0"}},

		{"Chrome", winChrome, Client{aerv1.ClassBrowser, "chrome", "120.0.6099", OSWindows, DeviceDesktop}},
		{"Edge", winChrome + " Edg/120.0.2210.61",
			Client{aerv1.ClassBrowser, "edge", "120.0.2210", OSWindows, DeviceDesktop}},
		{"Opera", winChrome + " OPR/106.0.4998.19",
			Client{aerv1.ClassBrowser, "opera", "106.0.4998", OSWindows, DeviceDesktop}},
		{"Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
			Client{aerv1.ClassBrowser, "firefox", "121.0", OSLinux, DeviceDesktop}},
		{"Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 " +
			"Safari/605.1.15", Client{aerv1.ClassBrowser, "safari", "17.2", OSMacOS, DeviceDesktop}},
		{"Safari on iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like " +
			"Gecko) Version/17.2 Mobile/15E148 Safari/604.1", Client{aerv1.ClassBrowser, "safari", "17.2", OSiOS, DevicePhone}},
		{"Chrome on iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like " +
			"Gecko) CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1", Client{aerv1.ClassBrowser, "chrome", "120.0.6099",
			OSiOS, DevicePhone}},
		{"Samsung", "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S908B) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36", Client{aerv1.ClassBrowser, "samsung-browser", "23.0",
			OSAndroid, DevicePhone}},
		{"Android tablet", "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/120.0.0.0 Safari/537.36", Client{aerv1.ClassBrowser, "chrome", "120.0.0", OSAndroid, DeviceTablet}},
		{"Chrome OS",
			"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
			Client{aerv1.ClassBrowser, "chrome", "120.0.0", OSChromeOS, DeviceDesktop}},
		{"a phone called like a robot", "Mozilla/5.0 (Linux; Android 10; CUBOT J9) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/88.0.4324.152 Mobile Safari/537.36",
			Client{aerv1.ClassBrowser, "chrome", "88.0.4324", OSAndroid, DevicePhone}},
		{"another application on Electron", "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"discord/1.0.9003 Chrome/91.0.4472.164 Electron/13.4.0 Safari/537.36",
			Client{aerv1.ClassBrowser, "discord", "1.0.9003", OSWindows, DeviceDesktop}},
		{"application on a phone", "Spotify/8.7.70 iOS/16.0 (iPhone14,8)",
			Client{aerv1.ClassMobileApp, "spotify", "8.7.70", OSiOS, DevicePhone}},
		{"application called like a library", "Rest Timer/3.2 (iPhone; iOS 18.1; Scale/3.00)",
			Client{aerv1.ClassMobileApp, "rest-timer", "3.2", OSiOS, DevicePhone}},
		{"application called like a robot", "Heart Monitor/12 CFNetwork/1494.0.7 Darwin/23.4.0",
			Client{Class: aerv1.ClassMobileApp, Family: "heart-monitor", Version: "12"}},
		{"application of a robots' maker", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, " +
			"like Gecko) Claude/1.0.1 Chrome/138.0.7204.100 Electron/37.2.0 Safari/537.36",
			Client{aerv1.ClassBrowser, "claude", "1.0.1", OSMacOS, DeviceDesktop}},
		{"application with its page", "Acme Podcasts/3.0 (+https://podcasts.example/; iOS app)",
			Client{aerv1.ClassMobileApp, "acme-podcasts", "3.0", OSiOS, DevicePhone}},
		{"a build that looks like an address", "Mozilla/5.0 (Linux; Android 14; K; wv) AppleWebKit/537.36 (KHTML, like " +
			"Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 id/42@acme_android_7.12.0",
			Client{aerv1.ClassBrowser, "android-webview", "126.0.0", OSAndroid, DevicePhone}},
		{"media player of the system", "AppleCoreMedia/1.0.0.22F76 (iPhone; U; CPU OS 18_5 like Mac OS X; en_us)",
			Client{aerv1.ClassMobileApp, "applecoremedia", "1.0.0", OSiOS, DevicePhone}},
		{"application that names its library", "ExampleApp/5.1 (Android 13; Pixel 6) okhttp/4.9.3",
			Client{aerv1.ClassMobileApp, "exampleapp", "5.1", OSAndroid, DevicePhone}},
		{"application on a desktop", "Microsoft Office Word/16.78.1008 (Mac OS/14.0; Desktop; en-US)",
			Client{aerv1.ClassOther, "microsoft-office-word", "16.78.1008", OSMacOS, DeviceDesktop}},

		{"curl", "curl/8.4.0", Client{Class: aerv1.ClassLibrary, Family: "curl", Version: "8.4.0"}},
		{"requests", "python-requests/2.31.0", Client{Class: aerv1.ClassLibrary, Family: "python-requests",
			Version: "2.31.0"}},
		{"urllib", "Python-urllib/3.6", Client{Class: aerv1.ClassLibrary, Family: "python-urllib", Version: "3.6"}},
		{"Go", "Go-http-client/2.0", Client{Class: aerv1.ClassLibrary, Family: "go-http-client", Version: "2.0"}},
		{"Go of old", "Go 1.1 package http", Client{Class: aerv1.ClassLibrary, Family: "go-http-client", Version: "1.1"}},
		{"a Go package", "go-containerregistry/v0.11.0", Client{Class: aerv1.ClassLibrary, Family: "go-containerregistry",
			Version: "0.11.0"}},
		{"PHP", "PHP/5.3.93", Client{Class: aerv1.ClassLibrary, Family: "php", Version: "5.3.93"}},
		{"PHP, written otherwise", "php7.4", Client{Class: aerv1.ClassLibrary, Family: "php", Version: "7.4"}},
		{"Java client", "Google-HTTP-Java-Client/1.17.0-rc (gzip)",
			Client{Class: aerv1.ClassLibrary, Family: "google-http-java-client", Version: "1.17.0"}},
		{"axios is not iOS", "axios/0.18.0", Client{Class: aerv1.ClassLibrary, Family: "axios", Version: "0.18.0"}},
		{"library with its page", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
			Client{Class: aerv1.ClassLibrary, Family: "node-fetch", Version: "1.0"}},
		{"library on a Mac", "nscurl/3870.100.1 CFNetwork/3870.100.1 Darwin/26.0.0",
			Client{Class: aerv1.ClassLibrary, Family: "nscurl", Version: "3870.100.1"}},
		{"unknown program", "acme-sync/2.3.1", Client{Class: aerv1.ClassOther, Family: "acme-sync", Version: "2.3.1"}},
		{"unknown word", "Acme", Client{Class: aerv1.ClassOther, Family: "acme"}},
		{"unknown program that poses as nothing", "Mozilla/5.0 (Macintosh) acmesync/3.1",
			Client{aerv1.ClassOther, "acmesync", "3.1", OSMacOS, DeviceDesktop}},
		{"unknown program on a library", "Acme/1.2 libwww-perl/6.67",
			Client{Class: aerv1.ClassLibrary, Family: "acme", Version: "1.2"}},
		{"library by its name's end", "AcmeHTTPClient/1.2",
			Client{Class: aerv1.ClassLibrary, Family: "acmehttpclient", Version: "1.2"}},
		{"a browser's string with nothing in it", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
			Client{aerv1.ClassBot, "mozilla", "5.0", OSWindows, DeviceDesktop}},
		{"neither engine nor machine", "Mozilla/5.0 (compatible; Acme/1.0)",
			Client{Class: aerv1.ClassBot, Family: "acme", Version: "1.0"}},
		{"PowerShell", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682",
			Client{aerv1.ClassLibrary, "powershell", "", OSWindows, DeviceDesktop}},
		{"only a prefix of a browser", "Mozilla/5.0", Client{Class: aerv1.ClassBot, Family: "mozilla", Version: "5.0"}},

		{"headless Chrome", strings.Replace(winChrome, "Chrome/", "HeadlessChrome/", 1),
			Client{aerv1.ClassHeadless, "headlesschrome", "120.0.6099", OSWindows, DeviceDesktop}},
		{"PhantomJS",
			"Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
			Client{aerv1.ClassHeadless, "phantomjs", "2.1.1", OSLinux, DeviceDesktop}},

		{"Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			Client{Class: aerv1.ClassBot, Family: "googlebot", Version: "2.1"}},
		{"robot with an engine", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ExampleUser/0.1) " +
			"Chrome/119.0.6045.214 Safari/537.36", Client{Class: aerv1.ClassBot, Family: "exampleuser", Version: "0.1"}},
		{"Google's servers", "GoogleExample/1.0", Client{Class: aerv1.ClassBot, Family: "googleexample", Version: "1.0"}},
		{"Google's updater", "Google Update/1.3.36;winhttp", Client{Class: aerv1.ClassOther, Family: "google-update",
			Version: "1.3.36"}},
		{"a site as a name", "Acme.com/1.0", Client{Class: aerv1.ClassBot, Family: "acme.com", Version: "1.0"}},
		{"a bundle as a name", "io.acme.app/1.0", Client{Class: aerv1.ClassOther, Family: "io.acme.app", Version: "1.0"}},
		{"mail address", winChrome + " admin@example.com",
			Client{aerv1.ClassBot, "safari", "537.36", OSWindows, DeviceDesktop}},
		{"injection", "${jndi:ldap://x.example/a}", Client{Class: aerv1.ClassBot, Family: "jndi"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Classify(tt.ua)
			if tt.name == "mail address" || tt.name == "injection" || tt.name == "PowerShell" {
				got.Family, got.Version, tt.want.Family, tt.want.Version = "", "", "", "" // what these are called does not matter
			}
			if got != tt.want {
				t.Errorf("Classify(%q)\n got %+v\nwant %+v", tt.ua, got, tt.want)
			}
		})
	}
}

// An update changes the version and nothing else: the detectors take a changed family for another program.
func TestUpdateKeepsFamily(t *testing.T) {
	for _, pair := range [][2]string{
		{winChrome, strings.ReplaceAll(winChrome, "120.0.6099.71", "121.0.1.2")},
		{macSlack, strings.NewReplacer("4.31.3", "4.32.0", "110.0.0.3", "112.0.0.0", "23.1.1", "24.0.0").Replace(macSlack)},
		{"python-requests/2.31.0", "python-requests/2.32.1"},
		{"php7.4", "php8.1"},
		{"acme-sync/2.3.1", "acme-sync/2.4"},
		{"com.tinyspeck.chatlyio/23.05.90 (iPhone; iOS 16.4; Scale/2.00)",
			"com.tinyspeck.chatlyio/23.11.10 (iPhone; iOS 17.1; Scale/3.00)"},
	} {
		a, b := Classify(pair[0]), Classify(pair[1])
		if !VersionLess(a.Version, b.Version) || VersionLess(b.Version, a.Version) {
			t.Errorf("version %q of %q is not less than %q of %q", a.Version, pair[0], b.Version, pair[1])
		}
		a.Version, b.Version = "", ""
		if a != b {
			t.Errorf("an update changed more than the version: %+v, %+v", a, b)
		}
	}
}

func TestVersionLess(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"9.1", "10", true}, {"10", "9.1", false}, {"1.2", "1.2.0", false}, {"1.2.0", "1.2", false}, {"1.2", "1.2.1", true},
		{"", "1", false}, {"1", "", false}, {"01.2", "1.2", false}, {"v1.2", "1.3", true}, {"1.x", "1.1", true},
		{"99999999999999999999", "100000000000000000000", true}, {"1.2.3", "1.2.3", false}, {"x", "1", false},
	} {
		if got := VersionLess(tt.a, tt.b); got != tt.want {
			t.Errorf("VersionLess(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzClassify(f *testing.F) {
	for _, s := range []string{"", winChrome, macSlack, "curl/8.4.0", "a/((((", "\xff\xfe/1", "Android)", "x@y.z", "/",
		"İ/1 ANDROİD (", "version/", "com.Slack/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, ua string) {
		c := Classify(ua)
		if len(c.Family) > maxFamilyBytes || len(c.Version) > maxVersionBytes {
			t.Errorf("Classify(%q) is not bounded: %+v", ua, c)
		}
		if c.Class == "" || (c.Family == "") != (c.Class == aerv1.ClassEmpty) {
			t.Errorf("Classify(%q) is not complete: %+v", ua, c)
		}
		if c != Classify(ua) {
			t.Errorf("Classify(%q) varies", ua)
		}
		if VersionLess(c.Version, c.Version) {
			t.Errorf("version %q is less than itself", c.Version)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	for _, bb := range []struct{ name, ua string }{{"browser", winChrome}, {"slack", macSlack},
		{"library", "curl/8.4.0"}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Classify(bb.ua)
			}
		})
	}
}
