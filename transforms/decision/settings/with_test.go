// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const standing = `
orgs:
  O1:
    exclusions:
      - {user: U1, detector: tor, reason: red team, author: kim, expires: 2026-12-31}
      - {group: kiosks}
    cleared:
      - {user: U2, from: 2026-11-22T10:00:00Z, until: 2026-11-23T10:00:00Z, reason: spoke to them, author: kim}
`

func TestStandingIsReadAndWritten(t *testing.T) {
	all, err := Parse("f", []byte(standing))
	if err != nil {
		t.Fatal(err)
	}
	if e := all[0].Exclusions; len(e) != 2 || e[0].Group != "kiosks" || e[1].Detector != "tor" || e[1].Expires == nil {
		t.Errorf("exclusions: %v", e)
	}
	back, err := Parse("g", Render(all))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, back, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if done := Complete(all[0]); !proto.Equal(done, all[0]) {
		t.Errorf("completing changes complete settings:\n%s", cmp.Diff(all[0], done, protocmp.Transform()))
	}
	for src, want := range map[string]string{
		"exclusions: [{detector: tor}]":                             "orgs.O1.exclusions[0]: needs either user or group",
		"exclusions: [{user: a, group: b}]":                         "needs either user or group",
		"exclusions: [{user: a, detector: torr}]":                   `"torr" is not possible; use tor, session_fingerprint, unexpected_user_agent, spoofed_user_agent, unexpected_scraping, excessive_downloads, unexpected_api_call_volume; did you mean tor?`,
		"exclusion: []":                                             "did you mean exclusions?",
		"cleared: [{user: a}]":                                      "needs user, from and until",
		"cleared: [{user: a, from: 2026-11-22, until: 2026-11-22}]": "until is not after from",
		"cleared: [{user: a, from: 2026-01-01, until: 2027-01-01}]": "lasts longer than 720h",
		"cleared: [{user: a, from: 2026-01-01, until: tomorrow}]":   `f:2: orgs.O1.cleared[0].until: "tomorrow" is not a time`,
		"detectors: {unexpected_scrapping: log}":                    "did you mean unexpected_scraping?",
		"limits: {cool_down: 2h}":                                   "did you mean cooldown?",
	} {
		if _, err := Parse("f", []byte("orgs:\n  O1: {"+src+"}")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got  %v\n  want %s", src, err, want)
		}
	}
}

// TestCompleteKeepsEverything that can be chosen: settings that are complete already stay as they are, field by field.
func TestCompleteKeepsEverything(t *testing.T) {
	const everything = `
orgs:
  O1:
    detectors: {tor: {mode: off, sensitivity: high, excluded_users: [U1], excluded_groups: [G1]}}
    trusted: [{asn: 64500, reason: vpn, author: kim, expires: 2026-12-31}]
    exclusions: [{user: U1, reason: x}]
    cleared: [{user: U2, from: 2026-11-22, until: 2026-11-23}]
    notify: {org_primary_owner: {email: false, dm: true}, security_admins: {dm: true}}
    limits: {max_resets: 3, cooldown: 36h, budget_min: 5, budget_fraction: 0.01, budget_window: 20m}
    response: {scope: session}
    apps: respond
`
	all, err := Parse("f", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	s := all[0]
	s.ChangedBy, s.ChangedAt = "kim", aerv1.TimeMS(1)
	fields := s.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if !s.ProtoReflect().Has(fields.Get(i)) {
			t.Errorf("this test leaves %s out", fields.Get(i).Name())
		}
	}
	if diff := cmp.Diff(s, Complete(s), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestWith(t *testing.T) {
	s := Default("O1")
	for _, c := range []struct{ path, value, key, want string }{
		{"detectors.tor.mode", "log", "detectors.tor.mode", "log"},
		{"detectors.tor", "off", "detectors.tor.mode", `"off"`},
		{"detectors.tor.excluded_users", "[U1, 007]", "detectors.tor.excluded_users", `["007", U1]`},
		{"limits.cooldown", "36h", "limits.cooldown", `"36h"`},
		{"notify.security_admins", "{dm: true}", "notify.security_admins", "{email: true, dm: true}"},
		{"trusted", "[{cidr: 10.1.2.3/8, reason: lab}]", "trusted[10.0.0.0/8]", "lab"},
		{"apps", "respond", "apps", "respond"},
		{"apps", "off", "apps", "off"},
		{"exclusions", "[{user: U1, reason: x}]", "exclusions[user U1, every detector]", "x"},
	} {
		out, err := With(s, c.path, c.value)
		if err != nil {
			t.Errorf("%s=%s: %v", c.path, c.value, err)
			continue
		}
		diff := Diff(s, out)
		if len(diff) != 1 || diff[0].Key != c.key || strings.Trim(diff[0].After, `"`) != strings.Trim(c.want, `"`) ||
			out.Version == s.Version {
			t.Errorf("%s=%s: %+v", c.path, c.value, diff)
		}
	}
	if !proto.Equal(s, Default("O1")) {
		t.Error("the settings that were given have changed")
	}
	for arg, want := range map[string]string{
		"detectors.torr.mode=log": "detectors.torr: unknown detector; known are tor, session_fingerprint, " +
			"unexpected_user_agent, spoofed_user_agent, unexpected_scraping, excessive_downloads, unexpected_api_call_volume; " +
			"did you mean tor?",
		"detectors.tor.mode=enforce": `detectors.tor.mode: "enforce" is not possible`,
		"detectors..mode=log":        "an empty key",
		"apps=on":                    `apps: "on" is not possible; use off, log, respond`,
		"limits.max_resets=":         "limits.max_resets: expected a text, found nothing",
		"limits.max_resets=1\n2":     "more than one line",
		"limits.max_resets=3}, x: {": "is not one value",
		"org_id=O2":                  `"O2" contradicts the key "O1"`,
	} {
		path, value, _ := strings.Cut(arg, "=")
		if _, err := With(s, path, value); err == nil || !strings.HasPrefix(err.Error(), want) &&
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got  %v\n  want %s", arg, err, want)
		}
	}
}

func TestDiffNamesEntriesByWhatTheyAreAbout(t *testing.T) {
	a := Default("O1")
	a.Trusted = []*aerv1.TrustedNetwork{{Asn: 64500}, {Cidr: "10.0.0.0/8", Reason: "lab"}}
	b := Default("O1")
	b.Trusted = []*aerv1.TrustedNetwork{{Cidr: "10.0.0.0/8", Reason: "office", Author: "kim"}}
	b.Limits.MaxResets = 3
	want := []Difference{
		{"limits.max_resets", "2", "3"}, {"trusted[10.0.0.0/8]", "lab", "office, by kim"}, {"trusted[AS64500]", "yes", ""},
	}
	if diff := cmp.Diff(want, Diff(a, b)); diff != "" {
		t.Error(diff)
	}
	if d := Diff(a, a); len(d) != 0 {
		t.Errorf("differs from itself: %v", d)
	}
}

// TestDiffShowsEveryEntry about one thing, and ends that are less than a second apart.
func TestDiffShowsEveryEntry(t *testing.T) {
	a, b := Default("O1"), Default("O1")
	soon, later := aerv1.Time(time.UnixMicro(1)), aerv1.Time(time.UnixMicro(2))
	a.Trusted = []*aerv1.TrustedNetwork{{Asn: 64500, Reason: "lab"}, {Asn: 64500, Reason: "vpn"}}
	b.Trusted = a.Trusted[1:]
	a.Exclusions = []*aerv1.Exclusion{{Group: "ops", Expires: soon}}
	b.Exclusions = []*aerv1.Exclusion{{Group: "ops", Expires: later}}
	b.Clearances = []*aerv1.Clearance{{UserId: "U 1", From: soon, Until: later}, {UserId: "U 1", From: soon, Until: soon}}
	first, second := "1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.000002Z"
	want := []Difference{
		{`cleared["U 1" from ` + first + `]`, "", "until " + second + "; until " + first},
		{"exclusions[group ops, every detector]", "expires " + first, "expires " + second},
		{"trusted[AS64500]", "lab; vpn", "vpn"},
	}
	if diff := cmp.Diff(want, Diff(a, b)); diff != "" {
		t.Error(diff)
	}
	if d := Diff(nil, a); len(d) != len(flatten(a)) || d[0].Before != "" {
		t.Errorf("all that is chosen differs from nothing: %v", d)
	}
}

func FuzzWith(f *testing.F) {
	f.Add("detectors.tor.mode", "log")
	f.Add("trusted", "[{cidr: 10.0.0.0/8}]")
	f.Add("cleared", "[{user: a, from: 2026-01-01, until: 2026-01-02}]")
	f.Fuzz(func(t *testing.T, path, value string) {
		if len(path)+len(value) > 1<<10 {
			return
		}
		s, err := With(Default("O1"), path, value)
		if err == nil && (s.OrgId != "O1" || s.Version != Version(s)) {
			t.Errorf("%q=%q gave %v", path, value, s)
		}
	})
}
