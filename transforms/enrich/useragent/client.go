// SPDX-License-Identifier: Apache-2.0

// Package useragent tells by a user-agent string which program is talking, on which kind of machine.
//
// It looks for literal tokens, never by regular expression, and answers the question "is this a person's client?"
// rather than "which of ten thousand programs is it?".
package useragent

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

// Bound is as much of a user agent as counts.
func Bound(userAgent string) string {
	if len(userAgent) > maxInputBytes {
		return userAgent[:maxInputBytes]
	}
	return userAgent
}
