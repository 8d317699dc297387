// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/aer-project/aer/transforms/strict"
)

// prefix reads a CIDR or a single address. Host bits are masked, IPv4 within IPv6 is unwrapped.
func (d *decoder) prefix(n ast.Node, key string) (string, bool) {
	s, ok := d.Text(n, key, networkRight)
	if !ok {
		return "", false
	}
	cidr, problem, right := parsePrefix(s)
	if problem != "" {
		d.Fail(n, key, problem, right)
	}
	return cidr, problem == ""
}

const (
	networkRight = "use a network (203.0.113.0/24, 2001:db8::/48) or an address"
	asnRight     = "use the number of an autonomous system, for example 64500"
)

// Networks with fewer bits than these are parts of the internet rather than anybody's: the largest that one company
// holds have as many (IANA's registries of /8 and, for IPv6, of the regional registries' blocks, whose members get /19
// and longer).
const minBitsIPv4, minBitsIPv6 = 8, 16

// localIPv6 is shorter, and no part of the internet (RFC 4193).
var localIPv6 = netip.MustParsePrefix("fc00::/7")

func tooWide(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < minBitsIPv4
	}
	return p.Bits() < minBitsIPv6 && (p.Bits() < localIPv6.Bits() || !localIPv6.Contains(p.Addr()))
}

// lengthOfMask replaces a netmask by its length: 203.0.113.0/255.255.255.0 is 203.0.113.0/24. What is no mask stays as
// it is.
func lengthOfMask(s string) string {
	ip, mask, _ := strings.Cut(s, "/")
	m, err := netip.ParseAddr(mask)
	if err != nil || !m.Is4() {
		return s
	}
	b := m.As4()
	ones, bits := net.IPv4Mask(b[0], b[1], b[2], b[3]).Size()
	if bits == 0 {
		return s
	}
	return ip + "/" + strconv.Itoa(ones)
}

// parsePrefix returns the network in its one form, or what is wrong and what would be right.
func parsePrefix(s string) (cidr, problem, right string) {
	p, err := netip.ParsePrefix(lengthOfMask(strings.TrimSpace(s)))
	if err != nil {
		var ip netip.Addr
		if ip, err = netip.ParseAddr(strings.TrimSpace(s)); err == nil && ip.Zone() == "" {
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
	}
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	switch {
	case err != nil || !p.IsValid():
		return "", fmt.Sprintf("%q is not a network", strict.Clip(s)), networkRight
	case p.Bits() == 0:
		return "", fmt.Sprintf("%q trusts every address", strict.Clip(s)),
			"to stop a detector from acting, set its mode to log or off"
	case tooWide(p):
		return "", fmt.Sprintf("%q trusts a great part of the internet", strict.Clip(s)),
			fmt.Sprintf("use networks of at least /%d, in IPv6 /%d", minBitsIPv4, minBitsIPv6)
	}
	return p.Masked().String(), "", ""
}

// asn reads 64500 or AS64500.
func (d *decoder) asn(n ast.Node, key string) (uint32, bool) {
	s, ok := d.Text(n, key, asnRight)
	if !ok {
		return 0, false
	}
	asn, problem, right := parseASN(s)
	if problem != "" {
		d.Fail(n, key, problem, right)
	}
	return asn, problem == ""
}

func parseASN(s string) (asn uint32, problem, right string) {
	number := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "AS"), "N")
	v, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32)
	if err != nil || v == 0 {
		return 0, fmt.Sprintf("%q is not the number of an autonomous system", strict.Clip(s)), asnRight
	}
	return uint32(v), "", ""
}

// ParseNetwork reads what a person writes for a network: a CIDR or an address.
func ParseNetwork(s string) (string, error) {
	cidr, problem, right := parsePrefix(s)
	if problem != "" {
		return "", fmt.Errorf("%s; %s", problem, right)
	}
	return cidr, nil
}

// ParseASN reads what a person writes for an autonomous system: 64500 or AS64500.
func ParseASN(s string) (uint32, error) {
	asn, problem, right := parseASN(s)
	if problem != "" {
		return 0, fmt.Errorf("%s; %s", problem, right)
	}
	return asn, nil
}
