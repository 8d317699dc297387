// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/transforms/event"
)

// organisationFlags are the flags that say whose Slack entries are, as source.org_id and source.workspaces do for a
// run.
func organisationFlags(f *pflag.FlagSet, opt *event.Options) {
	f.StringVar(&opt.OrgID, "org-id", "",
		"`organisation` (E…) of the Slack entries: people of other enterprises are external then")
	f.StringToStringVar(&opt.Workspaces, "workspaces", nil,
		"`organisations` by workspace, T1=E1,T2=E2, for Slack entries of several")
}

// printUnreadable says what could not be read of the events, if anything.
func (a *app) printUnreadable(p *term.Printer, u *event.Unreadable) {
	for _, line := range unreadableLines(u) {
		fmt.Fprintln(p, line)
	}
}

// lineWidth is how wide sentences get.
const lineWidth = 100

// unreadableLines are the values that could not be read, by field, with an example to look up.
func unreadableLines(u *event.Unreadable) []string {
	if u.Total() == 0 {
		return nil
	}
	lines := term.Wrap("unreadable values, which count as unknown: "+u.Fields(), lineWidth)
	for i := range lines[1:] {
		lines[i+1] = "  " + lines[i+1]
	}
	if x := u.First.String(); x != "" {
		lines = append(lines, "  the first: "+term.Clean(x))
	}
	return lines
}
