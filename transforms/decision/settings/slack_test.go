// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestSlackTrusted(t *testing.T) {
	in := `{"ok": true, "trusted_cidr": ["8.8.8.8/24", "10.0.0.0/8", "198.51.100.7"], "trusted_cidrs": ["10.0.0.0/8"], "trusted_asns": [64500, "AS64501"], "trusted_asn": [64500], "token": "x"}`
	list, notices, err := ParseSlackTrusted("allow.json", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []*aerv1.TrustedNetwork{{Asn: 64500}, {Asn: 64501}, {Cidr: "10.0.0.0/8"}, {Cidr: "198.51.100.7/32"},
		{Cidr: "8.8.8.0/24"}}
	if diff := cmp.Diff(want, list, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"allow.json: trusted_cidr[0]: 8.8.8.8/24 has host bits, taken as 8.8.8.0/24"},
		notices); diff != "" {
		t.Error(diff)
	}
	out, err := RenderSlackTrusted(list)
	if err != nil {
		t.Fatal(err)
	}
	again, notices, err := ParseSlackTrusted("out", out)
	if diff := cmp.Diff(list, again, protocmp.Transform()); diff != "" || err != nil || len(notices) != 0 {
		t.Error(diff, notices, err)
	}
	for src, want := range map[string]string{
		`{}`:                                     "f: has neither trusted_cidr nor trusted_asns",
		`{"ok": false, "error": "not_an_admin"}`: `an error that Slack answered ("not_an_admin")`,
		`{"trusted_cidr": ["0.0.0.0/0"]}`:        `f: trusted_cidr[0]: "0.0.0.0/0" trusts every address`,
		`{"trusted_cidr": ["office"]}`:           `f: trusted_cidr[0]: "office" is not a network`,
		`{"trusted_asn": [0]}`:                   `f: trusted_asn[0]: "0" is not the number`,
		`{"trusted_asns": [1.5]}`:                `"1.5" is not the number`,
		`{"trusted_asns": [{}]}`:                 "reading Slack's list",
		`[`:                                      "reading Slack's list",
	} {
		if list, _, err := ParseSlackTrusted("f", []byte(src)); err == nil ||
			!strings.Contains(err.Error(), want) || list != nil {
			t.Errorf("%s\n  got  %v\n  want %s", src, err, want)
		}
	}
}

// TestSlackUpdateOverwrites the whole list, but what was known of the entries that stay is kept.
func TestSlackUpdateOverwrites(t *testing.T) {
	office := &aerv1.TrustedNetwork{Cidr: "10.0.0.0/8", Author: "kim", Reason: "office", Expires: aerv1.TimeMS(1)}
	now := []*aerv1.TrustedNetwork{office, {Asn: 64500, Author: "kim"}}
	got := MergeTrusted(now, []*aerv1.TrustedNetwork{{Cidr: "10.0.0.0/8"}, {Asn: 64501}}, "ada", "imported")
	want := []*aerv1.TrustedNetwork{{Asn: 64501, Author: "ada", Reason: "imported"}, office}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if got := MergeTrusted(now, nil, "ada", ""); len(got) != 0 {
		t.Errorf("an empty list trusts %v", got)
	}
}

func FuzzSlackTrusted(f *testing.F) {
	f.Add([]byte(`{"trusted_cidr": ["8.8.8.8/24", "::ffff:1.2.3.4/100"], "trusted_asn": [1, "AS2"]}`))
	f.Add([]byte(`{"ok":true,"trusted_asns":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _, err := ParseSlackTrusted("f", data)
		if err != nil {
			return
		}
		out, err := RenderSlackTrusted(list)
		if err != nil {
			t.Fatal(err)
		}
		again, notices, err := ParseSlackTrusted("g", out)
		if err != nil || len(notices) != 0 ||
			!slices.EqualFunc(list, again, func(a, b *aerv1.TrustedNetwork) bool { return compareTrusted(a, b) == 0 }) {
			t.Fatalf("what was written reads back as %v, %v, %v", again, notices, err)
		}
		s := Default("O1")
		s.Trusted = MergeTrusted(nil, list, "a", "b")
		if _, err := Check(s); err != nil {
			t.Fatal(err)
		}
	})
}
