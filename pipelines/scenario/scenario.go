// Package scenario runs stories about detectors that an analyst can read and write, and compares what was found with what
// was expected.
//
// A story is a txtar file with these sections; about.txt, events.txt and expect.txt must be there:
//
//	-- about.txt --      what happens, why it must or must not be found, and what to look at when it changes
//	-- events.txt --     what people do, see below
//	-- baseline.json --  one aer.v1.Baseline: what is known about the organisation
//	-- tor.tsv --        exits: address, from, until (Unix seconds), separated by tabs
//	-- settings.yaml --  what the organisation has chosen, sensitivity among it (settings.Parse)
//	-- expect.txt --     one line for every anomaly that is emitted, or the word none
//
// A line of events.txt is
//
//	TIME WHO [xN every D] WHAT [CLIENT PLACE] [OBJECT] [key=value...]
//	history WHO N days CLIENT PLACE [key=value...]
//
// TIME is 2026-03-02T09:00:00Z, or 09:30[:15] of the day named last. WHO is a user of the organisation acme, or ORG/USER.
// WHAT is login, logout, view, download, post, call METHOD, or any action by its own name. CLIENT is a program and its
// system as in clients.go (firefox/windows, chrome-142/macos, curl), PLACE one of places.go (home, hotel, vps); left out,
// they are those the user had last. OBJECT may hold {n}, which counts the repetitions. A login opens a session of that
// CLIENT. A CLIENT that opened none uses the one opened last: so a thief is a line with another CLIENT and PLACE and
// without a login. Keys: session=, device=, ip=, asn=, country=, ja4=, ua=, cookie= (a time, or -3h before the event),
// bytes=, outcome=, user_type=, actor= (attempt, system, record), app= (the app that does it).
//
// history makes ordinary days up to the day before the first line with a time: a login, a few views of known files, some
// calls, a download. Keys: reads=, downloads=, calls= add that many new objects or calls to each day, each=30 makes it every
// thirtieth day only, until=2026-02-20 ends it earlier, method= is what calls= calls; nologin leaves the login out, app= has it
// all done by an app.
//
// A line of expect.txt is WHO TYPE log|act WORDS, with an actor as in WHO/app:ID or WHO/attempt: log is a finding that only logs whatever the settings say, and WORDS
// must occur in its summary. An empty expect.txt fails, and the proposal to paste is printed.
package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

// Story is one parsed scenario.
type Story struct {
	About, Expect string
	Events        []*aerv1.Event
	Baseline      *aerv1.Baseline
	Tor           string
	Settings      []*aerv1.Settings
}

// Parse reads a story. Errors name the section and the line within it.
func Parse(data []byte) (*Story, error) {
	s := &Story{}
	for _, f := range txtar.Parse(data).Files {
		if err := s.section(f.Name, f.Data); err != nil {
			return nil, err
		}
	}
	switch {
	case strings.TrimSpace(s.About) == "":
		return nil, fmt.Errorf("about.txt is missing or empty: say what the story shows")
	case len(s.Events) == 0:
		return nil, fmt.Errorf("events.txt is missing or empty: nothing happens")
	}
	return s, nil
}

func (s *Story) section(name string, data []byte) (err error) {
	switch name {
	case "about.txt":
		s.About = string(data)
	case "expect.txt":
		s.Expect = string(data)
	case "tor.tsv":
		s.Tor = string(data)
	case "events.txt":
		s.Events, err = ParseEvents(string(data))
	case "settings.yaml":
		s.Settings, err = settings.Parse(name, data)
	case "baseline.json":
		s.Baseline = &aerv1.Baseline{}
		if err = aerv1.UnmarshalJSONLine(data, s.Baseline); err != nil {
			err = fmt.Errorf("baseline.json: %w", err)
		}
	default:
		err = fmt.Errorf("unknown section %q; known are about.txt, events.txt, baseline.json, tor.tsv, settings.yaml, expect.txt", name)
	}
	return err
}

// Run judges the story's events and returns the anomalies that are emitted, episodes folded. dir is where the exit list is
// put for the time of the run.
func (s *Story) Run(dir string) ([]*aerv1.Anomaly, error) {
	facts, err := s.enricher(dir)
	if err != nil {
		return nil, err
	}
	chosen := settings.NewSet(s.Settings)
	cfg := local.Config{Enrich: facts.Enrich, Detectors: detector.NewSet(detector.All(), sensitivity(chosen.For))}
	if s.Baseline != nil {
		cfg.Baseline = baseline.NewVersions([]*aerv1.Baseline{s.Baseline})
	}
	e := local.NewEngine(cfg)
	found := append(e.Add(s.Events), e.Close()...)
	emitted, _ := decision.Replay(found, decision.Config{Mode: aerv1.ModeReplay, Settings: chosen.For})
	return emitted, nil
}

func sensitivity(of func(orgID string) *aerv1.Settings) detector.Sensitivity {
	return func(orgID, name string) string { return of(orgID).GetDetectors()[name].GetSensitivity() }
}

func (s *Story) enricher(dir string) (*enrich.Enricher, error) {
	cfg := enrich.DefaultConfig()
	if s.Tor != "" {
		path := filepath.Join(dir, "tor.tsv")
		if err := os.WriteFile(path, []byte(s.Tor), 0o600); err != nil {
			return nil, fmt.Errorf("writing the exit list: %w", err)
		}
		cfg.Tor = []tor.Source{{Path: path, Format: tor.FormatTSV}}
	}
	return enrich.New(cfg)
}

// Propose writes what was found in the form of expect.txt, with the whole summaries.
func Propose(found []*aerv1.Anomaly) string {
	if len(found) == 0 {
		return "none\n"
	}
	var b strings.Builder
	for _, a := range found {
		fmt.Fprintf(&b, "%s %s %s %s\n", who(a), a.Type, strength(a), a.Summary)
	}
	return b.String()
}

func who(a *aerv1.Anomaly) string {
	name := a.UserId
	if a.OrgId != DefaultOrg {
		name = a.OrgId + "/" + name
	}
	switch a.ActorKind {
	case "":
		return name
	case aerv1.ActorApp:
		return name + "/app:" + a.AppId
	}
	return name + "/" + a.ActorKind
}

func strength(a *aerv1.Anomaly) string {
	if a.LogOnly {
		return "log"
	}
	return "act"
}

// Check compares what was found with the expectation. It returns nil if they agree, else what differs and the proposal.
func (s *Story) Check(found []*aerv1.Anomaly) error {
	var want []string
	for line := range strings.Lines(s.Expect) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	proposal := Propose(found)
	if len(want) == 0 {
		return fmt.Errorf("expect.txt is empty; if this is right, paste it:\n%s", proposal)
	}
	got := strings.Split(strings.TrimSpace(proposal), "\n")
	var wrong []string
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			wrong = append(wrong, "not expected: "+got[i]+details(found, i))
		case i >= len(got):
			wrong = append(wrong, "missing: "+want[i])
		case !agrees(want[i], got[i]):
			wrong = append(wrong, "want "+want[i]+"\ngot  "+got[i]+details(found, i))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nthe proposal:\n%s", strings.Join(wrong, "\n"), proposal)
}

// details is what explains a finding that nobody expected.
func details(found []*aerv1.Anomaly, i int) string {
	if i >= len(found) {
		return ""
	}
	e := found[i].Evidence
	return fmt.Sprintf("\n     at %s: %s (%s)", found[i].KnownAt.AsTime().Format(time.RFC3339), e.FormulaFilled, strings.Join(e.Notes, "; "))
}

// agrees compares the first three words, and whether the rest of want occurs in got.
func agrees(want, got string) bool {
	w, g := strings.SplitN(want, " ", 4), strings.SplitN(got, " ", 4)
	if len(w) < 3 || len(g) < 4 {
		return want == got
	}
	words := ""
	if len(w) == 4 {
		words = strings.TrimSpace(w[3])
	}
	return w[0] == g[0] && w[1] == g[1] && w[2] == g[2] && strings.Contains(g[3], words)
}
