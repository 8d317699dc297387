// SPDX-License-Identifier: Apache-2.0

package spoofed

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// sharedByFamilies says whether interactive clients of several families have the fingerprint: an inspecting proxy gives
// everyone its own. Two families with enough witnesses each, or two people apart from those of the most common family:
// one account that shows a fingerprint under many names is no proxy.
func sharedByFamilies(b *baseline.Index, org, ja4 string) bool {
	enough, most := 0, uint32(0)
	for _, family := range b.FingerprintFamilies(org, baseline.KindInteractive, ja4) {
		w := b.Fingerprint(org, family, ja4)
		most = max(most, w.People)
		if w.Enough() {
			enough++
		}
	}
	return enough >= 2 || b.FingerprintOf(org, baseline.KindInteractive, ja4).People >= most+baseline.MinPeople
}

// ownDays and ownSinceDaysMS are on how many days, and for how long, an account must have shown a fingerprint under a
// family for it to be the account's own, whatever others show: longer than one theft lasts. The time is the lag of
// baselines (a start value).
const (
	ownDays        = 3
	ownSinceDaysMS = 7 * dayMS
)

// usersOwn says whether the account itself is known with the fingerprint under the family, in any version.
func usersOwn(in *evidence.Input, c *aerv1.FacetClient, beforeMS int64) bool {
	return slices.ContainsFunc(in.Profile.Things(profile.Fingerprints), func(k profile.Thing) bool {
		if k.Days < ownDays || k.FirstMS >= beforeMS-ownSinceDaysMS {
			return false
		}
		family, ja4 := split(k.Key)
		return family == c.Family && ja4 == c.Ja4
	})
}

// split takes a key of profile.Fingerprints apart; neither versions nor fingerprints have spaces.
func split(key string) (family, ja4 string) {
	rest, ja4 := cutLast(key)
	family, _ = cutLast(rest)
	return family, ja4
}

// cutLast cuts around the last space.
func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, ' ')
	return s[:max(i, 0)], s[i+1:]
}

// ownSinceMS is how long the user's client must have had another fingerprint: what came with the stranger, in the same
// visit, is not the user's own.
const ownSinceMS = 60 * 60 * 1000

// ownFingerprint is a fingerprint of another TLS stack that the user's client of the same family and version had
// before.
func ownFingerprint(in *evidence.Input, c *aerv1.FacetClient, beforeMS int64) string {
	prefix := c.Family + " " + c.Version + " "
	for _, k := range in.Profile.Things(profile.Fingerprints) {
		if ja4, ok := strings.CutPrefix(k.Key, prefix); ok && shape.Contradict(ja4, c.Ja4) &&
			k.FirstMS < beforeMS-ownSinceMS {
			return ja4
		}
	}
	return ""
}

// sameStack says whether the user's client of the family spoke TLS by the same stack before: a WebSocket, a resumed, an
// HTTP/1.1 or a QUIC connection of one program. The same fingerprint again proves nothing: a thief may come back with
// it.
func sameStack(in *evidence.Input, c *aerv1.FacetClient, beforeMS int64) bool {
	return slices.ContainsFunc(in.Profile.Things(profile.Fingerprints), func(k profile.Thing) bool {
		family, ja4 := split(k.Key)
		return family == c.Family && ja4 != c.Ja4 && shape.SameStack(ja4, c.Ja4) && k.FirstMS < beforeMS-ownSinceMS
	})
}

// namedShare is how much of the user's activity must name a device before one that is not named says anything (a start
// value): browsers and apps always do so where the platform knows devices and no field gets lost, libraries do not.
const namedShare = 0.95

// namesDevices says whether the user's clients name their devices.
func namesDevices(p *profile.Profile) bool {
	var named, all uint32
	for _, k := range p.Things(profile.Devices) {
		named += k.Events
	}
	for _, k := range p.Things(profile.Clients) {
		all += k.Events
	}
	return all > 0 && float64(named) >= namedShare*float64(all)
}

// namesNetworks says whether the user's events name the AS they come from: one that is missing is then unknown, and no
// new one.
func namesNetworks(p *profile.Profile) bool {
	return slices.ContainsFunc(p.Things(profile.Networks), func(k profile.Thing) bool {
		return strings.HasPrefix(k.Key, "AS")
	})
}

// sessionNamesDevice says whether the same fingerprint came with a device's name at another time in the session: then
// the name was lost on the way.
func sessionNamesDevice(p *profile.Profile, f *aerv1.Facet) bool {
	named := func(c *aerv1.FacetClient) bool { return c.GetDeviceId() != "" && c.GetJa4() == f.Client.Ja4 }
	s := p.Session(f.SessionId)
	return s != nil && (named(s.Bound) ||
		slices.ContainsFunc(s.Clients, func(c profile.SessionClient) bool { return named(c.Client) }))
}

// familyUsed says whether the user was seen with a client family before.
func familyUsed(in *evidence.Input, family string, beforeMS int64) bool {
	return slices.ContainsFunc(in.Profile.Things(profile.Clients), func(k profile.Thing) bool {
		parts := strings.Split(k.Key, " ")
		return len(parts) > 1 && strings.Join(parts[1:max(2, len(parts)-1)], " ") == family && k.FirstMS < beforeMS
	})
}

// withoutHTTP2 reads the ALPN of a JA4's first part (ten characters, of which the last two; 00 for none). All browsers
// offer HTTP/2 or 3 but in WebSockets, which offer the same ciphers as the browser's other connections; many libraries
// and tools do not (FoxIO's published list of JA4 fingerprints has Python, Go and malware with 00, browsers with h2 and
// h3).
func withoutHTTP2(ja4 string) bool {
	start := baseline.TLSStart(ja4)
	return len(start) == 10 && !strings.HasSuffix(start, "h2") && !strings.HasSuffix(start, "h3")
}
