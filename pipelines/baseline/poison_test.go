// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
)

// Agents and fingerprints of the world below. A print is known for what shows it.
const (
	chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 " +
		"Safari/537.36"
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	python  = "python-requests/2.32.3"
	curl    = "curl/8.5.0"

	chromePrint, comingPrint, pythonPrint = "t13d1516h2_aaaaaaaaaaaa_000000000140", "t13d1516h2_aaaaaaaaaaaa_000000000141",
		"t13d1812h1_bbbbbbbbbbbb_000000000232"
)

// Days of the world: ten of ordinary life, then one on which Chrome 141 comes out and a thief comes to one person.
const (
	worldDays  = 11
	worldOrgs  = 6
	worldStaff = 5
)

// visit is one session of two events on a day.
func visit(org, user string, d int, agent, print, ip, device string) []string {
	at := monday.AddDate(0, 0, d).Add(9 * time.Hour)
	session := fmt.Sprintf("%s-%s-%d-%s", org, user, d, print[len(print)-3:])
	var out []string
	for n, action := range []string{"user_login", "file_viewed"} {
		out = append(out,
			fmt.Sprintf(
				`{"id":"%s-%d","time":"%s","org_id":"%s","user_id":"%s","session_id":"%s","action":"%s","object":{"type":"file","id":"plan"},"client":{"ip":"%s","user_agent":"%s","ja4":"%s","device_id":"%s"}}`,
				session, n, at.Add(time.Duration(n)*time.Minute).Format(time.RFC3339), org, user, session, action, ip,
				agent, print, device))
	}
	return out
}

// people is the ordinary world: in each organisation five people with Chrome and an integration in Python. On the last
// day everybody has the new Chrome, but for o2/p2, whose account a thief has who says that his Python is the old one.
func people() (out []string) {
	for o := range worldOrgs {
		org := fmt.Sprintf("o%d", o)
		for d := range worldDays {
			out = append(out, visit(org, "integration", d, python, pythonPrint, fmt.Sprintf("198.51.100.%d", o), "")...)
			for p := range worldStaff {
				user, ip := fmt.Sprintf("p%d", p), fmt.Sprintf("192.0.2.%d", 10*o+p)
				switch {
				case d < worldDays-1:
					out = append(out, visit(org, user, d, fmt.Sprintf(chrome, 140), chromePrint, ip, org+user)...)
				case org == "o2" && user == "p2":
					out = append(out, visit(org, user, d, fmt.Sprintf(chrome, 140), pythonPrint, "203.0.113.99", "")...)
				default:
					out = append(out, visit(org, user, d, fmt.Sprintf(chrome, 141), comingPrint, ip, org+user)...)
				}
			}
		}
	}
	return out
}

// verdicts replays events with the baselines that they would have led to, and gives what is found about people and
// decided, sorted, without the accounts of skip.
func verdicts(t testing.TB, dir string, lines []string, skip func(org, user string) bool) []string {
	t.Helper()
	e, err := enrich.New(enrich.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(timeOf(a), timeOf(b)) })
	in := files(t, dir, lines)
	in.Enrich = e.Enrich
	history, err := Rolling(context.Background(), in, Learn{})
	if err != nil {
		t.Fatal(err)
	}
	read, err := event.OpenFiles(in.Paths, in.Decode)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cfg := local.Config{Detectors: detector.NewSet(detector.All(), nil), Baseline: core.NewVersions(history.Versions),
		Enrich: in.Enrich, Workers: runtime.GOMAXPROCS(0)}
	o := &said{found: map[string]*aerv1.Anomaly{}}
	if _, err := local.Replay(context.Background(), read, cfg, decision.Config{Mode: aerv1.ModeReplay}, o,
		nil); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range o.decided {
		a := o.found[d.AnomalyId]
		if !skip(a.OrgId, a.UserId) {
			strength := "could act"
			if a.LogOnly {
				strength = "logs"
			}
			out = append(out, fmt.Sprintf("%s/%s %s %s: %s", a.OrgId, a.UserId, a.Type, strength, d.Outcome))
		}
	}
	slices.Sort(out)
	return out
}

func timeOf(line string) string {
	return strings.SplitN(strings.SplitAfterN(line, `"time":"`, 2)[1], `"`, 2)[0]
}

// said keeps what a replay finds and decides.
type said struct {
	found   map[string]*aerv1.Anomaly
	decided []*aerv1.Decision
}

func (s *said) Anomaly(a *aerv1.Anomaly) error {
	s.found[a.Id] = a
	return nil
}

func (s *said) Decision(d *aerv1.Decision) error {
	s.decided = append(s.decided, d)
	return nil
}

func (*said) DeadLetter(*aerv1.DeadLetter) error { return nil }

// poison is what somebody shows every day for some days.
type poison struct {
	org, user, agent, print string
	first, days             int
}

func (p poison) lines() (out []string) {
	for d := range p.days {
		out = append(out, visit(p.org, p.user, p.first+d, p.agent, p.print, "203.0.113.5", p.user)...)
	}
	return out
}

// theft is all that happens to anybody: the thief's fingerprint is a library's. By default organisations let this only
// be logged.
var theft = []string{"o2/p2 spoofed_user_agent could act: LOG_ONLY"}

// TestWhatStrangersShowTeachesNobody: two ways to poison what is known of fingerprints. A browser's shown as a
// library's has everybody flagged on the day it comes out; a library's shown as a browser's hides a thief.
func TestWhatStrangersShowTeachesNobody(t *testing.T) {
	release := func(org string, n int) (out []poison) {
		for u := range n {
			out = append(out, poison{org, fmt.Sprint("x", u), python, comingPrint, 3, 4})
		}
		return out
	}
	cover := func(org string, n int) (out []poison) {
		for u := range n {
			out = append(out, poison{org, fmt.Sprint("x", u), fmt.Sprintf(chrome, 140), pythonPrint, 3, 4})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		poisons []poison
	}{
		{"nobody", nil},
		{"a release, by one account at another tenant", release("evil", 1)},
		{"a release, by a whole tenant", release("evil", 4)},
		{"a release, by one colleague", release("o2", 1)},
		{"a library, by two accounts at another tenant", cover("evil", 2)},
		{"a library, by a whole tenant", cover("evil", 4)},
		{"a library, by one colleague", cover("o2", 1)},
		{"both", slices.Concat(release("evil", 2), cover("evil2", 2))},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := people()
			for _, p := range c.poisons {
				lines = append(lines, p.lines()...)
			}
			got := verdicts(t, t.TempDir(), lines, func(_, user string) bool { return user[0] == 'x' })
			if diff := cmp.Diff(theft, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhateverATenantShows: no decision about anybody elsewhere changes.
func TestWhateverATenantShows(t *testing.T) {
	budget := 3 // each check replays the world
	rapid.Check(t, func(rt *rapid.T) {
		lines := people()
		for u := range rapid.IntRange(1, 4).Draw(rt, "accounts") {
			for range rapid.IntRange(1, 3).Draw(rt, "programs") {
				agent := rapid.SampledFrom([]string{fmt.Sprintf(chrome, 140), fmt.Sprintf(chrome, 141), firefox, python,
					curl}).Draw(rt, "agent")
				print := rapid.SampledFrom([]string{chromePrint, comingPrint, pythonPrint, "t13d1516h2_cccccccccccc_000000000001",
					"t13d3112h2_dddddddddddd_000000000002"}).Draw(rt, "print")
				first := rapid.IntRange(0, worldDays-2).Draw(rt, "first day")
				lines = append(lines, poison{"evil", fmt.Sprint("x", u), agent, print, first,
					rapid.IntRange(1, worldDays-first).Draw(rt, "days")}.lines()...)
			}
		}
		if budget--; budget < 0 {
			return
		}
		if diff := cmp.Diff(theft,
			verdicts(t, t.TempDir(), lines, func(org, _ string) bool { return org == "evil" })); diff != "" {
			rt.Fatal(diff)
		}
	})
}
