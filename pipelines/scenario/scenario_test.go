// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestScenarios runs every story. Each type of anomaly is found in some events, each outcome decided for some finding.
func TestScenarios(t *testing.T) {
	const dir = "../../testdata/scenario"
	files, err := filepath.Glob(dir + "/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding stories in %s: %d, %v", dir, len(files), err)
	}
	files = append(files, dir+"/example.txtar")
	var mu sync.Mutex
	told, ran := map[string]bool{}, 0
	t.Run("story", func(t *testing.T) {
		for _, file := range files {
			name, _ := filepath.Rel(dir, file)
			t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) {
				t.Parallel()
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				s, err := Parse(file, data, With{})
				if err != nil {
					t.Fatal(err)
				}
				anomalies, decisions, err := s.judge()
				if err != nil {
					t.Fatal(err)
				}
				if r := s.compare(anomalies, decisions); !r.OK {
					t.Errorf("%s\nthe proposal:\n%s", r.Diff, r.Proposal)
				}
				s.want = nil
				proposed, err := Parse(file, s.compare(anomalies, decisions).Updated, With{})
				if err != nil || !proposed.compare(anomalies, decisions).OK {
					t.Errorf("the story does not pass its own proposal: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				ran++
				for i, d := range decisions {
					if len(s.Findings) > 0 {
						told[d.Outcome.String()] = true
					} else {
						told[anomalies[i].Type] = true
					}
				}
			})
		}
	})
	for _, what := range append(outcomes(), aerv1.AnomalyTypes...) {
		if !told[what] && ran == len(files) { // with -run, only some stories are told
			t.Errorf("no story in %s tells of %s", dir, what)
		}
	}
}

const little = `A test.
-- events --
2026-03-02T09:00:00Z alice login firefox/windows home ip=203.0.113.99
-- tor.tsv --
203.0.113.99	1772000000	1773000000
-- want --
`

func TestWhatIsExpectedIsCompared(t *testing.T) {
	const proposal = "09:00:00 alice tor act RESPOND\n" +
		"    reason : Nobody objected: all sessions of the user are to be ended.\n" +
		"    summary : Activity through the Tor exit 203.0.113.99\n"
	tell := func(want string, own With) *Result {
		t.Helper()
		s, err := Parse("f", []byte(little+want), own)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Run()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, right := range []string{
		"alice tor\n", "# why\n\nacme/alice tor act : Tor ex\n",
		"alice tor RESPOND : Nobody\n  summary : Activity\n  note: exit\n",
		"9:00 alice tor RESPOND by none sessions=alice-1 severity=high late=false\n",
		"2026-03-02T09:00:00Z alice tor\n# end\n",
	} {
		if r := tell(right, With{}); !r.OK || r.Empty || r.Diff != "" || r.Proposal != right {
			t.Errorf("%q: %+v", right, r)
		}
	}
	for _, wrong := range []string{
		"9:00:01 alice tor\n", "alice tor log\n", "alice tor : relay\n", "alice tor OFF\n", "alice tor by stale\n", "none\n",
		"alice tor RESPOND escalate\n", "alice tor\n  note : zebra\n", "bob tor\n", "alice tor late=true\n", "folded 1\n",
	} {
		r := tell(wrong, With{})
		minus, plus := "-"+strings.SplitAfter(wrong, "\n")[0], "+"+strings.SplitAfter(proposal, "\n")[0]
		if r.OK || r.Empty || r.Proposal != proposal || !strings.Contains(r.Diff, minus) || !strings.Contains(r.Diff, plus) {
			t.Errorf("%q: %+v", wrong, r)
		}
	}
	if r := tell("alice tor\nalice tor\n", With{}); r.OK || r.Diff != "@@ -1,2 +1,1 @@\n alice tor\n-alice tor\n" {
		t.Errorf("one too many: %+v", r)
	}
	if r := tell("# nothing yet\n", With{}); r.OK || !r.Empty || r.Diff != "" || r.Proposal != proposal {
		t.Errorf("an empty expectation: %+v", r)
	}
	if r := tell("none\n", With{Tor: []string{}}); !r.OK {
		t.Errorf("without the story's list: %+v", r)
	}
}

func TestMistakesNameFileAndLine(t *testing.T) {
	const at = "2026-03-02T09:00:00Z "
	for text, want := range map[string]string{
		"events --\n9 alice login curl vps":                   `f:3: "9" is not a time; write 2026-03-02T09:00:00Z`,
		"events --\n" + at + "alice":                          "f:3: write TIME WHO WHAT",
		"events --\n\n" + at + "alice login":                  `f:4: alice has no client yet`,
		"events --\n" + at + "alice login netscape/os2 home":  `f:3: alice has no client yet`,
		"events --\n" + at + "alice login curl":               `f:3: curl needs a place, and "" is none; known are abroad`,
		"events --\n" + at + "alice call":                     "f:3: call needs a method",
		"events --\n" + at + "a x5 each 3s view curl vps F":   "f:3: x5: write xN every D",
		"events --\n" + at + "a x0 every 3s view curl vps F":  "write xN every D with N from 1",
		"events --\n" + at + "a x5 every day view curl vps F": `f:3: "day" is not a duration`,
		"events --\n" + at + "a view curl vps F1 F2":          `f:3: "F2" is too much`,
		"events --\n" + at + "a view curl vps F1 colour=red":  `f:3: unknown key "colour"; known are actor, app, asn`,
		"events --\n" + at + "a view curl vps F1 asn=many":    `f:3: asn: "many" is wrong: want a number`,
		"events --\n" + at + "a view curl vps F1 bytes=-1":    `f:3: bytes: "-1" is wrong: want a number`,
		"events --\n" + at + "a view curl vps F1 cookie=soon": `f:3: cookie: "soon" is wrong: want a time`,
		"events --\n" + at + "a downlod curl vps F1":          `f:3: "downlod" is no action; known are call, download`,
		"events --\n" + at + "a view crul vps F1":             `f:3: a has no client yet, and "crul" is none`,
		"events --\nhistory alice some days curl vps":         "f:3: want 1 to 400 days",
		"events --\nhistory alice 5 weeks curl vps":           "f:3: write history WHO N days",
		"events --\nhistory alice 5 days netscape vps":        `f:3: alice has no client yet`,
		"events --\nhistory alice 5 days curl vps reads=lots": `f:3: reads: "lots" is wrong: want a number`,
		"events --\nhistory alice 5 days curl vps each=0":     "f:3: want each= from 1",
		"events --\nhistory alice 5 days curl vps until=soon": `f:3: until: "soon" is wrong: want a day`,
		"findings --\n\n9:00 O1/U1 tor S1 c":                  `f:4: client "c" is not in the section clients`,
		"findings --\n9:00 O1/U1 toor S1 -":                   `f:3: unknown type "toor"; known are tor,`,
		"findings --\n9:00 U1 tor S1":                         "f:3: write TIME WHO TYPE SESSION CLIENT",
		"findings --\n9:00 U1 tor S1 - when":                  `f:3: unknown key "when"`,
		"findings --\n9:00 U1 tor S1 - new=x":                 "f:3: new: \"x\" is wrong: want KIND:KEY",
		"findings --\n9:00 U1 tor S1 - late=true":             "f:3: late: \"true\" is wrong: want the word alone",
		"clients --\nc os=x":                                  `f:3: unknown key "os"; known are asn, class`,
		"clients --\nc curl moon":                             `f:3: curl needs a place, and "moon" is none`,
		"clients --\nip=192.0.2.1":                            "f:3: write NAME",
		"run --\nspeed=2":                                     `f:3: unknown key "speed"; known are active_users`,
		"run --\nmode=fast":                                   "f:3: mode=fast: want one of replay",
		"settings.yaml --\n\norg: {}":                         "f:4: org: unknown key",
		"directory.yaml --\norg: {}":                          "f:3: org: unknown key",
		"baseline.json --\n{\n\"versio\": 1}":                 `f:2: want one aer.v1.Baseline as JSON`,
		"baseline.json --\n{":                                 "f:2: want one aer.v1.Baseline as JSON",
		"want --\nbob toor":                                   `f:3: "toor" is no type of anomaly; write none, or [TIME] WHO TYPE`,
		"want --\nbob tor DENY":                               `f:3: "DENY" is not known here; want log, act, an outcome`,
		"want --\nbob tor act by door":                        `f:3: "by door" is not known here`,
		"want --\n9:61 bob tor":                               `f:3: "9:61" is not a time`,
		"want --\n  note : x":                                 "f:3: an indented line goes on with the expectation above it",
		"want --\nbob tor\n  colour : x":                      `f:4: "colour" is not known here; want one of summary`,
		"notes --\n":                                          `f:2: unknown section "notes"; known are settings.yaml`,
		"want --\nnone\n-- want --\n":                         `f:4: a second section "want"`,
		"want --\n-- --":                                      "f:3: a section without a name",
		"events --\n# nobody":                                 "f:1: want either events or findings, and a line with a time",
	} {
		_, err := Parse("f", []byte("A story.\n-- "+text+"\n"), With{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	_, err := Parse("f", []byte("-- want --\n"), With{})
	if err == nil || !strings.Contains(err.Error(), "f:1: say in plain words") {
		t.Errorf("a story that says nothing: %v", err)
	}
}

// FuzzParse: whatever is written, a mistake names the file, and a story is still one when it is updated.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add(little + "alice tor act RESPOND escalate by none late=false : words\n  note : more\n")
	f.Add("A.\n-- findings --\n9:00 U[1-3] x2 every 1s tor S[1-2],T - late new=asn:AS1\n-- want --\nfolded 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "history") || strings.Contains(text, "[") && len(text) > 200 {
			return // a number of days may make millions of events
		}
		s, err := Parse("f", []byte(text), With{})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := Parse("f", s.compare(nil, nil).Updated, With{}); err != nil || len(again.want) == 0 {
			t.Errorf("%v", err)
		}
	})
}

func TestEventsOfALine(t *testing.T) {
	s, err := Parse("f", []byte(`A test.
-- clients --
thief curl-7.1 vps ja4=T13D0000h2_j ip=2001:db8::1 asn=5
-- events --
history al 2 days curl home
2026-03-02T09:00:00Z al login safari/ipad home
09:01 al x3 every 20s download F{n} bytes=7 cookie=-1h outcome=ok
33:05:30 globex/bob[1-2] every 1m call users.info thief session=S9
`), With{})
	if err != nil {
		t.Fatal(err)
	}
	got, ids := "", map[string]bool{}
	for i, ev := range s.Events {
		ids[ev.Id] = true
		if at := ev.Time.AsTime(); i == 0 || i >= len(s.Events)-6 {
			got += fmt.Sprintln(at.Format("01-02 15:04:05"), ev.OrgId, ev.UserId, ev.Action, ev.SessionId, ev.Object.GetId(),
				ev.GetBytes(), ev.CookieTime.AsTime().Format("15:04:05"), ev.Client.Ja4, ev.Client.Country, ev.Client.DeviceId)
		}
	}
	want := `02-28 09:00:00 acme al user_login al-curl-0228  0 00:00:00 t13d3112h2_curl_8 DE 
03-02 09:00:00 acme al user_login al-1  0 00:00:00 t13d2014h2_safari_26 DE al-safari/ipad
03-02 09:01:00 acme al file_downloaded al-1 F1 7 08:01:00 t13d2014h2_safari_26 DE al-safari/ipad
03-02 09:01:20 acme al file_downloaded al-1 F2 7 08:01:20 t13d2014h2_safari_26 DE al-safari/ipad
03-02 09:01:40 acme al file_downloaded al-1 F3 7 08:01:40 t13d2014h2_safari_26 DE al-safari/ipad
03-03 09:05:30 globex bob1 api_call S9  0 00:00:00 t13d0000h2_j RO 
03-03 09:06:30 globex bob2 api_call S9  0 00:00:00 t13d0000h2_j RO 
`
	if got != want || len(ids) != len(s.Events) {
		t.Errorf("%d ids of %d events; got\n%swant\n%s", len(ids), len(s.Events), got, want)
	}
}

// TestLanguage: the help names whatever may be written.
func TestLanguage(t *testing.T) {
	all := slices.Concat(outcomes(), gates(), sections, quoted, asked, aerv1.AnomalyTypes)
	h := history{user: user{client: &aerv1.Client{}}}
	for _, k := range []string{known(programs), known(places), known(actions), known(h.keys()),
		known(eventKeys(&aerv1.Event{Client: h.client})),
		known((&author{}).findingKeys(&aerv1.Anomaly{Evidence: &aerv1.Evidence{}}, 0))} {
		all = append(all, strings.Split(k, ", ")...)
	}
	for _, word := range all {
		if !regexp.MustCompile(`\b` + word + `\b`).MatchString(language) {
			t.Errorf("the help does not name %s", word)
		}
	}
}
