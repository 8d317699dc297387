// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/term"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Output formats of the flag -o.
const (
	outputTable = "table"
	outputJSON  = "json"
)

// app is what every verb needs.
type app struct {
	streams
	output string
}

// execute runs one command line and returns the exit code.
func execute(args []string, s streams) int {
	out := &sticky{Writer: s.out}
	s.out = out
	a := &app{streams: s}
	root := a.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(context.Background())
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing to standard output: %w", out.err)
	}
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(s.err, "aer: %v\n", err)
	if !isUsage(err) {
		return exitFailed
	}
	fmt.Fprintf(s.err, "Run '%s --help' for its usage.\n", cmd.CommandPath())
	return exitUsage
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "aer",
		Short: "AER finds hijacked accounts in access events and ends their sessions",
		Long: `AER (Anomaly Event Response) watches the access and audit events of a multi-tenant service, finds accounts
that behave as if someone else were driving them, ends their sessions, and tells the people concerned why.

Data goes to standard output, logs and progress to standard error. Exit codes: 0 ok, 1 failed, 2 wrong usage.

In a container with a memory limit, Go's heap keeps to it but for 1 GB, and to half of a small one: DuckDB and what
else is not Go's needs the rest. The variables GOMEMLIMIT and GOGC go before it.`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if !slices.Contains([]string{outputTable, outputJSON}, a.output) {
				return usagef("--output %s: must be table or json", a.output)
			}
			return nil
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().StringVarP(&a.output, "output", "o", outputTable, "`format` of the result: table or json")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	addGroup(root, "run", "Run:", a.demoCommand(), a.runCommand(), a.baselineCommand(), a.warehouseCommand(),
		a.costCommand())
	addGroup(root, "look", "Understand what happened:", a.explainCommand(), a.responsesCommand(), a.budgetCommand(),
		a.feedbackCommand())
	addGroup(root, "choose", "Choose what may happen, and who is told:",
		a.settingsCommand(), a.trustCommand(), a.excludeCommand(), a.clearCommand(), a.notifyCommand(), a.sessionsCommand())
	addGroup(root, "measure", "Measure on recorded events:", a.simulateCommand(), a.replayCommand(),
		a.evaluateCommand(), a.testCommand())
	root.AddCommand(a.versionCommand())
	return root
}

// addGroup adds verbs under a heading of the help.
func addGroup(root *cobra.Command, id, title string, verbs ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, v := range verbs {
		v.GroupID = id
		root.AddCommand(v)
	}
}

// printer returns where tables go.
func (a *app) printer() *term.Printer { return term.New(a.out) }

// usageError is a mistake in the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// isUsage says whether err is a mistake in the command line; cobra has no type for its own.
func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u) || strings.HasPrefix(err.Error(), "unknown command")
}

// noArgs and oneArg are cobra's checks as usage errors.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// required reports flags that were left empty, in the order given: name, value, name, value.
func required(pairs ...string) error {
	var missing []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			missing = append(missing, "--"+pairs[i])
		}
	}
	if len(missing) > 0 {
		return usagef("missing %s", strings.Join(missing, ", "))
	}
	return nil
}
