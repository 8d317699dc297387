package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/transforms/event"
)

// organisationFlags are the flags that say whose Slack entries are, as source.org_id and source.workspaces do for a run.
func organisationFlags(f *pflag.FlagSet, opt *event.Options) {
	f.StringVar(&opt.OrgID, "org-id", "", "`organisation` (E…) of the Slack entries: people of other enterprises are external then")
	f.StringToStringVar(&opt.Workspaces, "workspaces", nil, "`organisations` by workspace, T1=E1,T2=E2, for Slack entries of several")
}

// printUnreadable says in one line what could not be read of the events, if anything.
func (a *app) printUnreadable(p *term.Printer, u *event.Unreadable) {
	if u.Total() > 0 {
		fmt.Fprintf(p, "unreadable: %s\n", term.Clean(u.String()))
	}
}
