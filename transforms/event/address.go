// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"
	"net/url"
	"strings"
)

// addressMax is the longest text that can be one address with everything people put around it.
const addressMax = 128

// nat64 is the well-known prefix of RFC 6052, which only stands for public IPv4 addresses (section 3.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// address gives the one spelling of an address: IPv4 as such also where it was wrapped in IPv6, IPv6 in the form of RFC
// 5952, without port, brackets, zone, prefix length, quotes and spaces. "" means that nothing is known; false, that the
// text is no address and stays as it is.
//
// A list (X-Forwarded-For) is no address: its first entry is whatever the client wrote, and which of the others is true
// depends on the proxies.
func address(s string) (string, bool) {
	if DottedQuad(s) {
		return s, true
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return spell(a, s), true
	}
	if placeholder(s) {
		return "", true
	}
	if len(s) > addressMax {
		return s, false
	}
	if a, ok := unwrap(bare(s)); ok {
		return spell(a, s), true
	}
	return s, false
}

// spell writes an address, without allocating where s is that already.
func spell(a netip.Addr, s string) string {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		if v4 := netip.AddrFrom4([4]byte(b[12:])); public(v4) {
			a = v4
		}
	}
	var buf [64]byte
	if b := a.AppendTo(buf[:0]); string(b) != s {
		return string(b)
	}
	return s
}

// public tells whether an IPv4 address can be the one of somebody on the internet.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.As4()[0] != 0
}

// unwrap finds the address in the forms that proxies, load balancers and languages write: a:port, [a], [a]:port,
// /a:port (Java), for="[a]:port" (RFC 7239), a%zone, a/32, percent-encoded.
func unwrap(s string) (netip.Addr, bool) {
	if strings.Contains(s, "%3") || strings.Contains(s, "%5") || strings.Contains(s, "%25") ||
		strings.Contains(s, "%20") || strings.Contains(s, "%22") {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
	}
	if len(s) > 4 && strings.EqualFold(s[:4], "for=") {
		s = s[4:]
	}
	s = bare(strings.TrimPrefix(bare(s), "/"))
	if inside, port, ok := brackets(s); ok {
		if !isPort(port) {
			return netip.Addr{}, false
		}
		s = bare(inside)
	}
	if strings.EqualFold(s, "localhost") {
		return netip.IPv6Loopback(), true
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a, true
	}
	if p, err := netip.ParsePrefix(s); err == nil && p.IsSingleIP() {
		return p.Addr(), true
	}
	host, port, ok := lastCut(s, ':')
	if !ok || !isPort(":"+port) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(bare(host))
	// Of IPv6 only the full form with eight groups leaves no doubt that what follows is a port.
	return a, err == nil && (a.Is4() || strings.Count(host, ":") == 7 || a.Is4In6() && strings.Contains(host, "."))
}

// brackets takes "[inside]rest" apart.
func brackets(s string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", "", false
	}
	return strings.Cut(s[1:], "]")
}

// isPort tells whether s is nothing or ":" with at most five digits.
func isPort(s string) bool {
	return s == "" || s[0] == ':' && len(s) <= 6 && allDigits(s[1:])
}

func lastCut(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
