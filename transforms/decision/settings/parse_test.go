// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const full = `
orgs:
  O2:
  O1:
    detectors:
      tor: {mode: off, sensitivity: high, excluded_users: [U2, U1, 007], excluded_groups: [pentest]}
      excessive_downloads: respond
    trusted:
      - cidr: 10.1.2.3/8          # host bits are masked
        reason: head office
        author: kim
        expires: 2026-12-31
      - asn: 64500
        expires: 2026-12-31T18:00:00+02:00
    trusted_cidr: ["2001:db8::1/48", 198.51.100.7]
    trusted_asns: [AS64501]
    trusted_asn: [64502]
    notify:
      org_primary_owner: {email: false}
      security_admins: {dm: true}
    limits: {max_resets: 3, cooldown: 36h, budget_min: 5, budget_fraction: 0.01, budget_window: 20m}
`

func TestParseReadsEverySetting(t *testing.T) {
	all, err := Parse("settings.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].OrgId != "O1" || all[1].OrgId != "O2" {
		t.Fatalf("organisations: %v", all)
	}
	if diff := cmp.Diff(Default("O2"), all[1], protocmp.Transform()); diff != "" {
		t.Errorf("an organisation that chooses nothing has the defaults (-want +got):\n%s", diff)
	}
	s := all[0]
	tor := &aerv1.DetectorSettings{Mode: "off", Sensitivity: "high", ExcludedUsers: []string{"007", "U1", "U2"},
		ExcludedGroups: []string{"pentest"}}
	if diff := cmp.Diff(tor, s.Detectors["tor"], protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if d := s.Detectors["excessive_downloads"]; d.Mode != "respond" || d.Sensitivity != "medium" {
		t.Errorf("the short form sets the mode and leaves the rest: %v", d)
	}
	var nets []string
	for _, n := range s.Trusted {
		nets = append(nets, n.Cidr)
	}
	if diff := cmp.Diff([]string{"", "", "", "10.0.0.0/8", "198.51.100.7/32", "2001:db8::/48"}, nets); diff != "" {
		t.Error(diff)
	}
	if got := s.Trusted[0].Expires.AsTime(); !got.Equal(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("expires with a zone: %v", got)
	}
	if n := s.Notify; n.OrgPrimaryOwner.Email || !n.SecurityAdmins.Email || !n.SecurityAdmins.Dm {
		t.Errorf("notify: %v", n)
	}
	if l := s.Limits; l.MaxResets != 3 || l.Cooldown.AsDuration() != 36*time.Hour || l.BudgetMin != 5 ||
		l.BudgetFraction != 0.01 || l.BudgetWindow.AsDuration() != 20*time.Minute {
		t.Errorf("limits: %v", l)
	}
}

func TestParseTakesListsAndJSON(t *testing.T) {
	for _, src := range []string{
		"- org_id: O1\n  detectors: {tor: log}\n",
		"orgs:\n- org_id: O1\n  detectors: {tor: log}\n",
		`{"orgs": {"O1": {"detectors": {"tor": {"mode": "log"}}}}}`,
	} {
		all, err := Parse("f", []byte(src))
		if err != nil || len(all) != 1 || all[0].OrgId != "O1" || all[0].Detectors["tor"].Mode != "log" {
			t.Errorf("%s: %v %v", src, all, err)
		}
	}
	for _, src := range []string{"", "# nothing yet\n", "orgs:\n", "orgs: {}\n", "orgs: []\n"} {
		if all, err := Parse("f", []byte(src)); err != nil || len(all) != 0 {
			t.Errorf("%q: %v %v", src, all, err)
		}
	}
}

func TestMistakesAreNamedWithFileLineKeyAndWhatWouldBeRight(t *testing.T) {
	cases := []struct{ src, want string }{
		{"orgs:\n  O1:\n    detectors:\n      torr: log", "s.yaml:4: orgs.O1.detectors.torr: unknown detector; known are " +
			"tor, session_fingerprint, unexpected_user_agent, spoofed_user_agent, unexpected_scraping, excessive_downloads, " +
			"unexpected_api_call_volume"},
		{"orgs:\n  O1:\n    detectors:\n      tor: {mode: enforce}",
			`s.yaml:4: orgs.O1.detectors.tor.mode: "enforce" is not possible; use off, log, respond`},
		{"orgs:\n  O1:\n    detectors:\n      tor:",
			`s.yaml:4: orgs.O1.detectors.tor: expected a text, found nothing; use off, log, respond`},
		{"orgs:\n  O1:\n    detectors:\n      tor: {mode: log, modus: log}", "s.yaml:4: orgs.O1.detectors.tor.modus: " +
			"unknown key; known are mode, sensitivity, excluded_users, excluded_groups"},
		{"orgs:\n  O1:\n    trusted:\n      - cidr: 10.0.0.0/33",
			`s.yaml:4: orgs.O1.trusted[0].cidr: "10.0.0.0/33" is not a network; use a network`},
		{"orgs:\n  O1:\n    trusted:\n      - cidr: 0.0.0.0/0", `"0.0.0.0/0" trusts every address; to stop a detector`},
		{"orgs:\n  O1:\n    trusted:\n      - {cidr: 10.0.0.0/8, asn: 1}",
			"s.yaml:4: orgs.O1.trusted[0]: needs either cidr or asn"},
		{"orgs:\n  O1:\n    trusted:\n      - {reason: x}", "s.yaml:4: orgs.O1.trusted[0]: needs either cidr or asn"},
		{"orgs:\n  O1:\n    trusted:\n      - {asn: 1, expires: soon}",
			`expires: "soon" is not a time; use a date (2026-12-31) or a time`},
		{"orgs:\n  O1:\n    trusted_asns: [0]", "s.yaml:3: orgs.O1.trusted_asns[0]:"},
		{"orgs:\n  O1:\n    limits: {max_resets: 0}",
			`s.yaml:3: orgs.O1.limits.max_resets: "0" is not possible; use a whole number from 1 to 10`},
		{"orgs:\n  O1:\n    limits: {cooldown: 1d}",
			`s.yaml:3: orgs.O1.limits.cooldown: "1d" is not possible; use a duration from 1h to 168h, for example 2h`},
		{"orgs:\n  O1:\n    limits: {budget_fraction: 5}", `use a fraction from 0 to 1`},
		{"orgs:\n  O1:\n    notify: {security_admins: {email: yes please}}",
			`s.yaml:3: orgs.O1.notify.security_admins.email: expected true or false, found "yes please"`},
		{"orgs:\n  O1:\n    notify: {everyone: {email: true}}",
			"unknown recipient; known are org_primary_owner, security_admins"},
		{"org:\n  O1:", "s.yaml:1: org: unknown key; known are orgs"},
		{"orgs:\n  O1: {}\n  O1: {}", "s.yaml:3: orgs.O1: given twice; keep one"},
		{"orgs:\n- detectors: {}", "s.yaml:2: orgs[0]: org_id is missing"},
		{"orgs:\n- org_id: O1\n- org_id: O1", `organisation "O1" is given twice`},
		{"orgs: 5", `s.yaml:1: orgs: expected a mapping, found "5"`},
		{"orgs: [", "s.yaml:1: not valid YAML: "},
		{"orgs:\n  O1: &a {}\n  O2: *a",
			"s.yaml:2: orgs.O1: expected a mapping, found an anchor or alias (write the value out)"},
		{"orgs: {}\n---\norgs: {}", "a second document begins here"},
		{"orgs:\n  \"\xff\": {}", "s.yaml:2: not valid UTF-8"},
		{"a: " + strings.Repeat("[", 1000), "nested more than 200 deep"},
	}
	for _, c := range cases {
		all, err := Parse("s.yaml", []byte(c.src))
		if err == nil || !strings.Contains(err.Error(), c.want) || all != nil {
			t.Errorf("%s\n  got  %v\n  want %s", c.src, err, c.want)
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	_, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    detectors: {a: log, tor: x}\n    limits: {max_resets: no}\n"))
	if err == nil || strings.Count(err.Error(), "s.yaml:") != 3 {
		t.Errorf("want three mistakes, got: %v", err)
	}
}

// word is what people and programs call things, also where YAML has another idea of it.
var word = rapid.OneOf(rapid.StringN(1, 12, 40),
	rapid.SampledFrom([]string{"no", "007", "~", "a: b", "- x", "#c", "null", "é", "\x00\x7f", "1e3", "\u2028",
		" ", "|"}))

func TestRenderReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Default(word.Draw(t, "org"))
		d := s.Detectors[rapid.SampledFrom(aerv1.AnomalyTypes).Draw(t, "detector")]
		d.Mode = rapid.SampledFrom([]string{"off", "log", "respond"}).Draw(t, "mode")
		d.ExcludedUsers = []string{word.Draw(t, "user")}
		s.Trusted = []*aerv1.TrustedNetwork{{Asn: 1, Reason: word.Draw(t, "reason"), Author: word.Draw(t, "author"),
			Expires: aerv1.TimeMS(rapid.Int64Range(0, 1<<42).Draw(t, "expires"))}}
		s.Version = Version(s)
		text := Render([]*aerv1.Settings{s})
		back, err := Parse("rendered", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff([]*aerv1.Settings{s}, back, protocmp.Transform()); diff != "" {
			t.Fatalf("%s\n%s", diff, text)
		}
	})
}

func TestVersionNamesTheChoices(t *testing.T) {
	a, b := Default("O1"), Default("O2")
	b.ChangedBy = "kim"
	if Version(a) != Version(b) || len(a.Version) != 12 {
		t.Error("equal choices have equal versions, whoever made them")
	}
	b.Limits.MaxResets = 3
	if Version(a) == Version(b) {
		t.Error("another choice has another version")
	}
	text := string(Render([]*aerv1.Settings{a}))
	if !strings.Contains(text, "# version "+a.Version) {
		t.Errorf("the rendering shows the version:\n%s", text)
	}
}

func TestDefaults(t *testing.T) {
	s := Default("O1")
	for _, name := range aerv1.AnomalyTypes {
		want := "log"
		if name == aerv1.TypeTor || name == aerv1.TypeUnexpectedScraping {
			want = "respond"
		}
		if s.Detectors[name].GetMode() != want {
			t.Errorf("%s: %s, want %s", name, s.Detectors[name].GetMode(), want)
		}
	}
	if !proto.Equal(s, Complete(&aerv1.Settings{OrgId: "O1"})) || !proto.Equal(s, NewSet(nil).For("O1")) ||
		!proto.Equal(s, (*Set)(nil).For("O1")) {
		t.Error("what is left out is the default")
	}
}

func TestCompleteMovesNumbersIntoTheirBounds(t *testing.T) {
	s := Complete(&aerv1.Settings{Limits: &aerv1.Limits{MaxResets: 1000, BudgetFraction: 7}})
	if s.Limits.MaxResets != MaxMaxResets || s.Limits.BudgetFraction != 1 || s.Limits.BudgetMin != DefaultBudgetMin {
		t.Errorf("%v", s.Limits)
	}
}

func TestParseDirectory(t *testing.T) {
	src := `
orgs:
  O1:
    name: Acme
    domain: acme.example
    people:
      U2:
      U1: {name: Kim, email: kim@acme.example, language: en, type: member, groups: [b, a], roles: [security_admin, org_primary_owner]}
  O2:
    people:
      - {user_id: X, type: external}
`
	dirs, err := ParseDirectory("d.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	people := NewPeople(dirs)
	want := &aerv1.Person{UserId: "U1", Name: "Kim", Email: "kim@acme.example", Language: "en", Type: "member",
		Groups: []string{"a", "b"}, Roles: []string{"org_primary_owner", "security_admin"}}
	if diff := cmp.Diff(want, people.Person("O1", "U1"), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if people.Person("O2", "X").GetType() != "external" || people.Person("O1", "X") != nil ||
		people.Directory("O1").GetDomain() != "acme.example" || people.Directory("O9") != nil {
		t.Error("persons are found in their own organisation only")
	}
	for bad, want := range map[string]string{
		"orgs: {O1: {people: {U1: {roles: [boss]}}}}":                `d.yaml:1: orgs.O1.people.U1.roles[0]: "boss" is not possible; use org_primary_owner, security_admin`,
		"orgs: {O1: {people: {U1: {email: \"a@b\\r\\nBcc: c@d\"}}}}": "is not a mail address",
		"orgs: {O1: {people: [{name: K}]}}":                          "user_id is missing",
		"orgs: {O1: {people: [{user_id: K}, {user_id: K}]}}":         `person "K" is given twice`,
		"orgs: {O1: {people: {U1: {type: robot}}}}":                  "use member, guest, external, bot",
		"orgs: {O1: {peeple: {}}}": "unknown key; known are org_id, name, domain, " +
			"people",
		"orgs: {O1: {people: {U1: {phone: 1}}}}":                           "known are user_id, name, email",
		"orgs: {O1: {people: {U1: {user_id: U2}}}}":                        `"U2" contradicts the key "U1"`,
		"orgs: {O1: {people: {U1: {groups: a}}}}":                          `expected a list, found "a"`,
		"orgs: {O1: {people: {U1: {name: {first: Kim}}}}}":                 "expected a text, found a mapping",
		"orgs:\n  O1:\n    people:\n      U1:\n        email: nobody here": "d.yaml:5: orgs.O1.people.U1.email",
	} {
		if _, err := ParseDirectory("d.yaml", []byte(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got  %v\n  want %s", bad, err, want)
		}
	}
}

// A mistake about one person costs what is wrong, not the directory; too many cost the file.
func TestReadDirectory(t *testing.T) {
	const head = "orgs:\n  O1:\n    people:\n"
	good := head + "      U1: {email: kim@acme.example}\n      U2: {type: external}\n"
	for name, c := range map[string]struct {
		more, people, warning string
	}{
		"nothing wrong": {"", "U1 U2", ""},
		"mail address": {"      U3: {email: nobody, roles: [security_admin]}\n", "U1 U2 U3",
			`d.yaml:6: orgs.O1.people.U3.email: "nobody" is not a mail address`},
		"unknown key":    {"      U3: {phone: 1}\n", "U1 U2 U3", "unknown key"},
		"not a person":   {"      U3: Kim\n", "U1 U2 U3", `expected a mapping, found "Kim"`},
		"four of them":   {"      U3: a\n      U4: b\n      U5: c\n      U6: d\n", "", `found "d"`},
		"a broken file":  {"      U3: {email: [\n", "", "not valid YAML"},
		"an unknown key": {"    peeple: {}\n", "", "unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			dirs, warnings, err := ReadDirectory("d.yaml", []byte(good+c.more))
			if c.people == "" {
				if err == nil || !strings.Contains(err.Error(), c.warning) {
					t.Errorf("%v, error %v", dirs, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, p := range dirs[0].People {
				ids = append(ids, p.UserId)
			}
			if strings.Join(ids, " ") != c.people || (len(warnings) == 1) != (c.warning != "") ||
				!strings.Contains(strings.Join(warnings, ""), c.warning) {
				t.Errorf("people %v, warnings %q", ids, warnings)
			}
		})
	}
	dirs, warnings, err := ReadDirectory("d.yaml",
		[]byte("orgs: {O1: {people: [{name: nobody}, {user_id: A, name: first}, {user_id: A, name: second}, {user_id: B}]}}"))
	if err != nil || len(dirs[0].People) != 2 || len(warnings) != 2 {
		t.Errorf("%v, warnings %q, error %v; want A and B", dirs, warnings, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(standing))
	f.Add([]byte("- org_id: O1\n  trusted: [{cidr: ::ffff:1.2.3.4/100}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<11 {
			return
		}
		_, _ = ParseDirectory("f", data)
		all, err := Parse("f", data)
		if err != nil {
			return
		}
		back, err := Parse("rendered", Render(all))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v\n%s", err, Render(all))
		}
		if !slices.EqualFunc(all, back, func(a, b *aerv1.Settings) bool { return proto.Equal(a, b) }) {
			t.Fatal(cmp.Diff(all, back, protocmp.Transform()))
		}
	})
}
