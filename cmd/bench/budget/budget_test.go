// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"flag"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root = "../../.."
	file = root + "/testdata/bench/budget.yaml"
)

var update = flag.Bool("update", false, "accept what is measured")

// TestBudget compares what stages and whole replays take from the heap with what was accepted.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute: it runs the benchmarks of every stage")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the benchmarks of the stages need the go command: ", err)
	}
	var accepted, now Budget
	var err error
	if !*update { // else nothing is, and all is counted several times
		if accepted, err = Read(file); err != nil {
			t.Fatal(err)
		}
	}
	if now.Stages, err = Stages(t.Context(), root, accepted); err != nil {
		t.Fatal(err)
	}
	if now.Replays, err = Replays(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := now.Write(file); err != nil {
			t.Fatal(err)
		}
	} else if err := accepted.Compare(now); err != nil {
		t.Errorf("%v\nIf it is worth that, accept it with make bench-budget and commit testdata/bench/budget.yaml.", err)
	}
}

func TestCompare(t *testing.T) {
	accepted := Budget{Stages: map[string]Allowed{"a": {10, 1000}, "none": {0, 0}, "gone": {1, 1}},
		Replays: map[string]Allowed{"native": {57, 4200}}}
	now := Budget{Stages: map[string]Allowed{"a": {10.9, 1099}, "none": {0.2, 40}, "gone": {1, 1}},
		Replays: map[string]Allowed{"native": {20, 900}}}
	if err := accepted.Compare(now); err != nil {
		t.Errorf("noise and savings do not pass: %v", err)
	}
	now = Budget{Stages: map[string]Allowed{"a": {11.1, 1000}, "none": {0, 49}, "new": {1, 2}},
		Replays: map[string]Allowed{"native": {57, 4700}}}
	err := accepted.Compare(now)
	for _, want := range []string{
		"stage a takes 11.10 objects and 1000 B; accepted were 10.00 and 1000", "stage none takes 0.00 objects and 49 B",
		"stage new takes 1.00 objects and 2 B and has no budget", "stage gone is in the budget and was not measured",
		"replay native takes 57.00 objects and 4700 B",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "budget.yaml")
	want := Budget{Stages: map[string]Allowed{"Decode/slack": {13.004, 1250.4}}, Replays: map[string]Allowed{"native, rolling": {3, 4}}}
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || got.Stages["Decode/slack"] != (Allowed{13, 1250}) || got.Replays["native, rolling"] != (Allowed{3, 4}) {
		t.Errorf("%v, %v", got, err)
	}
}
