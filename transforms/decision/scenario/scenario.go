// Package scenario runs stories about decisions that an analyst can read and write, and compares what was decided with
// what was expected.
//
// A story is a txtar file. Before its first file stands what it shows, in plain words; then come, all but anomalies.txt
// and expect.txt optional:
//
//	-- settings.yaml --    what the organisations have chosen (settings.Parse)
//	-- directory.yaml --   who works there (settings.ParseDirectory)
//	-- run.txt --          mode=observe own_actors=aer active_users=1000 global_budget=50 decided_at=9:20 no_app_ender
//	-- clients.txt --      one client a line: NAME key=value..., the keys as in ParseClients
//	-- anomalies.txt --    one finding a line: TIME ORG/USER TYPE SESSION[,SESSION] CLIENT [key=value...]
//	-- expect.txt --       one decision a line: TIME ORG/USER[/ACTOR] TYPE OUTCOME [escalate] : words of the reason
//
// Times are hours:minutes[:seconds] since midnight of the first day; 26:30 is half past two of the next day. U[1-40]
// stands for forty users (sessions S[1-40] go along), every=1s sets them apart in time, and times=24 every=1h repeats a
// line. ACTOR is attempt or app:ID; without it the person did it, signed in. The access of apps can be ended unless run.txt says
// no_app_ender. An empty expect.txt fails and the proposal to paste is printed.
package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/rogpeppe/go-internal/txtar"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Story is one parsed scenario.
type Story struct {
	Findings []*aerv1.Anomaly
	Config   decision.Config
	Expect   string
}

// Parse reads a story. Errors name the file and the line within it.
func Parse(data []byte) (*Story, error) {
	files := map[string]string{}
	for _, f := range txtar.Parse(data).Files {
		files[f.Name] = string(f.Data)
	}
	s := &Story{Expect: files["expect.txt"], Config: decision.Config{Mode: aerv1.ModeReplay, EndsApps: true}}
	all, err := settings.Parse("settings.yaml", []byte(files["settings.yaml"]))
	if err != nil {
		return nil, err
	}
	dirs, err := settings.ParseDirectory("directory.yaml", []byte(files["directory.yaml"]))
	if err != nil {
		return nil, err
	}
	s.Config.Settings = settings.NewSet(all).For
	s.Config.Person = settings.NewPeople(dirs).Person
	if err := parseRun(&s.Config, files["run.txt"]); err != nil {
		return nil, err
	}
	clients, err := ParseClients(files["clients.txt"])
	if err != nil {
		return nil, err
	}
	s.Findings, err = ParseFindings(files["anomalies.txt"], clients)
	return s, err
}

// parseRun reads run.txt.
func parseRun(cfg *decision.Config, text string) error {
	for key, value := range pairs(strings.Fields(text)) {
		n, err := strconv.ParseUint(value, 10, 32)
		switch key {
		case "mode":
			cfg.Mode, err = value, nil
		case "own_actors":
			cfg.User.OwnActors, err = strings.Split(value, ","), nil
		case "active_users":
			cfg.ActiveUsers = func(string, time.Time) uint32 { return uint32(n) }
		case "no_app_ender":
			cfg.EndsApps, err = false, nil
		case "global_budget":
			cfg.Global = &aerv1.Limits{BudgetMin: uint32(n), BudgetWindow: durationpb.New(settings.DefaultBudgetWindow)}
		case "decided_at": // the wall clock of all decisions
			var at time.Time
			if at, err = parseTime(value); err != nil {
				return fmt.Errorf("run.txt: decided_at: %w", err)
			}
			cfg.Now = func() time.Time { return at }
		default:
			return fmt.Errorf("run.txt: unknown key %q; known are mode, own_actors, active_users, global_budget, decided_at, no_app_ender", key)
		}
		if err != nil {
			return fmt.Errorf("run.txt: %s: %q is not a number", key, value)
		}
	}
	return nil
}

// pairs splits key=value words; a word without = has the value "".
func pairs(words []string) map[string]string {
	out := map[string]string{}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		out[key] = value
	}
	return out
}

// Run decides about the story's findings.
func (s *Story) Run() []*aerv1.Decision {
	_, decisions := decision.Replay(s.Findings, s.Config)
	return decisions
}
