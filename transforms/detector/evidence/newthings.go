// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// Surprised names the new things that a finding about client c stands on, as its signs say and besides them the kinds
// given, and says whether the device is one of the user's.
func Surprised(a *aerv1.Anomaly, in *Input, c *aerv1.FacetClient, kinds ...string) {
	if a.Evidence.Client == nil {
		a.Evidence.Client = Client(c)
	}
	a.Evidence.DeviceUsual = deviceUsual(in, c)
	for _, s := range a.Evidence.Signs {
		kinds = append(kinds, aerv1.NewThingOfSign(s.Code))
	}
	place := ""
	if c.GetAsn() == 0 && c.GetIp() != "" {
		place = profile.PlaceKey(c.GetIp())
	}
	name(a, kinds, place)
}

// SurprisedEvent is Surprised for a finding of the fast lane, which does not know the user's devices.
func SurprisedEvent(a *aerv1.Anomaly, kinds ...string) { name(a, kinds, "") }

// SurprisedByMethods names methods that are new to the account.
func SurprisedByMethods(a *aerv1.Anomaly, in *Input, c *aerv1.FacetClient, methods []string) {
	Surprised(a, in, c)
	for _, m := range methods {
		a.NewThings = append(a.NewThings, &aerv1.NewThing{Kind: aerv1.NewMethod, Key: m})
	}
}

// name adds what the client of the evidence shows of each kind, in the order of the kinds below and each once. place
// stands for the network where its AS is unknown.
func name(a *aerv1.Anomaly, kinds []string, place string) {
	c := a.Evidence.Client
	for _, kind := range []string{aerv1.NewJA4, aerv1.NewASN, aerv1.NewAgent} {
		if key := keyOf(c, kind, place); slices.Contains(kinds, kind) && key != "" {
			a.NewThings = append(a.NewThings, &aerv1.NewThing{Kind: kind, Key: key})
		}
	}
}

func keyOf(c *aerv1.Client, kind, place string) string {
	switch {
	case kind == aerv1.NewJA4:
		return c.GetJa4()
	case kind == aerv1.NewASN && c.GetAsn() != 0:
		return "AS" + Number(float64(c.Asn))
	case kind == aerv1.NewASN:
		return place
	}
	return strings.TrimSpace(c.GetFacts().GetFamily() + " " + c.GetFacts().GetVersion())
}

// deviceUsual says whether the very device was the user's before this day: a thief's own device is not made known by
// the visit that is judged. Where the user's clients of the kind have no device ids, the kind must have been.
func deviceUsual(in *Input, c *aerv1.FacetClient) bool {
	if c == nil {
		return false
	}
	const dayMS = 24 * 60 * 60 * 1000
	before := in.EndMS() - dayMS
	kind := profile.Devices
	if c.DeviceId == "" {
		kind = profile.Clients
	}
	k := in.Profile.KnownBy(kind, c)
	return k != nil && k.FirstMS < before && (c.DeviceId != "" || !hadDeviceID(in.Profile, k.Key))
}

// hadDeviceID says whether the user's client of a kind showed a device id in a session that is remembered: one that has
// an id does not lose it.
func hadDeviceID(p *profile.Profile, kind string) bool {
	shows := func(c *aerv1.FacetClient) bool {
		return c.GetDeviceId() != "" && profile.Key(profile.Clients, c) == kind
	}
	return slices.ContainsFunc(p.Sessions, func(s profile.Session) bool {
		return shows(s.Bound) || slices.ContainsFunc(s.Clients, func(c profile.SessionClient) bool { return shows(c.Client) })
	})
}
