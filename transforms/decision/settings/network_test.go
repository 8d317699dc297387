// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"testing"
)

func TestParseNetwork(t *testing.T) {
	for _, c := range []struct{ in, want, problem string }{
		{"203.0.113.9/24", "203.0.113.0/24", ""},
		{" 203.0.113.9 ", "203.0.113.9/32", ""},
		{"203.0.113.0/255.255.255.0", "203.0.113.0/24", ""},
		{"17.0.0.0/8", "17.0.0.0/8", ""},
		{"::ffff:203.0.113.0/120", "203.0.113.0/24", ""},
		{"2001:DB8::/32", "2001:db8::/32", ""},
		{"fc00::/7", "fc00::/7", ""},
		{"fd12:3456::/32", "fd12:3456::/32", ""},

		{"0.0.0.0/0", "", "trusts every address"},
		{"::/0", "", "trusts every address"},
		{"0.0.0.0/0.0.0.0", "", "trusts every address"},
		{"::ffff:0.0.0.0/96", "", "trusts every address"},
		{"0.0.0.0/1", "", "a great part of the internet"},
		{"128.0.0.0/1", "", "a great part of the internet"},
		{"64.0.0.0/7", "", "a great part of the internet"},
		{"::ffff:128.0.0.0/97", "", "a great part of the internet"},
		{"2000::/3", "", "a great part of the internet"},
		{"fc00::/6", "", "a great part of the internet"},

		{"203.0.113.0/255.0.255.0", "", "is not a network"},
		{"203.0.113.0/0.0.0.255", "", "is not a network"},
		{"203.0.113.0/::", "", "is not a network"},
		{"203.0.113.9:443", "", "is not a network"},
		{"fe80::1%eth0", "", "is not a network"},
		{"", "", "is not a network"},
	} {
		got, err := ParseNetwork(c.in)
		if got != c.want || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%q: %q, %v; want %q %q", c.in, got, err, c.want, c.problem)
		}
	}
}

func TestParseASN(t *testing.T) {
	for in, want := range map[string]uint32{
		"64500": 64500, "AS64500": 64500, "as64500": 64500, "ASN 64500": 64500, " AS 64500 ": 64500, "4294967295": 4294967295,
		"": 0, "0": 0, "AS0": 0, "AS": 0, "-1": 0, "4294967296": 0, "64500,64501": 0, "1.10": 0,
	} {
		if got, err := ParseASN(in); got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
}
