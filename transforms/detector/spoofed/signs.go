// SPDX-License-Identifier: Apache-2.0

package spoofed

import (
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Weights are what the weaker signs are worth, 0..1: each has an innocent explanation (a new release, a new laptop, a
// journey), all together have none.
type Weights struct {
	// Unknown: too few with the claimed family were ever seen with this fingerprint. Start: with its first part neither.
	Unknown, Start float64
	// Library: the first part is known for libraries and not for interactive clients. LibraryOfOne: one account of the
	// organisation showed the fingerprint or its first part so, which may be its integration or somebody's trick.
	Library, LibraryOfOne float64
	// Own: the user's own client of the same family and version had another fingerprint.
	Own float64
	// Device, Place and Client: a device, an address range, a client family that the user was never seen with. No device
	// where the user's name one is a new one too. The first use of an official client says nothing.
	Device, Place, Client float64
	// Network and Hosting: an AS that the user was never seen in, which a phone changes by itself, and one of servers
	// (as in session_fingerprint). NoHTTP2: nothing but HTTP/1.1, or nothing at all, is offered (a start value).
	Network, Hosting, NoHTTP2 float64
}

func defaultWeights() Weights {
	return Weights{
		Unknown: 0.5, Start: 0.4, Library: 0.6, LibraryOfOne: 0.5, Own: 0.5, Device: 0.3, Place: 0.2, Client: 0.4,
		Network: 0.2, Hosting: 0.3, NoHTTP2: 0.5,
	}
}

// Judge reports a client whose fingerprint nobody with the claimed family has, when enough else speaks against it.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	var best *aerv1.Anomaly
	if evidence.Cold(in) {
		return nil
	}
	for _, f := range in.Slice.Facets {
		c := f.Client
		if c.GetJa4() == "" || !profile.Interactive(c.Class) {
			continue
		}
		a := d.repeat(in, f)
		if a == nil {
			a = d.judgeFacet(in, f)
		}
		if a != nil && evidence.Stronger(a, best) {
			best = a
		}
	}
	return best
}

// repeat says again what the fast lane has said, with what it could not know: whether client, network and device are
// the user's own.
func (d Detector) repeat(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	k, foreign := d.library(in.Baseline, in.Slice.OrgId, f.Client.Family, f.Client.Ja4)
	if !foreign {
		return nil
	}
	a := evidence.FromSlice(in, d.Type(), f.Client.Ja4, sessionsOf(f))
	a.Time, a.EventIds = aerv1.TimeMS(f.LastMs), evidence.FirstLast(f)
	evidence.Usual(a, in, f.Client)
	k.fill(a)
	evidence.Surprised(a, in, f.Client, aerv1.NewJA4)
	return a
}

func sessionsOf(f *aerv1.Facet) []string {
	if f.SessionId == "" {
		return nil
	}
	return []string{f.SessionId}
}

func (d Detector) judgeFacet(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	if _, known := in.Baseline.FamilyKnown(in.Slice.OrgId, f.Client.Family, d.Config.MinFamily); !known {
		return nil
	}
	signs := d.Config.Weights.signs(in, f)
	if len(signs) == 0 {
		return nil
	}
	weak := evidence.Confidence(signs, 1, in.Sensitivity()) < d.Config.Log
	if weak && !firstShown(in, f, signs) {
		return nil
	}
	a := evidence.FromSlice(in, d.Type(), f.Client.Ja4, sessionsOf(f))
	a.Time = aerv1.TimeMS(f.LastMs)
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	evidence.Usual(a, in, f.Client)
	evidence.FillSigns(a, "fingerprint_contradicts_client", signs, 1, d.Config.Act, in.Sensitivity())
	evidence.Surprised(a, in, f.Client, aerv1.NewJA4)
	a.Summary = fmt.Sprintf("Claims to be %s: %s", f.Client.Family, evidence.Codes(signs))
	switch {
	case !weak:
		hold(a)
		return a
	case a.Evidence.DeviceUsual:
		evidence.MakeWitness(a)
		return a
	}
	return nil
}

// ofProxies are the signs of what a proxy that opens TLS, or a new network, does to the owner's own client.
var ofProxies = map[string]bool{
	"fingerprint_unknown_for_family": true, "tls_start_unknown_for_family": true, "own_client_speaks_otherwise": true,
	"place_new": true, "network_new": true,
	"device_not_named": true, // a field that is lost
}

// hold keeps a finding from acting if nothing but a proxy speaks against the program that is known: it is logged, and
// waits for company. A device that is new is no excuse; one that is not named contradicts nothing.
func hold(a *aerv1.Anomaly) {
	e := a.Evidence
	strange := e.Client.GetDeviceId() != "" && !e.DeviceUsual
	if strange || slices.ContainsFunc(e.Signs, func(s *aerv1.Sign) bool { return !ofProxies[s.Code] }) {
		return
	}
	a.LogOnly, a.Severity = true, evidence.SeverityMedium
	e.Notes = append(e.Notes,
		"the user's own program, on no device that is new: a new proxy looks the same, so that it only logs")
}

// firstShown says whether the user's own client shows a fingerprint that contradicts its earlier ones for the first
// time.
func firstShown(in *evidence.Input, f *aerv1.Facet, signs []*aerv1.Sign) bool {
	k := in.Profile.KnownBy(profile.Fingerprints, f.Client)
	return k != nil && k.FirstMS == f.FirstMs &&
		slices.ContainsFunc(signs, func(s *aerv1.Sign) bool { return s.Code == "own_client_speaks_otherwise" })
}

// signs is empty unless the fingerprint is unknown for the claimed family: the rest only adds to that.
func (w Weights) signs(in *evidence.Input, f *aerv1.Facet) []*aerv1.Sign {
	c, org, b := f.Client, in.Slice.OrgId, in.Baseline
	if usersOwn(in, c, f.FirstMs) || b.KnowsStack(org, c.Family, c.Ja4) || sharedByFamilies(b, org, c.Ja4) {
		return nil
	}
	s := &signs{in: in, f: f, w: w}
	s.add(w.Unknown, "fingerprint_unknown_for_family", c.Ja4+" under "+c.Family+": "+
		b.Fingerprint(org, c.Family, c.Ja4).String())
	start, variant := b.TLSStartUnder(org, c.Family, c.Ja4), sameStack(in, c, f.FirstMs)
	foreign := !variant && !start.Enough()
	if foreign {
		s.add(w.Start, "tls_start_unknown_for_family", baseline.TLSStart(c.Ja4))
	}
	if other := ownFingerprint(in, c, f.FirstMs); other != "" && !variant {
		s.add(w.Own, "own_client_speaks_otherwise", other)
	}
	fresh := s.fresh()
	s.library(foreign && c.DeviceId == "" && fresh != (newThings{}))
	if !variant && start == (baseline.Witnesses{}) && !b.TLSStartOf(org, baseline.KindInteractive, c.Ja4).Enough() {
		s.strangers(fresh)
	}
	return s.list
}

// signs gathers what speaks against a facet's client.
type signs struct {
	in   *evidence.Input
	f    *aerv1.Facet
	w    Weights
	list []*aerv1.Sign
}

func (s *signs) add(weight float64, code, detail string) {
	s.list = append(s.list, &aerv1.Sign{Code: code, Weight: weight, Detail: detail})
}

// library adds what is known of libraries with the fingerprint, or else with its first part. What one account shows
// (ofOne) only counts if the fingerprint does not begin as the family's do, as those of new releases mostly do, not at
// the user's desk, and not against a client that names its device, as no library does by itself.
func (s *signs) library(ofOne bool) {
	b, org, c := s.in.Baseline, s.in.Slice.OrgId, s.f.Client
	libraries, interactive := witnesses(b, org, c.Ja4)
	code, detail := "fingerprint_of_library", c.Ja4
	if libraries == (baseline.Witnesses{}) {
		libraries, interactive = b.TLSStartOf(org, baseline.KindLibrary, c.Ja4),
			b.TLSStartOf(org, baseline.KindInteractive, c.Ja4)
		code, detail = "tls_start_of_library", baseline.TLSStart(c.Ja4)
	}
	switch {
	case libraries.Outnumber(interactive):
		s.add(s.w.Library, code, detail+": "+libraries.String())
	case ofOne && !interactive.Enough() && libraries.People > interactive.People:
		s.add(s.w.LibraryOfOne, code, detail+": "+libraries.String())
	}
}

const dayMS = 24 * 60 * 60 * 1000

// newThings are what the account was never seen with before this day.
type newThings struct{ device, place, client bool }

// fresh adds the device and the place, where they are new.
func (s *signs) fresh() newThings {
	c, p := s.f.Client, s.in.Profile
	n := newThings{
		device: s.unseen(profile.Devices), place: s.unseen(profile.Places),
		client: c.Class != aerv1.ClassOfficial && !familyUsed(s.in, c.Family, s.f.FirstMs-dayMS),
	}
	if c.DeviceId == "" {
		n.device = namesDevices(p) && !sessionNamesDevice(p, s.f)
	}
	switch {
	case n.device && c.DeviceId == "":
		s.add(s.w.Device, "device_not_named", "the user's clients name theirs")
	case n.device:
		s.add(s.w.Device, "device_new", c.DeviceId)
	}
	if n.place {
		s.add(s.w.Place, "place_new", profile.Key(profile.Places, c))
	}
	return n
}

func (s *signs) unseen(kind profile.Kind) bool {
	k := s.in.Profile.KnownBy(kind, s.f.Client)
	return k == nil || k.FirstMS >= s.f.FirstMs-dayMS
}

// strangers adds what a person's own browser, behind a new proxy or on a journey, has in common with a thief's library:
// it only counts where the device or the program is new as well.
func (s *signs) strangers(n newThings) {
	c := s.f.Client
	if !n.device && !n.client {
		return
	}
	if n.client {
		s.add(s.w.Client, "client_new", c.Family)
	}
	if n.place && (c.Asn != 0 || !namesNetworks(s.in.Profile)) && c.Os != "ios" && c.Os != "android" &&
		s.unseen(profile.Networks) {
		s.add(s.w.Network, "network_new", profile.Key(profile.Networks, c))
	}
	if n.place && c.Hosting {
		s.add(s.w.Hosting, "network_of_servers", profile.Key(profile.Networks, c))
	}
	if withoutHTTP2(c.Ja4) {
		s.add(s.w.NoHTTP2, "http2_not_offered", baseline.TLSStart(c.Ja4))
	}
}
