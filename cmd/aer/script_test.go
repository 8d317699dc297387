package main

import (
	"maps"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this test binary as aer.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aer": func() { os.Exit(mainExit()) }})
}

// TestScripts runs the command lines in testdata/script. UPDATE_SCRIPTS=1 rewrites expected output (cmp).
func TestScripts(t *testing.T) {
	commands := maps.Clone(connectCommands)
	commands["platform"], commands["alive"], commands["ocsf"] = startPlatform, wantAlive, wantOCSF
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
