package fingerprint

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/enrich/useragent"
	"github.com/aer-project/aer/transforms/profile"
)

// Weights are what each sign is worth, 0..1.
type Weights struct {
	OS, Family, Downgrade, Device, DeviceGone, Ja4, ASN, HostingASN, Country, Fork, ForkCountry, StaleCookie float64
	// SamePlace scales the signs of the client itself when it comes from a network the user is known by: people
	// change programs at their own desk, thieves come from elsewhere.
	SamePlace float64
}

// defaultWeights are DOMAIN.md's Start values. Family is raised from 0.5 to 0.7, because no browser hands its cookies
// to another program by itself; DeviceGone, Fork, StaleCookie and SamePlace are ours.
func defaultWeights() Weights {
	return Weights{
		OS: 0.7, Family: 0.7, Downgrade: 0.3, Device: 0.7, DeviceGone: 0.3, Ja4: 0.6, ASN: 0.2, HostingASN: 0.3,
		Country: 0.2, Fork: 0.65, ForkCountry: 0.85, StaleCookie: 0.8, SamePlace: 0.5,
	}
}

// signs lists what speaks against the facet's client being the session's own.
func (d Detector) signs(in *evidence.Input, s *aerv1.SessionProfile, f *aerv1.Facet) []*aerv1.Sign {
	w := d.Config.Weights
	out := w.program(s.Bound, f.Client)
	differs := slices.ContainsFunc(out, func(s *aerv1.Sign) bool { return s.Code != "device_gone" })
	if samePlace(in, s, f) {
		for _, sign := range out {
			sign.Weight *= w.SamePlace
		}
	} else {
		out = append(out, w.place(in, s, f)...)
	}
	if fork := d.fork(s, f, differs); fork != nil {
		out = append(out, fork)
	}
	if stale := w.staleCookie(s, f); stale != nil {
		out = append(out, stale)
	}
	return out
}

// program compares the programs and devices: before is bound to the session, now is seen.
func (w Weights) program(before, now *aerv1.FacetClient) []*aerv1.Sign {
	var out []*aerv1.Sign
	add := func(weight float64, code, was, is string) {
		out = append(out, &aerv1.Sign{Code: code, Weight: weight, Detail: fmt.Sprintf("%s → %s", was, is)})
	}
	if before.GetOs() != now.GetOs() && before.GetOs() != "" && now.GetOs() != "" {
		add(w.OS, "os_changed", before.Os, now.Os)
	}
	sameFamily := before.GetFamily() == now.GetFamily()
	if !sameFamily && before.GetFamily() != "" && now.GetFamily() != "" {
		add(w.Family, "family_changed", before.Family, now.Family)
	}
	if sameFamily && useragent.VersionLess(now.GetVersion(), before.GetVersion()) {
		add(w.Downgrade, "version_downgrade", before.GetVersion(), now.GetVersion())
	}
	switch {
	case before.GetDeviceId() != "" && now.GetDeviceId() == "":
		add(w.DeviceGone, "device_gone", before.DeviceId, "none")
	case before.GetDeviceId() != "" && before.GetDeviceId() != now.GetDeviceId():
		add(w.Device, "device_changed", before.DeviceId, now.DeviceId)
	}
	if before.GetUserAgent() == now.GetUserAgent() && before.GetJa4() != now.GetJa4() && before.GetJa4() != "" && now.GetJa4() != "" {
		add(w.Ja4, "ja4_changed", before.Ja4, now.Ja4)
	}
	return out
}

// samePlace says whether the client comes from the session's own address, or from an address range the user had been
// seen in on an earlier day. The AS is too wide for that: a national provider's holds half a country.
func samePlace(in *evidence.Input, s *aerv1.SessionProfile, f *aerv1.Facet) bool {
	if f.Client.GetIp() == s.Bound.GetIp() {
		return true
	}
	const dayMS = 24 * 60 * 60 * 1000
	k := profile.Known(in.Profile.Places, profile.PlaceKey(f.Client))
	return k != nil && k.FirstMs < f.FirstMs-dayMS && k.Days >= 2
}

// place lists what speaks against the network.
func (w Weights) place(in *evidence.Input, s *aerv1.SessionProfile, f *aerv1.Facet) []*aerv1.Sign {
	var out []*aerv1.Sign
	b, c := s.Bound, f.Client
	if c.GetAsn() != 0 && c.Asn != b.GetAsn() {
		weight, code := w.ASN, "asn_new"
		if c.Hosting {
			weight, code = w.HostingASN, "asn_hosting"
		}
		out = append(out, &aerv1.Sign{Code: code, Weight: weight, Detail: fmt.Sprintf("AS%d → AS%d", b.GetAsn(), c.Asn)})
	}
	k := profile.Known(in.Profile.Countries, c.GetCountry())
	if c.GetCountry() != "" && c.Country != b.GetCountry() && (k == nil || k.FirstMs >= s.FirstMs) {
		out = append(out, &aerv1.Sign{Code: "country_new", Weight: w.Country, Detail: b.GetCountry() + " → " + c.Country})
	}
	return out
}

// staleCookie compares the cookie's time with the newest that the session had shown before.
func (w Weights) staleCookie(s *aerv1.SessionProfile, f *aerv1.Facet) *aerv1.Sign {
	if f.CookieMinMs == 0 || f.CookieMinMs >= s.CookieMs || s.CookieSeenMs >= f.LastMs {
		return nil
	}
	return &aerv1.Sign{Code: "stale_cookie", Weight: w.StaleCookie, Detail: fmt.Sprintf("issued %s, newest seen %s",
		time.UnixMilli(f.CookieMinMs).UTC().Format(time.RFC3339), time.UnixMilli(s.CookieMs).UTC().Format(time.RFC3339))}
}
