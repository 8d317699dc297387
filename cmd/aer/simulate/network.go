// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
)

// network is where a client is: one address, or a pool of which each request may come from another.
type network struct {
	v4, v6  []string
	asn     uint32
	country string
}

// address draws an address of the network: of both families, if it has both.
func (n network) address(r *rand.Rand) string {
	if len(n.v6) > 0 && (len(n.v4) == 0 || r.Float64() < 0.6) {
		return n.v6[r.IntN(len(n.v6))]
	}
	return n.v4[r.IntN(len(n.v4))]
}

// at is the network with one address only.
func at(ip string, asn uint32, country string) network {
	return network{v4: []string{ip}, asn: asn, country: country}
}

// countries that organisations are in, with their time zones in hours.
var countries = []struct {
	code string
	zone float64
}{{"DE", 2}, {"US", -5}, {"GB", 1}, {"NL", 2}, {"FR", 2}, {"CA", -4}, {"SE", 2}, {"BR", -3}}

// Providers by their public AS numbers.
const (
	asnOVH, asnDigitalOcean, asnHetzner, asnM247 = 16276, 14061, 24940, 9009
	asnAmazon                                    = 16509
	// Private relays (the egress partners that Apple publishes) and a secure web gateway.
	asnAkamai, asnCloudflare, asnFastly, asnZscaler, asnNetskope = 36183, 13335, 54113, 22616, 55256
)

// Providers of IPv6 beside the access providers, whose numbers are below.
const (
	relayIPv6  = 0x900
	mobileIPv6 = 0x910
	tunnelIPv6 = 0x920
)

// networks hands out addresses of 198.18.0.0/15 and, a /48 for each line, 3fff::/20.
type networks struct {
	next int
	isps map[string][]provider
	// carriers have pools.
	carriers map[string][]provider
	thieves  int
	exits    int
}

// provider is an access provider of a country with some address ranges.
type provider struct {
	asn     uint32
	country string
	blocks  []string
	// number is the provider's among all.
	number int
}

func (n *networks) init(r *rand.Rand) {
	n.isps, n.carriers = map[string][]provider{}, map[string][]provider{}
	for i, c := range countries {
		for k := range 3 {
			n.isps[c.code] = append(n.isps[c.code], n.provider(uint32(64600+10*i+k), c.code, 6))
		}
		for k := range 2 {
			n.carriers[c.code] = append(n.carriers[c.code], n.provider(uint32(64605+10*i+k), c.code, 6))
		}
	}
	n.thieves, n.exits = r.IntN(50), r.IntN(50)
}

func (n *networks) provider(asn uint32, country string, blocks int) provider {
	p := provider{asn: asn, country: country, number: n.next}
	for range blocks {
		p.blocks = append(p.blocks, n.block())
	}
	return p
}

// block returns the first three octets of a /24 of its own.
func (n *networks) block() string {
	n.next++
	return fmt.Sprintf("198.%d.%d", 18+n.next/256, n.next%256)
}

func (p provider) ip(r *rand.Rand) string {
	return fmt.Sprintf("%s.%d", p.blocks[r.IntN(len(p.blocks))], 1+r.IntN(254))
}

// line is an IPv6 address of a line of its own.
func (p provider) line(r *rand.Rand) string { return ipv6(r, p.number) }

// ipv6 is an address in a random /48 of a provider's.
func ipv6(r *rand.Rand, provider int) string {
	return fmt.Sprintf("3fff:%x:%x::%x", provider, r.IntN(1<<16), 1+r.IntN(1<<12))
}

// home is a line with one address that changes now and then, perhaps with IPv6.
func (n *networks) home(r *rand.Rand, country string) network {
	p := n.isps[country][r.IntN(3)]
	net := at(p.ip(r), p.asn, p.country)
	if r.Float64() < 0.4 {
		net.v6 = []string{p.line(r)}
	}
	return net
}

// mobile is a carrier: some addresses of its pool, perhaps with IPv6 beside.
func (n *networks) mobile(r *rand.Rand, country string) network {
	p := n.carriers[country][r.IntN(2)]
	net := network{asn: p.asn, country: country}
	for range []int{1, 1, 3, 6}[r.IntN(4)] {
		net.v4 = append(net.v4, p.ip(r))
	}
	if r.Float64() < 0.5 {
		for range 2 {
			net.v6 = append(net.v6, p.line(r))
		}
	}
	return net
}

// otherCountry is any but the given one.
func otherCountry(r *rand.Rand, not string) string {
	for {
		if c := countries[r.IntN(len(countries))].code; c != not {
			return c
		}
	}
}

// rented is a hosting provider's server in a country.
func (n *networks) rented(r *rand.Rand, country string) network {
	n.thieves++
	return at(fmt.Sprintf("192.0.2.%d", 1+n.thieves%254), []uint32{asnOVH, asnDigitalOcean, asnM247}[r.IntN(3)], country)
}

// exit is the address of a Tor exit, which is not listed yet.
func (n *networks) exit() network {
	n.exits++
	return at(fmt.Sprintf("203.0.113.%d", 1+n.exits%254), 64590, "CH")
}
