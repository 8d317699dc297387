// SPDX-License-Identifier: Apache-2.0

// Package useragent tells by a user-agent string which program is talking, on which kind of machine.
//
// It looks for literal tokens, never by regular expression, and answers the question "is this a person's client?"
// rather than "which of ten thousand programs is it?".
package useragent

import (
	"strings"

	"github.com/aer-project/aer/transforms/enrich/cache"
)

// Operating-system families (Client.OS); empty is unknown.
const (
	OSWindows  = "windows"
	OSMacOS    = "macos"
	OSLinux    = "linux"
	OSiOS      = "ios"
	OSAndroid  = "android"
	OSChromeOS = "chromeos"
)

// Kinds of device (Client.Device); empty is unknown.
const (
	DeviceDesktop = "desktop"
	DevicePhone   = "phone"
	DeviceTablet  = "tablet"
	DeviceTV      = "tv"
)

// Client is what a user agent claims. Nothing in it is verified.
type Client struct {
	// Class is one of aerv1.Class*.
	Class string
	// Family is the product in lower case: slack-desktop, chrome, curl. It stays the same when the product is updated.
	Family string
	// Version of the family, "major.minor.patch" as far as given.
	Version string
	OS      string
	Device  string
}

// Limits of input and output.
const (
	// maxInputBytes is how much of a user agent counts; real ones end well before (p99.9 of a public collection: 320
	// bytes).
	maxInputBytes = 1024
	// maxFamilyBytes bounds Client.Family.
	maxFamilyBytes = 40
	// maxVersionBytes bounds Client.Version.
	maxVersionBytes = 24
)

// Cache classifies with memory. Safe for concurrent use.
type Cache struct {
	answers *cache.Cache[string, Client]
}

// NewCache makes a Cache that remembers at most entries user agents.
func NewCache(entries int) *Cache { return &Cache{cache.New[string, Client](entries)} }

// Classify is the function Classify, remembered by raw string.
func (c *Cache) Classify(userAgent string) Client {
	userAgent = bound(userAgent)
	if client, ok := c.answers.Get(userAgent); ok {
		return client
	}
	// The string may be part of a whole message, which the cache must not keep alive by it or by a part of it.
	userAgent = strings.Clone(userAgent)
	client := Classify(userAgent)
	c.answers.Put(userAgent, client)
	return client
}

// Len is the number of remembered user agents.
func (c *Cache) Len() int { return c.answers.Len() }

func bound(userAgent string) string {
	if len(userAgent) > maxInputBytes {
		return userAgent[:maxInputBytes]
	}
	return userAgent
}
