// SPDX-License-Identifier: Apache-2.0

package summary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
)

// Letters are one mail to a person who was signed out and one direct message to an admin, of those in the files of an
// output directory about this summary's anomalies. Either is nil if there is none.
func (s *Summary) Letters(dir string) (mail, dm *aerv1.Notification, err error) {
	responses := map[string]bool{}
	for _, r := range s.Rows {
		responses[r.Response.GetId()] = r.Response != nil
	}
	err = explain.Read(dir, explain.NotificationsFile, func(n *aerv1.Notification) {
		switch {
		case !responses[n.GetResponseId()]:
		case mail == nil && n.GetChannel() == notify.ChannelEmail && slices.Contains(n.GetRoles(), aerv1.RoleActingUser):
			mail = n
		case dm == nil && n.GetChannel() == notify.ChannelDM:
			dm = n
		}
	})
	return mail, dm, err
}

// PrintLetter prints a message as its recipient reads it, or nothing for nil.
func PrintLetter(p *term.Printer, title string, n *aerv1.Notification) {
	if n == nil {
		return
	}
	fmt.Fprintf(p, "\n%s\n", p.Style(title+" to "+term.Clean(n.GetAddress())+": "+term.Clean(n.GetSubject()), term.Bold))
	for _, paragraph := range strings.Split(strings.TrimSpace(n.GetText()), "\n") {
		if paragraph == "" {
			fmt.Fprintln(p, "  │")
		}
		for _, line := range term.Wrap(term.Clean(paragraph), width) {
			fmt.Fprintln(p, "  │ "+line)
		}
	}
}
