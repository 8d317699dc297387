// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sinktest"
)

var update = flag.Bool("update", false, "rewrite the golden messages")

func story() notify.Story {
	return notify.Story{
		Anomaly: &aerv1.Anomaly{
			Id: "9b2ec6b6-1f0c-5d0e-9c3c-0d8a8a1e2f11", Type: aerv1.TypeExcessiveDownloads, OrgId: "O1",
			UserId: "U1", Severity: "high",
			Time: aerv1.Time(sinktest.T0.Add(-time.Minute)), Summary: "417 files downloaded in an hour where 86 are usual",
			Evidence: &aerv1.Evidence{Signal: "distinct_downloads_1h", Observed: 417, Threshold: 86.5, Unit: "files",
				Signs: []*aerv1.Sign{{Code: "new_network"}, {Code: "library_client"}},
				Client: &aerv1.Client{Ip: "203.0.113.7", UserAgent: "python-requests/2.31", Country: "DE", Asn: 64500,
					Facts: &aerv1.ClientFacts{Family: "python-requests", Version: "2.31", Os: "linux"}}},
		},
		Decision: &aerv1.Decision{Id: "d6a1c1f0-54a2-5b0e-8f6c-2b8d3c1a7e55",
			AnomalyId: "9b2ec6b6-1f0c-5d0e-9c3c-0d8a8a1e2f11", OrgId: "O1", UserId: "U1",
			Outcome: aerv1.Decision_RESPOND, Mode: aerv1.ModeEnforce, Reason: "nobody objected"},
		Directory: directory(), Ended: 3, At: sinktest.T0,
	}
}

func directory() *aerv1.Directory {
	return &aerv1.Directory{OrgId: "O1", Name: "Acme", People: []*aerv1.Person{
		{UserId: "U1", Name: "Ada Example", Email: "ada@acme.example", Language: "en-GB"},
		{UserId: "U8", Name: "Olu Owner", Email: "olu@acme.example",
			Roles: []string{aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}},
		{UserId: "U9", Name: "Sam Admin", Email: "sam@acme.example", Roles: []string{aerv1.RoleSecurityAdmin}},
	}}
}

func acting() notify.Recipient {
	return notify.Recipient{UserID: "U1", Name: "Ada Example", Roles: []string{aerv1.RoleActingUser},
		Channel: notify.ChannelEmail, Address: "ada@acme.example", Language: "en-GB"}
}

func admin() notify.Recipient {
	return notify.Recipient{UserID: "U9", Name: "Sam Admin", Roles: []string{aerv1.RoleSecurityAdmin},
		Channel: notify.ChannelEmail, Address: "sam@acme.example"}
}

// TestMessages compares every kind of message with what a person has read and found right.
func TestMessages(t *testing.T) {
	with := func(change func(*notify.Story)) notify.Story {
		s := story()
		change(&s)
		return s
	}
	outcome := func(o aerv1.Decision_Outcome) notify.Story {
		return with(func(s *notify.Story) { s.Decision.Outcome = o; s.Decision.Recommendation = "look at the sign-in log" })
	}
	common := outcome(aerv1.Decision_COMMON_CAUSE)
	common.Anomaly.Count = 66
	failed := with(func(s *notify.Story) { s.Failure, s.Ended = "user_not_found", 0 })
	german := func(r notify.Recipient) notify.Recipient { r.Language = "de-AT"; return r }
	both := acting()
	both.Roles = append(both.Roles, aerv1.RoleSecurityAdmin)
	for name, c := range map[string]struct {
		to    notify.Recipient
		story notify.Story
	}{
		"acting":            {acting(), story()},
		"acting-tor-one":    {acting(), with(func(s *notify.Story) { s.Anomaly.Type, s.Ended = aerv1.TypeTor, 1 })},
		"acting-failed":     {acting(), failed},
		"acting-persisting": {acting(), outcome(aerv1.Decision_PERSISTING)},
		"acting-and-admin":  {both, story()},
		"acting-unknown": {notify.Recipient{UserID: "U1", Roles: []string{aerv1.RoleActingUser},
			Channel: notify.ChannelEmail},
			notify.Story{Anomaly: &aerv1.Anomaly{UserId: "U1", Type: "new_type"},
				Decision: &aerv1.Decision{OrgId: "O1", UserId: "U1"}}},
		"admin":            {admin(), story()},
		"admin-failed":     {admin(), failed},
		"admin-persisting": {admin(), outcome(aerv1.Decision_PERSISTING)},
		"admin-cooldown":   {admin(), outcome(aerv1.Decision_COOLDOWN)},
		"admin-budget":     {admin(), outcome(aerv1.Decision_BUDGET_EXHAUSTED)},
		"admin-common":     {admin(), common},
		"de-admin-common":  {german(admin()), common},
		"acting-cooldown":  {both, outcome(aerv1.Decision_COOLDOWN)},
		"acting-listed":    {acting(), with(func(s *notify.Story) { s.Listed = true })},
		"de-acting":        {german(acting()), story()},
		"de-acting-failed": {german(acting()), failed},
		"de-admin":         {german(admin()), outcome(aerv1.Decision_PERSISTING)},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := notify.Render(c.to, c.story)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", "Subject: "+n.GetSubject()+"\n\n"+n.GetText())
			if name == "acting" || name == "admin" {
				golden(t, name+".html", n.GetHtml())
			}
			again, _ := notify.Render(c.to, c.story)
			if n.GetId() != again.GetId() || n.GetText() != again.GetText() || n.GetHtml() != again.GetHtml() {
				t.Error("rendering twice gives different messages")
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if it is right, run go test -update (-want +got):\n%s", path, diff)
	}
}

// TestActingUserSeesNoThresholds: neither numbers of the evidence nor the address, whatever roles they hold.
func TestActingUserSeesNoThresholds(t *testing.T) {
	for _, roles := range [][]string{{aerv1.RoleActingUser}, {aerv1.RoleSecurityAdmin},
		{aerv1.RoleActingUser, aerv1.RoleOrgPrimaryOwner}} {
		for _, typ := range append(aerv1.AnomalyTypes, "other") {
			r, s := acting(), story()
			r.Roles, s.Anomaly.Type = roles, typ
			n, err := notify.Render(r, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"417", "86", "distinct_downloads", "threshold", "library_client",
				"nobody objected", "203.0.113.7"} {
				if strings.Contains(n.GetText()+n.GetHtml()+n.GetSubject(), secret) {
					t.Errorf("%s message to %v reveals %q:\n%s", typ, roles, secret, n.GetText())
				}
			}
		}
	}
}

// TestNothingIsRevealed: no message to an acting user, of any anomaly, outcome and language, holds numbers of the rule,
// the inner names of a detector, or the address.
func TestNothingIsRevealed(t *testing.T) {
	languages, err := notify.Languages()
	if err != nil {
		t.Fatal(err)
	}
	s := story()
	e := s.Anomaly.Evidence
	e.Formula, e.FormulaFilled, e.BaselineVersion, e.BaselineRows = "max(F, a * org)", "max(50, 2 * 43.25)", "b-77",
		[]string{"org/O1"}
	e.Signs[0].Detail, e.Notes, e.IpAddressDetails = "JA4 t13d1516h2", []string{"cold start"}, []string{"new-asn"}
	s.Anomaly.Reasons, s.Anomaly.Confidence, s.Anomaly.Magnitude = []string{"excessive_downloads", "asn"}, 0.93, 4.82
	s.Anomaly.EpisodeKey, s.Decision.Recommendation = "episode-key", "exclude the user"
	s.Decision.Trace = []*aerv1.GateResult{{Gate: "loop_protection", Detail: "reset 1 times of 2"}}
	secrets := []string{"417", "86", "distinct_downloads", "threshold", "Schwelle", "new_network", "library_client",
		"nobody objected",
		"203.0.113.7", "max(", "43.25", "b-77", "org/O1", "t13d", "cold start", "new-asn", "0.93", "4.82", "episode",
		"loop_protection",
		"of 2", "exclude the user", "user_not_found", "detector", "Detektor", "baseline", "sensitivity", "high"}
	count := 0
	for _, language := range languages {
		for _, typ := range append(aerv1.AnomalyTypes, "other") {
			for outcome := range aerv1.Decision_Outcome_name {
				for _, failure := range []string{"", "user_not_found", "of an app"} {
					r := acting()
					s.Decision.ActorKind, s.Decision.AppId = "", ""
					if failure == "of an app" {
						failure, s.Decision.ActorKind, s.Decision.AppId = "", aerv1.ActorApp, "A1"
					}
					r.Language = language
					s.Anomaly.Type, s.Decision.Outcome, s.Failure = typ, aerv1.Decision_Outcome(outcome), failure
					n, err := notify.Render(r, s)
					if err != nil {
						t.Fatal(err)
					}
					for _, secret := range append(secrets, typ) {
						if all := n.GetText() + n.GetHtml() + n.GetSubject() + n.GetLink(); strings.Contains(all, secret) &&
							secret != "tor" && secret != "other" {
							t.Errorf("%s %s in %s reveals %q:\n%s", typ, s.Decision.GetOutcome(), language, secret, n.GetText())
						}
					}
					count++
				}
			}
		}
	}
	if want := len(languages) * 8 * len(aerv1.Decision_Outcome_name) * 3; count != want {
		t.Errorf("%d messages looked at, want %d", count, want)
	}
}

// TestOfAnAppOnlyItsAccessIsSaidToBeEnded, in every language and to everybody; it says whose name the app used.
func TestOfAnAppOnlyItsAccessIsSaidToBeEnded(t *testing.T) {
	for language, want := range map[string]string{"en": "AER ended the access that app A1 has under the name of",
		"de": "AER hat den Zugang beendet, den die App A1 unter dem Namen von"} {
		for _, to := range []notify.Recipient{acting(), admin()} {
			s := story()
			to.Language, s.Decision.ActorKind, s.Decision.AppId = language, aerv1.ActorApp, "A1"
			n, err := notify.Render(to, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range []string{"signed out", "signed you out", "abgemeldet:", "Sie überall", "All open sessions",
				"Ihr Passwort", "password now"} {
				if strings.Contains(n.GetSubject()+n.GetText(), wrong) {
					t.Errorf("%s says %q:\n%s\n%s", language, wrong, n.GetSubject(), n.GetText())
				}
			}
			if !strings.Contains(n.GetText(), "A1") || to.UserID == admin().UserID && !strings.Contains(n.GetText(), want) {
				t.Errorf("%s:\n%s\n%s", language, n.GetSubject(), n.GetText())
			}
		}
	}
}

// TestOnlyWhatWasDoneIsSaid: nobody reads that they were signed out when they were not.
func TestOnlyWhatWasDoneIsSaid(t *testing.T) {
	for language, said := range map[string]string{"en": "we signed you out everywhere",
		"de": "haben wir Sie überall abgemeldet"} {
		for outcome, want := range map[aerv1.Decision_Outcome]bool{aerv1.Decision_RESPOND: true,
			aerv1.Decision_PERSISTING: true,
			aerv1.Decision_COOLDOWN:   false, aerv1.Decision_BUDGET_EXHAUSTED: false, aerv1.Decision_COMMON_CAUSE: false} {
			r, s := acting(), story()
			r.Language, s.Decision.Outcome = language, outcome
			n, err := notify.Render(r, s)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(n.GetText(), said); got != want {
				t.Errorf("%s in %s: says %q: %v, want %v\n%s", outcome, language, said, got, want, n.GetText())
			}
		}
	}
}

func TestStyle(t *testing.T) {
	s := story()
	s.Anomaly.Id, s.Decision.Id = "a/../<b>", "d?x=1#"
	re, err := notify.NewRenderer(notify.Style{Link: "https://aer.example.com/{org}/decisions/{decision}?a={anomaly}",
		Zone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	n, err := re.Render(admin(), s)
	if err != nil {
		t.Fatal(err)
	}
	link := "https://aer.example.com/O1/decisions/d%3Fx=1%23?a=a%2F..%2F%3Cb%3E"
	if n.GetLink() != link || !strings.Contains(n.GetText(), "The whole story: "+link+"\n") ||
		!strings.Contains(n.GetHtml(), `<a href="`+link+`">`) {
		t.Errorf("link %s\n%s\n%s", n.GetLink(), n.GetText(), n.GetHtml())
	}
	if want := "22 November 2026, 10:59 CET"; !strings.Contains(n.GetText(), want) {
		t.Errorf("text lacks %q:\n%s", want, n.GetText())
	}
	if n, err := re.Render(acting(), s); err != nil || n.GetLink() != "" ||
		strings.Contains(n.GetText(), "aer.example.com") {
		t.Errorf("the acting user got link %q, %v", n.GetLink(), err)
	}
	for bad, want := range map[notify.Style]string{
		{Link: "aer.example.com/{decision}"}:         "link: ",
		{Link: "javascript:alert({decision})"}:       "link: ",
		{Link: "https://aer.example.com/decisions/"}: "{decision} or {anomaly}",
		{Zone: "Middle/Earth"}:                       "zone: ",
	} {
		if _, err := notify.NewRenderer(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("style %+v: error is %v, want one with %q", bad, err, want)
		}
	}
}

// tags matches everything a browser would take for markup.
func TestCommandIsSafeToCopy(t *testing.T) {
	s := story()
	s.Anomaly.Id = "$(reboot)'; true"
	n, err := notify.Render(admin(), s)
	if err != nil {
		t.Fatal(err)
	}
	if want := `aer explain '$(reboot)'\''; true'`; !strings.Contains(n.GetText(), want) {
		t.Errorf("text lacks %s:\n%s", want, n.GetText())
	}
}

func TestIDsOfMessages(t *testing.T) {
	ids := map[string]bool{}
	for _, org := range []string{"O1", "O2"} {
		for _, user := range []string{"U1", "U2"} {
			for _, channel := range []string{notify.ChannelEmail, notify.ChannelDM} {
				s, r := story(), admin()
				s.Decision.OrgId, r.UserID, r.Channel = org, user, channel
				n, err := notify.Render(r, s)
				if err != nil {
					t.Fatal(err)
				}
				ids[n.GetId()] = true
			}
		}
	}
	if len(ids) != 8 {
		t.Errorf("%d ids for 8 messages", len(ids))
	}
}
