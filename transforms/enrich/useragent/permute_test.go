// SPDX-License-Identifier: Apache-2.0

package useragent

import "testing"

func TestPermutesExtensions(t *testing.T) {
	for ua, want := range map[string]bool{
		winChrome: true, macSlack: true,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36": false,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 " +
			"Edg/130.0.0.0": true,
		"Mozilla/5.0 (Linux; Android 14; K; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile " +
			"Safari/537.36": true,
		"Mozilla/5.0 (X11; Linux x86_64; rv:113.0) Gecko/20100101 Firefox/113.0": false,
		"Mozilla/5.0 (X11; Linux x86_64; rv:114.0) Gecko/20100101 Firefox/114.0": true,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.1.2 " +
			"Mobile/15E148 Safari/604.1": false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 " +
			"Mobile/15E148 Safari/605.1.15": false,
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 " +
			"Safari/605.1.15": false,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 " +
			"Safari/537.36": true,
		"python-requests/2.31.0": false, "": false, "chrome/": false,
	} {
		if got := PermutesExtensions(ua); got != want {
			t.Errorf("%q: %v, want %v", ua, got, want)
		}
	}
}

func TestChromiumVersion(t *testing.T) {
	for ua, want := range map[string]string{winChrome: "120.0.6099.71", macSlack: "110.0.0.3", "Chrome/130": "130",
		"curl/8": "", "": ""} {
		if got := ChromiumVersion(ua); got != want {
			t.Errorf("%q: %q, want %q", ua, got, want)
		}
	}
}
