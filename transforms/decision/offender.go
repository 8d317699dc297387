// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// offenderOf describes the client behind an anomaly that leads to a reset.
func offenderOf(a *aerv1.Anomaly, atMS int64) *aerv1.Offender {
	c := a.GetEvidence().GetClient()
	return &aerv1.Offender{
		AtMs: atMS, LastMs: atMS, DeviceId: keep(c.GetDeviceId()), Ja4: keep(c.GetJa4()), Family: keep(familyOf(c)),
		Prefix: prefixOf(c.GetIp()), Asn: c.GetAsn(),
		ClientUsual: a.GetEvidence().GetClientUsual(), NetworkUsual: a.GetEvidence().GetNetworkUsual(),
	}
}

// familyOf is the client's family, or its raw user agent where nothing has classified it.
func familyOf(c *aerv1.Client) string {
	if f := c.GetFacts().GetFamily(); f != "" {
		return f
	}
	return c.GetUserAgent()
}

// prefixOf is the /24 or /48 around an address, or "" if it is none: the neighbourhood a visitor moves in.
func prefixOf(s string) string {
	ip, ok := parseIP(s)
	if !ok {
		return ""
	}
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// matchOffender compares the client behind a finding with those of the first anomalies, those that led to resets; it
// returns the newest offender it resembles and says in what.
//
// What the user already had when the first anomaly was found (their usual client, their usual network) identifies
// nobody else, so it is not compared. The device and the neighbourhood of the address are strong signs and count
// whatever the profile says now, because it may have learnt the intruder since. The TLS fingerprint with the family,
// and the AS, are shared by many, so they count only while they are strange to the user.
func matchOffender(h *aerv1.UserHistory, a *aerv1.Anomaly) (*aerv1.Offender, string) {
	now := offenderOf(a, 0)
	for _, o := range slices.Backward(h.GetOffenders()) {
		if how := resembles(o, now); how != "" {
			return o, how
		}
	}
	return nil, ""
}

func resembles(o, now *aerv1.Offender) string {
	switch {
	case !o.ClientUsual && o.DeviceId != "" && o.DeviceId == now.DeviceId:
		return fmt.Sprintf("device %q", now.DeviceId)
	case !o.ClientUsual && !now.ClientUsual && o.Ja4 != "" && o.Ja4 == now.Ja4 && o.Family == now.Family:
		return fmt.Sprintf("TLS fingerprint %q of %q", now.Ja4, now.Family)
	case !o.NetworkUsual && o.Prefix != "" && o.Prefix == now.Prefix:
		return "network " + now.Prefix
	case !o.NetworkUsual && !now.NetworkUsual && o.Asn != 0 && o.Asn == now.Asn:
		return fmt.Sprintf("AS%d", now.Asn)
	}
	return ""
}

// noteOffender remembers the client that a reset was about, unless nothing about it could ever be recognised.
func noteOffender(h *aerv1.UserHistory, a *aerv1.Anomaly, atMS int64) {
	o := offenderOf(a, atMS)
	if o.ClientUsual && o.NetworkUsual {
		return
	}
	h.Offenders = append(h.Offenders, o)
	h.Offenders = h.Offenders[max(0, len(h.Offenders)-maxOffenders):]
}

// sameVisit is how long after a fast finding the slow lane's repetition may come: a window, and then some.
const sameVisit = time.Minute

// learnUsual corrects what a reset by the fast lane could not know: whether the client is one the user is known by. The
// slow lane's repetition of the same finding says so; a later one may not, because the profile may have learnt the
// intruder by then.
func learnUsual(h *aerv1.UserHistory, a *aerv1.Anomaly) {
	if a.GetType() != aerv1.TypeTor && a.GetType() != aerv1.TypeSpoofedUserAgent {
		return // only these have a fast lane
	}
	now := offenderOf(a, knownAt(a).UnixMilli())
	for _, o := range h.GetOffenders() {
		if o.DeviceId == now.DeviceId && o.Prefix == now.Prefix && o.Family == now.Family &&
			now.AtMs-o.AtMs <= sameVisit.Milliseconds() {
			o.ClientUsual, o.NetworkUsual = o.ClientUsual || now.ClientUsual, o.NetworkUsual || now.NetworkUsual
		}
	}
}
