// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// shows are the rows of people (or of so many organisations) of org that show a fingerprint under a family, and under
// its kind.
func shows(org, family, class, ja4 string, n uint32) []*aerv1.BaselineFingerprint {
	orgs := uint32(1)
	if org == Everyone {
		orgs = n
	}
	row := &aerv1.BaselineFingerprint{OrgId: org, Family: family, Ja4: ja4, Class: class, Users: n,
		Observations: 10 * n, Orgs: orgs}
	if KindOf(class) == "" {
		return []*aerv1.BaselineFingerprint{row}
	}
	return []*aerv1.BaselineFingerprint{row, {OrgId: org, Ja4: ja4, Class: string(KindOf(class)), Users: n,
		Observations: 10 * n, Orgs: orgs}}
}

func index(rows ...[]*aerv1.BaselineFingerprint) *Index {
	return NewIndex(&aerv1.Baseline{
		Version: "v", Fingerprints: slices.Concat(rows...),
		Orgs: []*aerv1.BaselineOrg{{OrgId: "alone", Metric: "events", Horizon: "24h", Users: 1},
			{OrgId: "O1", Metric: "events", Horizon: "24h", Users: 9}},
	})
}

func TestTheOwnOrganisationFirstThenFive(t *testing.T) {
	x := index(
		shows("O1", "chrome", "browser", "t13d1516h2_a_b", 2), shows("O1", "curl", "library", "t13d3112h2_a_b", 1),
		shows("alone", "edge", "browser", "t13d1516h2_a_e", 1),
		shows(Everyone, "safari", "browser", "t13d2014h2_a_b", 5), shows(Everyone, "go", "library", "t13d1911h2_a_b", 4),
		shows("O1", "headless-chrome", "headless", "t13d1516h2_a_n", 9),
	)
	for _, c := range []struct {
		what string
		w    Witnesses
		want bool
	}{
		{"two of one's own", x.Fingerprint("O1", "chrome", "t13d1516h2_a_b"), true},
		{"of another organisation", x.Fingerprint("O2", "chrome", "t13d1516h2_a_b"), false},
		{"one of one's own", x.Fingerprint("O1", "curl", "t13d3112h2_a_b"), false},
		{"the only one there is", x.Fingerprint("alone", "edge", "t13d1516h2_a_e"), true},
		{"five organisations", x.Fingerprint("O2", "safari", "t13d2014h2_a_b"), true},
		{"four organisations", x.Fingerprint("O2", "go", "t13d1911h2_a_b"), false},
		{"another family", x.Fingerprint("O1", "edge", "t13d1516h2_a_b"), false},
		{"its kind", x.FingerprintOf("O1", KindInteractive, "t13d1516h2_a_b"), true},
		{"the other kind", x.FingerprintOf("O1", KindLibrary, "t13d1516h2_a_b"), false},
		{"no kind", x.FingerprintOf("O1", KindInteractive, "t13d1516h2_a_n"), false},
		{"its beginning", x.TLSStartUnder("O1", "chrome", "t13d1516h2_z_z"), true},
		{"its beginning elsewhere", x.TLSStartUnder("O2", "chrome", "t13d1516h2_z_z"), false},
		{"the beginning of the kind", x.TLSStartOf("O2", KindInteractive, "t13d2014h2_z_z"), true},
	} {
		if c.w.Enough() != c.want {
			t.Errorf("%s: %v (%+v), want %v", c.what, c.w.Enough(), c.w, c.want)
		}
	}
	if got := x.Fingerprints("O1"); got["chrome"] != 1 || got["safari"] != 1 ||
		got["edge"]+got["go"] != 0 || len(got) != 4 {
		t.Errorf("known: %v", got)
	}
	if got := x.FingerprintFamilies("O1", KindInteractive, "t13d1516h2_a_b"); !slices.Equal(got, []string{"chrome"}) {
		t.Errorf("families: %v", got)
	}
	for org, want := range map[string]bool{"O1": true, "O2": false} {
		if _, known := x.FamilyKnown(org, "chrome", 20); known != want {
			t.Errorf("chrome in %s: %v", org, known)
		}
	}
	if n, known := x.FamilyKnown("O2", "safari", 1000); !known || n != 0 {
		t.Errorf("safari everywhere: %v of %d", known, n)
	}
}

func TestOutnumber(t *testing.T) {
	people := func(n uint32) Witnesses { return Witnesses{People: n, Need: MinPeople} }
	five := Witnesses{Orgs: 5, Need: MinPeople}
	for _, c := range []struct {
		w, others Witnesses
		want      bool
	}{
		{people(2), people(0), true}, {people(2), people(1), true}, {people(2), people(2), false},
		{people(9), people(2), false},
		{people(1), people(0), false}, {five, people(0), true}, {five, people(1), true}, {five, people(2), false},
		{people(9), five, false}, {five, five, false},
	} {
		if got := c.w.Outnumber(c.others); got != c.want {
			t.Errorf("%s beside %s: %v", c.w, c.others, got)
		}
	}
}

func TestFilesOfOlderReleasesAreRefused(t *testing.T) {
	old := version("old", 0, 24)
	old.Fingerprints = []*aerv1.BaselineFingerprint{{Family: "chrome", Ja4: "a", Class: "browser", Users: 3}}
	if _, err := Read(bytes.NewReader(encoded(t, old))); err == nil || !strings.Contains(err.Error(), "older release") {
		t.Errorf("read with %v", err)
	}
}

// Fresh and resumed handshakes are one stack; other ciphers and other families are not.
func TestKnowsStack(t *testing.T) {
	x := NewIndex(&aerv1.Baseline{Fingerprints: []*aerv1.BaselineFingerprint{
		{OrgId: "O", Family: "firefox", Class: "browser", Ja4: "t13d1717h2_c_1", Users: 2, Observations: 9},
		{OrgId: "O", Family: "edge", Class: "browser", Ja4: "t13d1717h2_c_1", Users: 1, Observations: 9},
	}})
	for _, c := range []struct {
		family, ja4 string
		want        bool
	}{
		{"firefox", "t13d1717h2_c_1", true}, {"firefox", "t13d1718h2_c_2", true}, {"firefox", "t13d1717h2_d_1", false},
		{"chrome", "t13d1717h2_c_1", false},
		{"edge", "t13d1717h2_c_1", false}, // of one account
		{"firefox", "q13d1717h3_c_1", false}, {"firefox", "", false},
	} {
		if got := x.KnowsStack("O", c.family, c.ja4); got != c.want {
			t.Errorf("%s %s: %v", c.family, c.ja4, got)
		}
	}
	if x.KnowsStack("P", "firefox", "t13d1717h2_c_1") {
		t.Error("known by another tenant")
	}
	if (*Index)(nil).KnowsStack("O", "firefox", "t13d1717h2_c_1") {
		t.Error("nothing is known")
	}
}
