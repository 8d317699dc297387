// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this test binary as aer.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aer": func() { os.Exit(mainExit()) }, "taker": taker})
}

// TestScripts runs the command lines in testdata/script. UPDATE_SCRIPTS=1 rewrites expected output (cmp).
func TestScripts(t *testing.T) {
	commands := maps.Clone(connectCommands)
	commands["platform"], commands["alive"] = startPlatform, wantAlive
	commands["ocsf"], commands["now"] = wantOCSF, setNow
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Values["platform"] = &platform{alive: map[string][]string{}}
			return newGuide(e)
		},
		Cmds: commands,
	})
}

// setNow is the command "now FILE...": it writes the time in the place of the word NOW, because old evidence is not
// enforced.
func setNow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: now FILE...")
	}
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "NOW", time.Now().UTC().Format(time.RFC3339))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
