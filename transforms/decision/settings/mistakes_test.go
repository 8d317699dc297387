// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// said is everything that is told of one organisation's part of a file, without where it stands.
func said(org string) string {
	_, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    "+org))
	return strings.ReplaceAll(fmt.Sprint(err), "s.yaml:3: orgs.O1.", "")
}

// TestEachMistakeIsSaidInWhole: the whole message, and nothing besides.
func TestEachMistakeIsSaidInWhole(t *testing.T) {
	for src, want := range map[string]string{
		"trusted: 5":           `trusted: expected a list, found "5"; give a list of networks`,
		"trusted: [{cidr: }]":  "trusted[0].cidr: expected a text, found nothing; " + networkRight,
		"trusted: [{asn: []}]": "trusted[0].asn: expected a text, found a list; " + asnRight,
		"trusted: [{asn: 1, reasn: x}]": "trusted[0].reasn: unknown key; known are cidr, asn, author, reason, expires; " +
			"did you mean reason?",
		"trusted: [{cidr: 8.0.0.0/6}]": `trusted[0].cidr: "8.0.0.0/6" trusts a great part of the internet; ` +
			"use networks of at least /8, in IPv6 /16",
		"trusted_cidr: x":   `trusted_cidr: expected a list, found "x"; give a list of networks`,
		"trusted_asn: {}":   "trusted_asn: expected a list, found a mapping; give a list of numbers of autonomous systems",
		"trusted_asns: [x]": `trusted_asns[0]: "x" is not the number of an autonomous system; ` + asnRight,
		"detectors: [tor]":  "detectors: expected a mapping, found a list; give one key for each detector",
		"detectors: {tor: respnd}": `detectors.tor: "respnd" is not possible; use off, log, respond; ` +
			"did you mean respond?",
		"detectors: {tor: {sensitivity: mediun}}": `detectors.tor.sensitivity: "mediun" is not possible; ` +
			"use low, medium, high; did you mean medium?",
		"detectors: {tor: {excluded_users: U1}}": `detectors.tor.excluded_users: expected a list, found "U1"; ` +
			"give a list of user ids",
		`detectors: {tor: {excluded_groups: [G, ""]}}`: "detectors.tor.excluded_groups[1]: must not be empty; " +
			"give a list of group ids",
		"notify: {security_admin: {dm: true}}": "notify.security_admin: unknown recipient; " +
			"known are org_primary_owner, security_admins; did you mean security_admins?",
		"notify: {security_admins: {emial: true}}": "notify.security_admins.emial: unknown channel; known are email, dm",
		"notify: {security_admins: true}": `notify.security_admins: expected a mapping, found "true"; ` +
			"write {email: true, dm: false}",
		"notify: {org_primary_owner: {dm: }}": "notify.org_primary_owner.dm: expected true or false, found nothing",
		"response: {scop: all}":               "response.scop: unknown key; known are scope; did you mean scope?",
		"response: {scope: sesion}": `response.scope: "sesion" is not possible; use all, session; ` +
			"did you mean session?",
		"exclusions: {user: U1}": "exclusions: expected a list, found a mapping; " +
			"give a list of {user: U1, detector: tor, reason: why}",
		`exclusions: [{user: ""}]`:  "exclusions[0].user: must not be empty; give a user id",
		`exclusions: [{group: ""}]`: "exclusions[0].group: must not be empty; give a group id",
		"exclusions: [U1]": `exclusions[0]: expected a mapping, found "U1"; write {user: U1} ` +
			"or {group: ops}",
		"exclusions: [{user: U1, by: x}]": "exclusions[0].by: unknown key; known are " +
			strings.Join(exclusionKeys, ", "),
		"cleared: [{user: U1, til: x}]": "cleared[0].til: unknown key; known are " +
			strings.Join(clearedKeys, ", "),
		"cleared: [{from: 2026-01-01, until: 2026-01-02}]": "cleared[0]: needs user, from and until",
		"limits: {budget_mim: 1}": "limits.budget_mim: unknown limit; known are " + strings.Join(limitKeys, ", ") +
			"; did you mean budget_min?",
		"limits: {budget_reset: {att: 2026-01-01}}": "limits.budget_reset.att: unknown key; known are at, " +
			"author, reason; did you mean at?\nlimits.budget_reset: at is missing; give the time from which the budget starts afresh",
		"apps: !!str log": "apps: expected a text, found a tag (leave it out); use off, log, respond",
		"apps: &a log":    "apps: expected a text, found an anchor or alias (write the value out); use off, log, respond",
		"org_id: O2":      `org_id: "O2" contradicts the key "O1"; leave it out`,
		`org_id: ""`:      "org_id: must not be empty",
		"peple: {}":       "peple: unknown key; known are " + strings.Join(orgKeys, ", "),
	} {
		if got := said(src); got != want {
			t.Errorf("%s\n  got  %s\n  want %s", src, got, want)
		}
	}
	for src, want := range map[string]string{
		"orgs: {\"\": {}}": "s.yaml:1: orgs.: an organisation's id must not be empty",
		"[{org_id: [O1]}]": "s.yaml:1: [0].org_id: expected a text, found a list\n" +
			"s.yaml:1: [0]: org_id is missing; name the organisation",
		"orgs: {}\norgs: {}": "s.yaml:2: orgs: given twice; keep one",
		"\n\n- org_id: O1\n- 5": "s.yaml:4: [1]: expected a mapping, found \"5\"; each entry is an organisation " +
			"with an org_id\ns.yaml:4: [1]: org_id is missing; name the organisation",
		"orgs:\n  O1:\n    - a": `s.yaml:3: orgs.O1: expected a mapping, found a list; known keys are ` +
			fmt.Sprint(orgKeys),
	} {
		if _, err := Parse("s.yaml", []byte(src)); err == nil || err.Error() != want {
			t.Errorf("%q\n  got  %v\n  want %s", src, err, want)
		}
	}
}

// TestLimitsHoldAtTheirBounds: the last possible value is taken, the next is not, and Complete moves it there.
func TestLimitsHoldAtTheirBounds(t *testing.T) {
	for key, c := range map[string]struct{ possible, not []string }{
		"max_resets":      {[]string{"1", "10"}, []string{"0", "11", "-1", "1.5", "0x2", "18446744073709551616"}},
		"cooldown":        {[]string{"1h", "168h"}, []string{"59m59s", "168h0m1s", "-24h", "24", "0"}},
		"budget_min":      {[]string{"1", "1000000"}, []string{"0", "1000001", "1e3"}},
		"budget_fraction": {[]string{"0", "1", "-0", "5e-324"}, []string{"1.0000000001", "-0.1", ".nan", ".inf", "1%"}},
		"budget_window":   {[]string{"1m", "24h"}, []string{"59s", "24h1s", "9999999h"}},
	} {
		for _, v := range c.possible {
			all, err := Parse("s.yaml", []byte("orgs: {O1: {limits: {"+key+": "+v+"}}}"))
			if err != nil || !proto.Equal(all[0], Complete(all[0])) {
				t.Errorf("%s: %s: %v, %v", key, v, all, err)
			}
		}
		for _, v := range c.not {
			if got, want := said("limits: {"+key+": "+v+"}"), fmt.Sprintf("limits.%s: %q is not possible; use ", key,
				v); !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

// TestEndsAreExact: a day means its first moment in UTC, a time its moment to the microsecond, and no more is taken.
func TestEndsAreExact(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-12-31":                       time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		"2026-12-31T00:30:00+02:00":        time.Date(2026, 12, 30, 22, 30, 0, 0, time.UTC),
		"2026-12-31T23:59:59.999999999Z":   time.Date(2026, 12, 31, 23, 59, 59, 999999000, time.UTC),
		"1970-01-01":                       time.Unix(0, 0),
		"1970-01-01T00:00:00.000001+00:00": time.UnixMicro(1),
		"2028-02-29":                       time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
		"1970-01-01T01:00:00+02:00":        {}, // 1969 in UTC
		"9999-12-31T23:00:00-02:00":        {}, // the year 10000
		"2026-02-29":                       {},
		"2026-12-31T24:00:00Z":             {},
		"2026-12-31T18:00:00":              {}, // of which zone?
		"31.12.2026":                       {},
	} {
		all, err := Parse("s.yaml", []byte("orgs: {O1: {trusted: [{asn: 1, expires: "+text+"}], "+
			"exclusions: [{user: U1, expires: "+text+"}]}}"))
		if want.IsZero() {
			if err == nil || strings.Count(err.Error(), fmt.Sprintf(`expires: "%s" is not a time; use a date`, text)) != 2 {
				t.Errorf("%s: %v, error %v", text, all, err)
			}
		} else if err != nil || !all[0].Trusted[0].Expires.AsTime().Equal(want) ||
			!proto.Equal(all[0].Exclusions[0].Expires, all[0].Trusted[0].Expires) {
			t.Errorf("%s: %v, error %v", text, all, err)
		}
	}
	for until, want := range map[string]string{
		"2026-01-31T00:00:00Z": "<nil>", // 30 days, the longest
		"2026-01-31T00:00:00.000001Z": "cleared[0]: lasts longer than 720h; " +
			"for a longer time exclude the user, with a reason",
		"2026-01-01T00:00:00.000001Z":  "<nil>",
		"2026-01-01T00:00:00.0000009Z": "cleared[0]: until is not after from",
		"2025-12-31":                   "cleared[0]: until is not after from",
	} {
		if got := said("cleared: [{user: U1, from: 2026-01-01, until: " + until + "}]"); got != want {
			t.Errorf("until %s: got %s, want %s", until, got, want)
		}
	}
}

// TestHostileFiles are refused at their limit, in few words, and what they say is not repeated at length.
func TestHostileFiles(t *testing.T) {
	long := strings.Repeat("é", 1000)
	for name, c := range map[string]struct{ src, want string }{
		"a long key": {"orgs: {O1: {detectors: {tor: " + long + "}}}",
			`detectors.tor: "` + strings.Repeat("é", 40) + `…"`},
		"a long line":   {"# \n#" + strings.Repeat("x", 64<<10), "s.yaml:2: the line has more than 64 KiB"},
		"a large file":  {strings.Repeat("#\n", strict.MaxFileBytes/2+1), "s.yaml:1: the file has more than 8 MiB"},
		"deep lists":    {strings.Repeat("[\n", 300), "s.yaml:201: the line is nested more than 200 deep"},
		"deep dashes":   {strings.Repeat("- ", 300), "s.yaml:1: the line is nested more than 200 deep"},
		"an escape":     {`orgs: {O1: {apps: "\uD800"}}`, "s.yaml:1: "},
		"a look-alike":  {"orgs: {O1: {apps: lоg}}", `orgs.O1.apps: "lоg" is not possible`}, // a Cyrillic o
		"a merge key":   {"orgs: {O1: {<<: {apps: log}}}", "s.yaml:1: orgs.O1: this kind of key is not supported"},
		"another YAML":  {"%YAML 1.1\n---\norgs: {O1: {apps: off}}\n...\n---\nx: y", "a second document begins here"},
		"a binary file": {"orgs: {}\n\x00\xfe\xff", "s.yaml:2: not valid UTF-8"},
		"many mistakes": {"orgs: {O1: {trusted_asns: [" + strings.Repeat("x, ", 500) + "]}}", "trusted_asns[49]"},
		"an alias of it": {"a: &a [x]\norgs: {O1: {trusted_cidr: *a}}",
			"s.yaml:2: orgs.O1.trusted_cidr: expected a list, found an anchor"},
	} {
		all, err := Parse("s.yaml", []byte(c.src))
		if err == nil || !strings.Contains(err.Error(), c.want) || all != nil || len(err.Error()) > 200*strict.MaxErrors {
			t.Errorf("%s\n  got  %.300v\n  want %s", name, err, c.want)
		} else if n := strings.Count(err.Error(), "\n") + 1; n > strict.MaxErrors {
			t.Errorf("%s: %d mistakes are told", name, n)
		}
	}
}

// TestGlobalLimits are stricter than any organisation's own, and possible ones.
func TestGlobalLimits(t *testing.T) {
	g, own := GlobalLimits(), Default("O1").Limits
	if g.BudgetMin <= own.BudgetMin || g.BudgetFraction >= own.BudgetFraction || g.MaxResets != 0 {
		t.Errorf("a fault of ours in one organisation must not stop all, in all it must: %v", g)
	}
	if s := Complete(&aerv1.Settings{Limits: g}); s.Limits.BudgetMin != g.BudgetMin ||
		s.Limits.BudgetFraction != g.BudgetFraction || !proto.Equal(s.Limits.BudgetWindow, g.BudgetWindow) {
		t.Errorf("completing moves them to %v", s.Limits)
	}
}
