// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"slices"
	"testing"

	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// small is the smallest simulation: one of each kind.
var small = QualityConfig{Seed: 3, Orgs: MinOrgs, Scale: MinScale, Each: 1}

// TestEverythingHappens: each kind in the lists has an incident.
func TestEverythingHappens(t *testing.T) {
	attacks, lookAlikes := map[string]int{}, map[string]int{}
	for _, i := range simulation(t).Incidents {
		if i.Anomalous {
			attacks[i.Kind]++
		} else {
			lookAlikes[i.Kind]++
		}
	}
	for _, list := range [][]part{hijackParts, volumeParts, clientParts, attemptParts, appParts} {
		for _, p := range list {
			if attacks[p.kind] == 0 {
				t.Errorf("no attack %s", p.kind)
			}
		}
	}
	for _, list := range [][]part{appLookAlikes, habitLookAlikes, clientLookAlikes, networkLookAlikes, attemptLookAlikes} {
		for _, p := range list {
			if lookAlikes[p.kind] == 0 {
				t.Errorf("no look-alike %s", p.kind)
			}
		}
	}
	for _, kind := range []string{"hijack_during_rollout", "thief_behind_common_cause", "campaign",
		"thief_after_draining"} {
		if attacks[kind] == 0 {
			t.Errorf("no attack %s", kind)
		}
	}
	for _, kind := range []string{"proxy_rollout", "vpn_vendor_change", "client_rollout", "identity_provider_change",
		"breaker_draining", "org_busy_day", "print_poisoning"} {
		if lookAlikes[kind] < 3 {
			t.Errorf("%s touches %d people", kind, lookAlikes[kind])
		}
	}
}

// TestClientsAreWhatTheyClaim keeps the invented user agents like those that are known.
func TestClientsAreWhatTheyClaim(t *testing.T) {
	all := slices.Concat(onWindows, onMac, onLinux, []program{slackIOS, slackAndroid, safariIPad, headless, axios,
		torBrowser}, libraries)
	for _, p := range all {
		m := &machine{program: p}
		if got := useragent.Classify(m.userAgent(p.releases[0].version)); got.OS != p.os || got.Family != p.family {
			t.Errorf("%s: classified as %+v, want %s on %s", m.userAgent(p.releases[0].version), got, p.family, p.os)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []QualityConfig{{Orgs: MinOrgs - 1}, {Scale: 2}, {Orgs: MaxOrgs + 1}, {Each: -1},
		{Each: MaxEach + 1}} {
		if _, err := Quality(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
