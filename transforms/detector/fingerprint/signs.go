// SPDX-License-Identifier: Apache-2.0

package fingerprint

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/enrich/useragent"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// Weights are what each sign is worth, 0..1.
type Weights struct {
	OS, Family, Downgrade, Alternate, Device, DeviceGone, Ja4, Ja3, ASN, HostingASN, Country, Place, Fork, ForkCountry,
	StaleCookie float64
	// CountryTLS is what a new country is worth beside another TLS stack under the same agent: a session that is carried
	// abroad with a copied agent shows nothing else. Both together are logged; turns taken with the owner count by
	// themselves.
	CountryTLS float64
	// SamePlace scales the signs of the client itself when it comes from a network the user is known by, or from where the
	// session's own client is: people change programs at their own desk, thieves come from elsewhere.
	SamePlace float64
}

// defaultWeights are start values. Those of system and program are raised to 0.75, because neither
// changes within one cookie by itself, shapes of one client left aside: one of them from another network is then worth
// a line in the log also where every other field is missing, and it takes two, or turns, to act. A device id goes with
// cleared cookies: raised to 0.7 only. Alternate, DeviceGone, Ja3, CountryTLS, Place, Fork, StaleCookie and SamePlace
// are ours.
func defaultWeights() Weights {
	return Weights{
		OS: 0.75, Family: 0.75, Downgrade: 0.3, Alternate: 0.5, Device: 0.7, DeviceGone: 0.25, Ja4: 0.6, Ja3: 0.3,
		ASN: 0.2, HostingASN: 0.3,
		Country: 0.2, CountryTLS: 0.4, Place: 0.2, Fork: 0.65, ForkCountry: 0.85, StaleCookie: 0.8, SamePlace: 0.5,
	}
}

// contradictions are the signs of another client; all others are of networks, of fields that are missing and of
// versions, and have innocent causes however many come together.
var contradictions = map[string]bool{"os_changed": true, "family_changed": true, "device_changed": true,
	"ja4_changed": true, "stale_cookie": true}

// signs lists what speaks against the facet's client being the session's own.
func (d Detector) signs(in *evidence.Input, s *profile.Session, f *aerv1.Facet) []*aerv1.Sign {
	w := d.Config.Weights
	out := w.program(s, f)
	out = append(out, w.versions(s, f)...)
	out = append(out, w.tls(in, s, f)...)
	differs := slices.ContainsFunc(out,
		func(s *aerv1.Sign) bool { return s.Code != "device_gone" && s.Code != "ja3_changed" })
	if ownPlace(in, s, f.Client.GetIp(), f.FirstMs) || beside(s, f) {
		for _, sign := range out {
			sign.Weight *= w.SamePlace
		}
	} else {
		out = append(out, w.place(in, s, f)...)
	}
	if fork := d.fork(in, s, f, differs); fork != nil {
		out = append(out, fork)
	} else {
		w.carriedAbroad(out)
	}
	if stale := w.staleCookie(s, f); stale != nil {
		out = append(out, stale)
	}
	return out
}

// program compares the programs and devices: what is bound to the session, or has become of it, with what is seen.
// Shapes of one client are one.
func (w Weights) program(s *profile.Session, f *aerv1.Facet) []*aerv1.Sign {
	before, now := s.Bound, f.Client
	var out []*aerv1.Sign
	add := func(weight float64, code, was, is string) {
		out = append(out, &aerv1.Sign{Code: code, Weight: weight, Detail: fmt.Sprintf("%s → %s", was, is)})
	}
	one := shape.One(before, now) != shape.None || shapeOfUpdate(s, f)
	if !one && before.GetOs() != now.GetOs() && before.GetOs() != "" && now.GetOs() != "" {
		add(w.OS, "os_changed", before.Os, now.Os)
	}
	if !one && before.GetFamily() != now.GetFamily() && before.GetFamily() != "" && now.GetFamily() != "" {
		add(w.Family, "family_changed", before.Family, now.Family)
	}
	switch {
	case before.GetDeviceId() != "" && now.GetDeviceId() == "":
		add(w.DeviceGone, "device_gone", before.DeviceId, "none")
	case before.GetDeviceId() != "" && before.GetDeviceId() != now.GetDeviceId():
		add(w.Device, "device_changed", before.DeviceId, now.DeviceId)
	}
	return out
}

// versions compares the versions of one program. An update goes forward and stays; one that comes and goes is two
// installations taking turns.
func (w Weights) versions(s *profile.Session, f *aerv1.Facet) []*aerv1.Sign {
	b, c := s.Bound, f.Client
	detail := b.GetVersion() + " → " + c.GetVersion()
	if shape.Older(b, c) {
		return []*aerv1.Sign{{Code: "version_downgrade", Weight: w.Downgrade, Detail: detail}}
	}
	if useragent.Major(c.GetVersion()) <= useragent.Major(b.GetVersion()) {
		return nil
	}
	for _, seen := range s.Clients {
		if seen.Client.GetVersion() == b.GetVersion() && seen.Client.GetDeviceId() == b.GetDeviceId() &&
			shape.Older(c, seen.Client) && seen.LastMS > firstSeen(s, c) {
			return []*aerv1.Sign{{Code: "versions_alternate", Weight: w.Alternate, Detail: detail + " and back"}}
		}
	}
	return nil
}

// firstSeen is when the session first saw the version of the client c, Unix milliseconds.
func firstSeen(s *profile.Session, c *aerv1.FacetClient) int64 {
	first := s.LastMS
	for _, seen := range s.Clients {
		if seen.Client.GetVersion() == c.GetVersion() && seen.Client.GetFamily() == c.GetFamily() {
			first = min(first, seen.FirstMS)
		}
	}
	return first
}

// ownPlace says whether an address is of the session's own range, as those of an office's pool are, or of one the user
// had been seen in on a day before ms. The AS is too wide for that: a national provider's holds half a country.
func ownPlace(in *evidence.Input, s *profile.Session, ip string, ms int64) bool {
	if ip == s.Bound.GetIp() {
		return true
	}
	const dayMS = 24 * 60 * 60 * 1000
	place := profile.PlaceKey(ip)
	if place != "" && place == profile.PlaceKey(s.Bound.GetIp()) {
		return true
	}
	k := in.Profile.Known(profile.Places, place)
	return k != nil && k.FirstMS < ms-dayMS && k.Days >= 2
}

// place lists what speaks against the network: another AS or, where that is unknown or the same, an address range that
// the user had not been seen in before the session.
func (w Weights) place(in *evidence.Input, s *profile.Session, f *aerv1.Facet) []*aerv1.Sign {
	var out []*aerv1.Sign
	b, c := s.Bound, f.Client
	weight, code := w.ASN, "asn_new"
	if c.GetHosting() {
		weight, code = w.HostingASN, "asn_hosting"
	}
	switch was, is := profile.Key(profile.Places, b), profile.Key(profile.Places, c); {
	case c.GetAsn() != 0 && b.GetAsn() != 0 && c.Asn != b.Asn:
		out = append(out, &aerv1.Sign{Code: code, Weight: weight, Detail: fmt.Sprintf("AS%d → AS%d", b.Asn, c.Asn)})
	case is != "" && is != was && !knownBefore(in.Profile, profile.Places, is, s.FirstMS):
		out = append(out, &aerv1.Sign{Code: "place_new", Weight: w.Place, Detail: was + " → " + is})
	}
	if c.GetCountry() != "" && b.GetCountry() != "" && c.Country != b.Country &&
		!knownBefore(in.Profile, profile.Countries, c.Country, s.FirstMS) {
		out = append(out, &aerv1.Sign{Code: "country_new", Weight: w.Country, Detail: b.GetCountry() + " → " + c.Country})
	}
	return out
}

// carriedAbroad raises a new country beside another TLS stack.
func (w Weights) carriedAbroad(signs []*aerv1.Sign) {
	if !slices.ContainsFunc(signs, func(s *aerv1.Sign) bool { return s.Code == "ja4_changed" }) {
		return
	}
	for _, s := range signs {
		if s.Code == "country_new" {
			s.Weight = w.CountryTLS
		}
	}
}

func knownBefore(p *profile.Profile, kind profile.Kind, key string, ms int64) bool {
	k := p.Known(kind, key)
	return k != nil && k.FirstMS < ms
}

// staleCookie compares the cookie's time with the newest that the session had shown before.
func (w Weights) staleCookie(s *profile.Session, f *aerv1.Facet) *aerv1.Sign {
	if f.CookieMinMs == 0 || f.CookieMinMs >= s.CookieMS || s.CookieSeenMS >= f.LastMs {
		return nil
	}
	return &aerv1.Sign{Code: "stale_cookie", Weight: w.StaleCookie, Detail: fmt.Sprintf("issued %s, newest seen %s",
		time.UnixMilli(f.CookieMinMs).UTC().Format(time.RFC3339), time.UnixMilli(s.CookieMS).UTC().Format(time.RFC3339))}
}
