package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const stories = "../../testdata/scenario/detectors"

// TestDetectors runs every story about detectors.
func TestDetectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stories, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("finding stories in %s: %d, %v", stories, len(files), err)
	}
	fired, ran := map[string]bool{}, 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ran++
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Run(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(found); err != nil {
				t.Error(err)
			}
			for _, a := range found {
				fired[a.Type] = true
			}
		})
	}
	for _, typ := range aerv1.AnomalyTypes {
		if !fired[typ] && ran == len(files) { // with -run, only some stories are told
			t.Errorf("no story in which %s fires", typ)
		}
	}
}

const little = `
-- about.txt --
A test.
-- events.txt --
2026-03-02T09:00:00Z alice login firefox/windows home ip=203.0.113.99
-- tor.tsv --
203.0.113.99	1772000000	1773000000
-- expect.txt --
`

func TestAnEmptyExpectationFailsWithTheProposal(t *testing.T) {
	s, err := Parse([]byte(little))
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Run(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for expect, want := range map[string]string{
		"":                             "paste it:\nalice tor act Activity through the Tor exit 203.0.113.99",
		"# nothing\n":                  "paste it",
		"none\n":                       "want none\ngot  alice tor act",
		"bob tor act\n":                "want bob tor act",
		"alice tor log\n":              "want alice tor log",
		"alice tor act relay\n":        "want alice tor act relay",
		"alice tor act\nalice tor act": "missing: alice tor act",
	} {
		s.Expect = expect
		if err := s.Check(found); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expecting %q: got %v, want %q", expect, err, want)
		}
	}
	for _, right := range []string{"alice tor act\n", "alice tor act Tor exit 203", "# why\n\nalice tor act Activity\n"} {
		s.Expect = right
		if err := s.Check(found); err != nil {
			t.Errorf("expecting %q: %v", right, err)
		}
	}
	s.Expect = "alice tor act\n"
	if err := s.Check(append(found, found[0])); err == nil || !strings.Contains(err.Error(), "not expected: alice tor") {
		t.Errorf("one finding too many: %v", err)
	}
	if Propose(nil) != "none\n" {
		t.Error("the proposal for nothing is none")
	}
}

func TestMistakesNameSectionAndLine(t *testing.T) {
	for line, want := range map[string]string{
		"09:00 alice login firefox/windows home":                       `events.txt:2: "09:00" is not a time`,
		"2026-03-02T09:00:00Z alice":                                   "events.txt:2: write TIME WHO WHAT",
		"2026-03-02T09:00:00Z alice login":                             "alice has no client yet",
		"2026-03-02T09:00:00Z alice login netscape/os2 home":           "alice has no client yet",
		"2026-03-02T09:00:00Z alice login firefox/windows":             "firefox/windows needs a place: abroad, home",
		"2026-03-02T09:00:00Z alice login firefox/windows moon":        `unknown place "moon"; known are abroad`,
		"2026-03-02T09:00:00Z alice call":                              "call needs a method",
		"2026-03-02T09:00:00Z alice x5 each 3s view curl vps F":        "x5: write xN every D",
		"2026-03-02T09:00:00Z alice x0 every 3s view curl vps F":       "write xN every D with N from 1",
		"2026-03-02T09:00:00Z alice x5 every week view curl vps F":     `"week" is not a duration`,
		"2026-03-02T09:00:00Z alice view curl vps F1 F2":               `"F2" is too much`,
		"2026-03-02T09:00:00Z alice view curl vps F1 colour=red":       `unknown key "colour"; known are app, asn`,
		"2026-03-02T09:00:00Z alice view curl vps F1 asn=many":         `asn: "many" is not what it takes`,
		"2026-03-02T09:00:00Z alice view curl vps F1 cookie=yesterday": "cookie:",
		"history alice some days curl vps":                             `"some" days: want 1 to 400`,
		"history alice 5 weeks curl vps":                               "write history WHO N days",
		"history alice 5 days netscape vps":                            "alice has no client yet",
		"history alice 5 days curl vps reads=lots":                     `reads: "lots" is not a number`,
		"history alice 5 days curl vps each=0":                         "each:",
		"history alice 5 days curl vps until=soon":                     `"soon" is not a day`,
		"history alice 5 days curl vps colour=red":                     `unknown key "colour"`,
	} {
		if _, err := ParseEvents("# a story\n" + line + "\n"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "events.txt:2") {
			t.Errorf("%s\n got  %v\n want %s", line, err, want)
		}
	}
	for story, want := range map[string]string{
		"-- events.txt --\n": "about.txt is missing", "-- about.txt --\nx\n": "events.txt is missing", "-- notes.txt --\n": `unknown section "notes.txt"`,
		"-- baseline.json --\n{": "baseline.json:", "-- settings.yaml --\norgs: {acme: {colour: red}}\n": "settings.yaml",
	} {
		if _, err := Parse([]byte(story)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", story, err, want)
		}
	}
}

func TestEventsOfALine(t *testing.T) {
	events, err := ParseEvents(`
history alice 2 days firefox/windows home
2026-03-02T09:00:00Z alice login firefox/windows home
09:01 alice x3 every 20s download F{n} bytes=7 cookie=-1h outcome=ok
09:05:30 globex/bob call users.info curl-7.1 vps session=S9 ja4=T13D0000h2_j device= ip=2001:db8::1 asn=5 country=FR
`)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-5:]
	want := []string{"2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z", "2026-03-02T09:01:20Z", "2026-03-02T09:01:40Z", "2026-03-02T09:05:30Z"}
	for i, ev := range last {
		if got := ev.Time.AsTime().Format("2006-01-02T15:04:05Z07:00"); got != want[i] {
			t.Errorf("event %d at %s, want %s", i, got, want[i])
		}
	}
	if d := last[2]; d.Object.Id != "F2" || d.GetBytes() != 7 || d.CookieTime.AsTime() != d.Time.AsTime().Add(-3600e9) || d.SessionId != "alice-1" || d.Client.DeviceId != "alice-firefox/windows" {
		t.Errorf("%v", d)
	}
	if b := last[4]; b.OrgId != "globex" || b.Client.UserAgent != "curl/7.1" || b.Client.Ja4 != "t13d0000h2_j" || b.Client.Asn != 5 || b.SessionId != "S9" || b.Client.Ip != "2001:db8::1" {
		t.Errorf("%v", b)
	}
	ids := map[string]bool{}
	for _, ev := range events {
		if ids[ev.Id] {
			t.Errorf("id %s twice", ev.Id)
		}
		ids[ev.Id] = true
	}
	if first := events[0]; first.Action != "user_login" || first.Time.AsTime().Format("01-02") != "02-28" || proto.Equal(first.Client, last[4].Client) {
		t.Errorf("history begins with %v", first)
	}
}
