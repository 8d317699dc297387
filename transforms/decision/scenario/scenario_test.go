package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const gates = "../../../testdata/scenario/gates"

// TestGates runs every story about gates.
func TestGates(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(gates, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("finding stories in %s: %d, %v", gates, len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnEmptyExpectationFailsWithTheProposal(t *testing.T) {
	s, err := Parse([]byte("-- clients.txt --\nc ip=192.0.2.1\n-- anomalies.txt --\n9:00 O1/U1 tor S1 c\n-- expect.txt --\n"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Check()
	if err == nil || !strings.Contains(err.Error(), "09:00:00 O1/U1 tor RESPOND : No gate objects") || !strings.Contains(err.Error(), "folded 0") {
		t.Errorf("got %v", err)
	}
	s.Expect = "09:00:00 O1/U1 tor OFF : \nfolded 0\n"
	if s.Check() == nil {
		t.Error("a wrong expectation must fail")
	}
	s.Expect = "09:00:00 O1/U1 tor RESPOND : no objection\nfolded 0\n"
	if s.Check() == nil {
		t.Error("words that are not in the reason must fail")
	}
	s.Expect = "folded 0\n"
	if s.Check() == nil {
		t.Error("a decision that nobody expected must fail")
	}
}

func TestMistakesInAStoryNameFileAndLine(t *testing.T) {
	for src, want := range map[string]string{
		"-- anomalies.txt --\n\n9:00 O1/U1 tor S1 c\n":    `anomalies.txt:2: client "c" is not in clients.txt`,
		"-- anomalies.txt --\n9:00 O1/U1 toor S1 -\n":     `anomalies.txt:1: unknown type "toor"; known are tor,`,
		"-- anomalies.txt --\n9 O1/U1 tor S1 -\n":         `anomalies.txt:1: "9" is not a time`,
		"-- anomalies.txt --\n9:00 U1 tor S1 -\n":         `"U1" is not ORG/USER`,
		"-- anomalies.txt --\n9:00 O1/U1 tor S1 - when\n": `unknown key "when"`,
		"-- clients.txt --\nc os=x\n":                     `clients.txt:1: unknown key "os"`,
		"-- run.txt --\nspeed=2\n":                        `run.txt: unknown key "speed"`,
		"-- settings.yaml --\norg: {}\n":                  "settings.yaml:1: org: unknown key",
		"-- directory.yaml --\norg: {}\n":                 "directory.yaml:1: org: unknown key",
	} {
		if _, err := Parse([]byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q\n  got  %v\n  want %s", src, err, want)
		}
	}
}

// TestEveryOutcomeHasAStory: what can happen to a person can be read in testdata.
func TestEveryOutcomeHasAStory(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(gates, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[aerv1.Decision_Outcome]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range s.Run() {
			told[d.GetOutcome()] = true
		}
	}
	for o := range aerv1.Decision_Outcome_name {
		if outcome := aerv1.Decision_Outcome(o); outcome != aerv1.Decision_OUTCOME_UNSPECIFIED && !told[outcome] {
			t.Errorf("no story in %s ends in %s", gates, outcome)
		}
	}
}
