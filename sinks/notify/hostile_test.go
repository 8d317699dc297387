// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sinktest"
)

var tags = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)

// TestHostileValues: whatever names, ids and user agents hold, the message has the lines and the tags of a harmless
// one.
func TestHostileValues(t *testing.T) {
	shape := func(s notify.Story, r notify.Recipient) (int, string, *aerv1.Notification) {
		n, err := notify.Render(r, s)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(n.GetText(), "\n"), strings.Join(tags.FindAllString(n.GetHtml(), -1), ""), n
	}
	// fill puts v wherever a value comes from outside.
	fill := func(v string) (notify.Story, []notify.Recipient) {
		s := story()
		s.Anomaly.Id, s.Anomaly.Severity, s.Anomaly.Summary, s.Anomaly.UserId = v, v, v, v
		s.Anomaly.Evidence.Signal, s.Anomaly.Evidence.Unit, s.Anomaly.Evidence.Signs[0].Code = v, v, v
		c := s.Anomaly.Evidence.Client
		c.UserAgent, c.Country, c.Facts.Family, c.Facts.Version, c.Facts.Os = v, "x"+v, "x"+v, "x"+v, "x"+v
		s.Decision.Id, s.Decision.UserId, s.Decision.OrgId, s.Decision.Reason, s.Decision.Recommendation = v, v, v, v, v
		s.Directory.Name = v
		for _, p := range s.Directory.People {
			p.Name = v
		}
		s.Directory.People[0].UserId = v
		a, b := acting(), admin()
		a.Name, a.UserID, b.Name = v, v, v
		return s, []notify.Recipient{a, b}
	}
	plain, recipients := fill("plain")
	for i := range recipients {
		lines, markup, _ := shape(plain, recipients[i])
		for _, v := range append(sinktest.HostileIDs, "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`,
			"x\u2028y\u2029z\u0085w") {
			if v == " a" || strings.TrimFunc(v, func(r rune) bool { return r <= ' ' }) == "" {
				continue // nothing printable is left, so the line is rightly left out
			}
			s, rs := fill(v)
			gotLines, gotMarkup, n := shape(s, rs[i])
			if gotLines != lines {
				t.Errorf("value %.40q changes the lines of the text from %d to %d:\n%s", v, lines, gotLines, n.GetText())
			}
			if diff := cmp.Diff(titleless(markup), titleless(gotMarkup)); diff != "" {
				t.Errorf("value %.40q changes the markup:\n%s", v, diff)
			}
			if strings.ContainsAny(n.GetSubject(), "\r\n\x00\u202e") || len([]rune(n.GetSubject())) > 300 {
				t.Errorf("value %.40q: subject is %q", v, n.GetSubject())
			}
		}
	}
}

// TestHostileDigest: what a digest lists stays one line each, without markup of its own.
func TestHostileDigest(t *testing.T) {
	re, err := notify.NewRenderer(notify.Style{})
	if err != nil {
		t.Fatal(err)
	}
	var lines int
	for i, v := range append([]string{"plain"}, append(sinktest.HostileIDs, "<script>alert(1)</script>",
		"x\u2028y\u0085z")...) {
		held := []*aerv1.Notification{
			{Id: v, OrgId: "x" + v, UserId: v, Subject: "x" + v, Link: "x" + v, Language: v, Channel: notify.ChannelEmail,
				Address: "a@acme.example"},
			{Id: v, OrgId: "x" + v, UserId: v, Subject: "x" + v, Language: "en", Channel: notify.ChannelEmail,
				Address: "a@acme.example", Time: aerv1.Time(sinktest.T0)},
		}
		n, err := re.Digest("G1", held, sinktest.T0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(n.GetText(), "\n"); i > 0 && got != lines {
			t.Errorf("value %.40q changes the lines from %d to %d:\n%s", v, lines, got, n.GetText())
		} else {
			lines = got
		}
		if strings.Contains(n.GetHtml(), "<script>") || strings.ContainsAny(n.GetSubject(), "\r\n\x00\u202e") ||
			len([]rune(n.GetSubject())) > 300 {
			t.Errorf("value %.40q: %s\n%s", v, n.GetSubject(), n.GetHtml())
		}
	}
}

func titleless(markup string) string { return strings.ReplaceAll(markup, "<title></title>", "") }
