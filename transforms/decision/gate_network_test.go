// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestTrustedNetworks says word for word what is trusted, and why, and until when.
func TestTrustedNetworks(t *testing.T) {
	office := &aerv1.TrustedNetwork{Cidr: "198.51.100.0/24", Reason: "office", Author: "ann"}
	provider := &aerv1.TrustedNetwork{Asn: 64666}
	over := func(cidr string) *aerv1.TrustedNetwork {
		return &aerv1.TrustedNetwork{Cidr: cidr, Expires: aerv1.Time(day.Add(11 * time.Hour))}
	}
	client := func(ip string, asn uint32) func(*Input) {
		return func(in *Input) { in.Anomaly.Evidence.Client = &aerv1.Client{Ip: ip, Asn: asn} }
	}
	fork := func(ip string) func(*Input) {
		return func(in *Input) {
			in.Anomaly.Type = aerv1.TypeSessionFingerprint
			in.Anomaly.Evidence.Previous = &aerv1.Client{Ip: ip}
		}
	}
	const passes, trusted = aerv1.Decision_OUTCOME_UNSPECIFIED, aerv1.Decision_TRUSTED_NETWORK
	for name, c := range map[string]struct {
		trust   []*aerv1.TrustedNetwork
		change  func(*Input)
		outcome aerv1.Decision_Outcome
		says    string
	}{
		"none": {nil, client("198.51.100.7", 0), passes, "The organisation trusts no network."},
		"expired": {[]*aerv1.TrustedNetwork{over("198.51.100.0/24")}, client("198.51.100.7", 0), passes,
			"All trusted networks (1) have expired."},
		"by address": {[]*aerv1.TrustedNetwork{office}, client("198.51.100.7", 0), trusted,
			"198.51.100.7 is in the trusted network 198.51.100.0/24 (office, added by ann)."},
		"an address within another": {[]*aerv1.TrustedNetwork{office}, client("::ffff:198.51.100.7", 0), trusted,
			"::ffff:198.51.100.7 is in the trusted network 198.51.100.0/24 (office, added by ann)."},
		"an address with a zone": {[]*aerv1.TrustedNetwork{{Cidr: "2001:db8::/32"}}, client("2001:db8::1%eth0", 0), trusted,
			"2001:db8::1%eth0 is in the trusted network 2001:db8::/32."},
		"the host bits of a prefix say nothing": {[]*aerv1.TrustedNetwork{{Cidr: "198.51.100.99/24"}},
			client("198.51.100.7", 0), trusted,
			"198.51.100.7 is in the trusted network 198.51.100.99/24."},
		"by provider": {[]*aerv1.TrustedNetwork{office, provider}, client("203.0.113.1", 64666), trusted,
			"203.0.113.1 is in the trusted AS64666."},
		"by provider alone": {[]*aerv1.TrustedNetwork{provider}, client("", 64666), trusted,
			"AS64666 is in the trusted AS64666."},
		"elsewhere": {[]*aerv1.TrustedNetwork{office, provider}, client("203.0.113.1", 64500), passes,
			"203.0.113.1 is in no trusted network."},
		"what is no address": {[]*aerv1.TrustedNetwork{office}, client("unknown", 0), passes,
			"unknown is in no trusted network."},
		"no address": {[]*aerv1.TrustedNetwork{office}, client("", 0), passes,
			"The evidence has no address to look up."},
		"what is no network": {[]*aerv1.TrustedNetwork{{Cidr: "office"}, office}, client("203.0.113.1", 0), passes,
			"203.0.113.1 is in no trusted network."},
		"trusted until yesterday": {[]*aerv1.TrustedNetwork{office, over("203.0.113.0/24")}, client("203.0.113.1", 0), passes,
			"203.0.113.1 is in no trusted network (203.0.113.0/24 expired at 2026-11-22T11:00:00Z)."},
		"a fork, both trusted": {[]*aerv1.TrustedNetwork{office}, fork("198.51.100.8"), trusted,
			"198.51.100.7 is in the trusted network 198.51.100.0/24 (office, added by ann); 198.51.100.8 is in the trusted " +
				"network 198.51.100.0/24 (office, added by ann)."},
		"a fork, one of them": {[]*aerv1.TrustedNetwork{office}, fork("203.0.113.1"), passes,
			"203.0.113.1 is in no trusted network."},
		"a comparison only": {[]*aerv1.TrustedNetwork{office},
			func(in *Input) { in.Anomaly.Evidence.Previous = &aerv1.Client{Ip: "203.0.113.1"} }, trusted,
			"198.51.100.7 is in the trusted network 198.51.100.0/24 (office, added by ann)."},
	} {
		t.Run(name, func(t *testing.T) {
			in := standing(func(in *Input) { in.Settings.Trusted = c.trust; c.change(in) })
			if v := trustedNetwork(in); v.Outcome != c.outcome || v.Detail != c.says {
				t.Errorf("%v: %q, want %v: %q", v.Outcome, v.Detail, c.outcome, c.says)
			}
		})
	}
}
