// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"net/netip"
	"strconv"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	events "github.com/aer-project/aer/transforms/event"
)

// keySize is room for nearly every key, so that making one to look for takes no memory.
const keySize = 192

// AppendKey appends to dst what a client's kind, device, network, ... is remembered by; nothing where it shows none:
//
//	Clients       class, family and operating system, without the version
//	Devices       the device's id
//	Networks      the AS number, or else the address
//	Places        the address range, /24 for IPv4 and /48 for IPv6: about one office or home; none for text that is no
//	              address
//	Countries     the country's code
//	Fingerprints  the TLS fingerprint with the family and version that it belongs to
func AppendKey(dst []byte, kind Kind, c *aerv1.FacetClient) []byte {
	switch kind {
	case Clients:
		return appendWords(dst, c.GetClass(), c.GetFamily(), c.GetOs())
	case Devices:
		return append(dst, c.GetDeviceId()...)
	case Networks:
		if c.GetAsn() == 0 {
			return append(dst, c.GetIp()...)
		}
		return strconv.AppendUint(append(dst, "AS"...), uint64(c.GetAsn()), 10)
	case Places:
		return appendPlace(dst, c.GetIp())
	case Countries:
		return append(dst, c.GetCountry()...)
	case Fingerprints:
		if c.GetJa4() != "" {
			return appendWords(dst, c.GetFamily(), c.GetVersion(), c.GetJa4())
		}
	}
	return dst
}

// Key is AppendKey as text.
func Key(kind Kind, c *aerv1.FacetClient) string { return string(AppendKey(nil, kind, c)) }

func appendWords(dst []byte, a, b, c string) []byte {
	dst = append(append(dst, a...), ' ')
	dst = append(append(dst, b...), ' ')
	return append(dst, c...)
}

// PlaceKey is the key of the address range of an address.
func PlaceKey(ip string) string { return string(appendPlace(nil, ip)) }

func appendPlace(dst []byte, ip string) []byte {
	if events.DottedQuad(ip) {
		return append(append(dst, ip[:strings.LastIndexByte(ip, '.')]...), ".0/24"...)
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return dst
	}
	bits := 24
	if addr = addr.Unmap(); addr.Is6() {
		bits = 48
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return dst
	}
	return p.AppendTo(dst)
}
