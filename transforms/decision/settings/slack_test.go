// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
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

// TestSlackMistakes are told all at once, sorted, by the key that the list has in this file.
func TestSlackMistakes(t *testing.T) {
	wrong := func(text string) string {
		return "\"" + text + "\" is not the number of an autonomous system; " + asnRight
	}
	for src, want := range map[string]string{
		`{"trusted_cidrs": ["x", "10.0.0.0/8", "8.0.0.0/7"], "trusted_asns": [null, -1],
			"trusted_asn": ["AS1", "4294967296"]}`: "f: trusted_asn[1]: " +
			wrong("4294967296") + "\nf: trusted_asns[0]: " + wrong("") + "\nf: trusted_asns[1]: " + wrong("-1") +
			"\nf: trusted_cidrs[0]: \"x\" is not a network; " + networkRight +
			"\nf: trusted_cidrs[2]: \"8.0.0.0/7\" trusts a " +
			"great part of the internet; use networks of at least /8, in IPv6 /16",
		`{"trusted_cidr": null, "trusted_asns": null}`: "f: has neither trusted_cidr nor trusted_asns; " +
			"to trust nothing give an empty list",
		`{"ok": false, "error": "` + strings.Repeat("x", 200) + `"}`: "f: this is an error that Slack answered (\"" +
			strings.Repeat("x", 80) + "…\"), not a list",
		`{"trusted_asns": [1e3, 1` + strings.Repeat("0", 200) + `]}`: "f: trusted_asns[0]: " + wrong("1e3") +
			"\nf: trusted_asns[1]: " + wrong("1"+strings.Repeat("0", 79)+"…"),
		strings.Repeat(" ", strict.MaxFileBytes+1): "f: the file has more than 8 MiB",
	} {
		if list, notices, err := ParseSlackTrusted("f", []byte(src)); err == nil || err.Error() != want || list != nil ||
			notices != nil {
			t.Errorf("%.200s\n  got  %v\n  want %s", src, err, want)
		}
	}
	_, _, err := ParseSlackTrusted("f", []byte(`{"trusted_asn": [`+strings.Repeat("0, ", 1000)+`0]}`))
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != strict.MaxErrors {
		t.Errorf("%d of 1001 mistakes are told", n)
	}
}

// TestSlackAllowsNothing: an empty list is a choice, and is written as one.
func TestSlackAllowsNothing(t *testing.T) {
	for _, src := range []string{`{"trusted_cidr": []}`, `{"trusted_asn": []}`, `{"ok": true, "trusted_cidrs": []}`} {
		list, notices, err := ParseSlackTrusted("f", []byte(src))
		if err != nil || len(list)+len(notices) != 0 {
			t.Errorf("%s: %v, %q, %v", src, list, notices, err)
		}
		if out, err := RenderSlackTrusted(list); err != nil ||
			string(out) != "{\n  \"trusted_cidr\": [],\n  \"trusted_asns\": []\n}\n" {
			t.Errorf("%s is written as %s, %v", src, out, err)
		}
	}
}

// TestSlackExchangeKeepsWhatIsKnown: what was exported and comes back changes nothing, so it makes no version.
func TestSlackExchangeKeepsWhatIsKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := checked(t, chosen(t))
		before := proto.Clone(s)
		out, err := RenderSlackTrusted(s.Trusted)
		if err != nil {
			t.Fatal(err)
		}
		list, notices, err := ParseSlackTrusted("f", out)
		if err != nil || len(notices) != 0 {
			t.Fatalf("%q, %v", notices, err)
		}
		again := proto.Clone(s).(*aerv1.Settings)
		if again.Trusted = MergeTrusted(s.Trusted, list, "ada", "imported"); !proto.Equal(checked(t, again), s) {
			t.Fatalf("%v became %v", s.Trusted, again.Trusted)
		}
		for _, n := range again.Trusted {
			n.Reason = "changed"
		}
		if !proto.Equal(s, before) {
			t.Fatal("what was given is shared with the result")
		}
	})
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
