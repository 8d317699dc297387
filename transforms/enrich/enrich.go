// SPDX-License-Identifier: Apache-2.0

// Package enrich derives from an event's client what detectors ask about it: the class of program, whether the address
// was a Tor exit at the event's time, and whose network it is.
//
// It is plain Go without network access: lists are files that something else keeps current.
package enrich

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/asn"
	"github.com/aer-project/aer/transforms/enrich/cache"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// Enricher fills in the facts of events. Enrich and Status are safe for concurrent use, also during Refresh.
type Enricher struct {
	config   Config
	clients  *cache.Cache[clientKey, *aerv1.ClientFacts]
	lists    []*tor.List
	resolver *asn.Resolver
	networks *cache.Cache[networkKey, network]
	// torUnknown counts events that no Tor list could judge.
	torUnknown atomic.Uint64

	mu      sync.Mutex // guards what follows
	refresh refreshState
}

// clientKey is all that the facts about a client that is no Tor exit follow from: as much of its user agent as counts,
// its platform as given, and what the lists said.
type clientKey struct {
	userAgent, platform string
	hosting, torStale   bool
}

// networkKey holds the version of the databases, so that answers of replaced ones are never used.
type networkKey struct {
	addr  netip.Addr
	stamp uint64
}

// network is what the databases say about one address, with the verdict on hosting that depends on the name alone.
type network struct {
	asn     uint32
	country string
	hosting bool
}

// ListsError says which lists could not be read at the start.
type ListsError struct{ err error }

// Error implements error.
func (e *ListsError) Error() string { return "starting enrichment: " + e.err.Error() }

// Unwrap gives what was wrong with them.
func (e *ListsError) Unwrap() error { return e.err }

// New makes an Enricher and reads its files. A file that cannot be read is an error, unless StartWithoutLists is set:
// then Status says what is missing, and events are judged without it.
func New(config Config) (*Enricher, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("checking configuration: %w", err)
	}
	e := &Enricher{
		config:   config,
		clients:  cache.New[clientKey, *aerv1.ClientFacts](config.CacheEntries),
		resolver: asn.NewResolver(config.Network),
		networks: cache.New[networkKey, network](config.CacheEntries),
	}
	for _, s := range config.Tor {
		e.lists = append(e.lists, tor.NewList(s, tor.Options{Grace: config.TorGrace, StaleAfter: config.TorStaleAfter}))
	}
	_, err := e.load(time.Time{})
	if err != nil && !config.StartWithoutLists {
		return nil, &ListsError{err}
	}
	return e, nil
}

// Enrich sets ev.Client.Facts, replacing any that came with the event, and fills in asn and country where the event has
// none. Clients of one kind share their facts, which must not be changed. An event without a client stays as it is:
// nothing is known about its client, not even that its user agent is empty. It costs about a hundred nanoseconds, and
// no memory, for clients and addresses seen before.
func (e *Enricher) Enrich(ev *aerv1.Event) {
	client := ev.GetClient()
	if client == nil {
		return
	}
	addr, err := netip.ParseAddr(client.Ip)
	if err != nil {
		// Text that is not an address is not used; the ASN that came with the event still is.
		client.Facts = e.facts(client, e.resolver.Hosting(client.Asn, ""), false)
		return
	}
	addr = addr.Unmap().WithZone("")
	hosting := e.addNetwork(client, addr)
	if len(e.lists) == 0 || ev.Time == nil {
		client.Facts = e.facts(client, hosting, false)
		return
	}
	exit, until, stale := e.tor(addr, ev.Time.AsTime())
	f := e.facts(client, hosting, stale)
	if exit {
		f = &aerv1.ClientFacts{Class: f.Class, Family: f.Family, Version: f.Version, Os: f.Os, Device: f.Device,
			Hosting: f.Hosting, Tor: true, TorListedUntil: aerv1.Time(until), TorStale: f.TorStale}
	}
	client.Facts = f
}

// facts are the shared facts of a client that is no Tor exit.
func (e *Enricher) facts(c *aerv1.Client, hosting, torStale bool) *aerv1.ClientFacts {
	key := clientKey{useragent.Bound(c.UserAgent), c.Platform, hosting, torStale}
	if f, ok := e.clients.Get(key); ok {
		return f
	}
	// The texts may be parts of a whole message, which the cache must not keep alive.
	key.userAgent, key.platform = strings.Clone(key.userAgent), strings.Clone(key.platform)
	class := useragent.Classify(key.userAgent)
	f := &aerv1.ClientFacts{
		Class: class.Class, Family: class.Family, Version: class.Version, Os: class.OS, Device: class.Device,
		Hosting: hosting, TorStale: torStale,
	}
	if f.Os == "" {
		f.Os = platformOS(key.platform)
	}
	e.clients.Put(key, f)
	return f
}

// addNetwork tells whether the network is a hosting provider's, and sets asn and country unless the event has its own.
func (e *Enricher) addNetwork(client *aerv1.Client, addr netip.Addr) (hosting bool) {
	own := client.Asn
	if e.resolver.Active() {
		n := e.network(addr)
		if own == 0 {
			client.Asn = n.asn
		}
		if client.Country == "" {
			client.Country = n.country
		}
		// The organisation's name speaks for the database's AS only.
		hosting = n.hosting && (own == 0 || own == n.asn)
	}
	return hosting || e.resolver.Hosting(client.Asn, "")
}

// network asks the databases about addr, once while it stays in the cache.
func (e *Enricher) network(addr netip.Addr) network {
	key := networkKey{addr, e.resolver.Stamp()}
	if n, ok := e.networks.Get(key); ok {
		return n
	}
	found := e.resolver.Lookup(addr)
	n := network{found.ASN, found.Country, e.resolver.Hosting(found.ASN, found.Org)}
	e.networks.Put(key, n)
	return n
}

// tor judges addr at t: whether it was an exit, and until when it was last listed. That is stale only if no list can
// judge t: one fresh list is enough.
func (e *Enricher) tor(addr netip.Addr, t time.Time) (exit bool, until time.Time, stale bool) {
	stale = true
	for _, l := range e.lists {
		stale = stale && l.Stale(t)
		if listed, ok := l.Listed(addr, t); ok {
			exit = true
			if listed.After(until) {
				until = listed
			}
		}
	}
	if stale {
		e.torUnknown.Add(1)
	}
	return exit, until, stale
}

// platformOS is the OS family of Client.platform, for user agents that do not tell.
func platformOS(platform string) string {
	switch strings.ToLower(platform) {
	case "windows", "win32", "win64":
		return useragent.OSWindows
	case "macos", "mac", "darwin", "osx":
		return useragent.OSMacOS
	case "linux":
		return useragent.OSLinux
	case "ios", "iphone", "ipad", "ipados":
		return useragent.OSiOS
	case "android":
		return useragent.OSAndroid
	case "chromeos", "cros":
		return useragent.OSChromeOS
	}
	return ""
}
