// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gaissmai/bart"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// trustedNetwork stops what comes from networks the organisation trusts. Only entries that have not expired at Now
// count. If the evidence has several addresses (a session forked between two clients), every one of them must be
// trusted: otherwise whoever sits on the trusted side would excuse the other.
func trustedNetwork(in Input) Verdict {
	nets := newNetworks(in.Settings.GetTrusted(), in.Now)
	if nets.empty() {
		if n := len(in.Settings.GetTrusted()); n > 0 {
			return pass(fmt.Sprintf("All trusted networks (%d) have expired.", n))
		}
		return pass("The organisation trusts no network.")
	}
	var why []string
	for _, c := range addresses(in.Anomaly) {
		entry := nets.find(c)
		if entry == "" {
			if at, ok := trustedPart(in); ok {
				v := stop(aerv1.Decision_TRUSTED_NETWORK, fmt.Sprintf(
					"%s is in no trusted network, but part of what was counted since %s came from one at %s: it is not held against "+
						"the user.",
					describeAddress(c), clock(in.Anomaly.Window.Start.AsTime()), clock(at)))
				v.carried = true
				return v
			}
			return pass(fmt.Sprintf("%s is in no trusted network%s.", describeAddress(c), nets.expiredNote(c)))
		}
		why = append(why, fmt.Sprintf("%s is in %s", describeAddress(c), entry))
	}
	if len(why) == 0 {
		return pass("The evidence has no address to look up.")
	}
	return stop(aerv1.Decision_TRUSTED_NETWORK, strings.Join(why, "; ")+".")
}

// trustedPart says when a trusted network last contributed to what the anomaly counts: a volume over an hour or a day
// goes on after the user has left the network, and what was allowed there must not sign the user out elsewhere.
func trustedPart(in Input) (at time.Time, ok bool) {
	if in.Anomaly.GetWindow().GetStart() == nil {
		return at, false
	}
	start := in.Anomaly.Window.Start.AsTime().UnixMilli()
	for _, e := range in.History.GetEpisodes() {
		if e.Type == in.Anomaly.GetType() && e.TrustedMs >= start && e.TrustedMs > at.UnixMilli() && e.TrustedMs > 0 {
			at, ok = time.UnixMilli(e.TrustedMs).UTC(), true
		}
	}
	return at, ok
}

// addresses are the clients whose traffic is the evidence: the client seen and, for a fork of a session, the one it is
// contradicted by. For the other types the previous client is a mere comparison.
func addresses(a *aerv1.Anomaly) []*aerv1.Client {
	var out []*aerv1.Client
	if c := a.GetEvidence().GetClient(); c.GetIp() != "" || c.GetAsn() != 0 {
		out = append(out, c)
	}
	if p := a.GetEvidence().GetPrevious(); a.GetType() == aerv1.TypeSessionFingerprint &&
		(p.GetIp() != "" || p.GetAsn() != 0) {
		out = append(out, p)
	}
	return out
}

// networks are the trusted prefixes and ASNs valid at one time, and the expired ones, to say so.
type networks struct {
	prefixes, expired bart.Table[*aerv1.TrustedNetwork]
	asns              map[uint32]*aerv1.TrustedNetwork
}

func newNetworks(list []*aerv1.TrustedNetwork, now time.Time) *networks {
	n := &networks{asns: map[uint32]*aerv1.TrustedNetwork{}}
	for _, t := range list {
		valid := t.GetExpires() == nil || now.Before(t.Expires.AsTime())
		prefix, err := netip.ParsePrefix(t.GetCidr())
		switch {
		case err == nil && valid:
			n.prefixes.Insert(prefix.Masked(), t)
		case err == nil:
			n.expired.Insert(prefix.Masked(), t)
		case t.GetCidr() == "" && t.GetAsn() != 0 && valid:
			n.asns[t.Asn] = t
		}
	}
	return n
}

func (n *networks) empty() bool { return n.prefixes.Size() == 0 && len(n.asns) == 0 }

// find describes the entry that trusts the client, or returns "".
func (n *networks) find(c *aerv1.Client) string {
	if ip, ok := parseIP(c.GetIp()); ok {
		if t, ok := n.prefixes.Lookup(ip); ok {
			return "the trusted network " + t.Cidr + describeTrust(t)
		}
	}
	if t := n.asns[c.GetAsn()]; t != nil {
		return fmt.Sprintf("the trusted AS%d%s", t.Asn, describeTrust(t))
	}
	return ""
}

// expiredNote says that an entry would have trusted the client, had it not expired.
func (n *networks) expiredNote(c *aerv1.Client) string {
	if ip, ok := parseIP(c.GetIp()); ok {
		if t, ok := n.expired.Lookup(ip); ok {
			return fmt.Sprintf(" (%s expired at %s)", t.Cidr, t.Expires.AsTime().UTC().Format(time.RFC3339))
		}
	}
	return ""
}

func describeTrust(t *aerv1.TrustedNetwork) string {
	var notes []string
	if t.GetReason() != "" {
		notes = append(notes, cut(t.Reason))
	}
	if t.GetAuthor() != "" {
		notes = append(notes, "added by "+cut(t.Author))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

func describeAddress(c *aerv1.Client) string {
	if c.GetIp() == "" {
		return fmt.Sprintf("AS%d", c.GetAsn())
	}
	return cut(c.GetIp())
}

// parseIP reads an address as the networks compare it: IPv4 in IPv6 unwrapped, zones dropped.
func parseIP(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	return ip.Unmap().WithZone(""), err == nil
}
