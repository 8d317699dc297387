// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"os"
	"strings"

	"github.com/aer-project/aer/cmd/aer/responses"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// UserWords is what the person concerned is told: never a number, a limit or another person's data.
type UserWords struct {
	// Sent says that this very message was sent; else it is what would be said.
	Sent    bool   `json:"sent"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Print writes the words.
func (w *UserWords) Print(p *term.Printer) {
	if !w.Sent {
		fmt.Fprintln(p, p.Style("Not sent; this is what the person would be told.", term.Dim))
	}
	fmt.Fprintf(p, "%s\n\n", p.Style(clean(w.Subject), term.Bold))
	for line := range strings.Lines(w.Text) {
		fmt.Fprintln(p, clean(strings.TrimRight(line, "\r\n")))
	}
}

// clean keeps the indentation that Clean would take away.
func clean(line string) string {
	text := strings.TrimLeft(line, " ")
	return line[:len(line)-len(text)] + term.Clean(text)
}

// Directory reads the people of one organisation from a YAML file, or none if there is no file.
func Directory(path, orgID string) (*aerv1.Directory, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	all, err := settings.ParseDirectory(path, raw)
	if err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	return settings.NewPeople(all).Directory(orgID), nil
}

// ForUser tells the story to the person concerned: in the words of the mail that was sent, or else in those that would
// be. people may be nil; language "" is the person's own.
func (s *Story) ForUser(people *aerv1.Directory, language string) (*UserWords, error) {
	for _, n := range s.Notifications {
		if n.GetUserId() == s.Anomaly.GetUserId() && n.GetChannel() == notify.ChannelEmail && n.GetText() != "" &&
			(language == "" || language == n.GetLanguage()) {
			return &UserWords{Sent: true, Subject: n.GetSubject(), Text: n.GetText()}, nil
		}
	}
	if s.Decision == nil || !Acts(s.Decision.GetOutcome()) {
		return &UserWords{Subject: "Nothing was done", Text: nothingDone(s.Decision)}, nil
	}
	story := notify.Story{
		Anomaly: s.Anomaly, Decision: s.Decision, Directory: people,
		Ended: s.Response.GetSessionsReset(), CountUnknown: responses.CountUnknown(s.Response, s.Audit),
		At: s.Decision.GetTime().AsTime(),
	}
	for _, step := range s.Response.GetSteps() {
		if step.GetKind() == response.KindRevoke && step.GetState() == response.StepFailed {
			story.Failure = "the sessions could not be ended"
		}
	}
	if s.Response == nil {
		story.Ended, story.CountUnknown = 1, false // one session, the least that a response would end
	}
	r := acting(s.Decision, s.Anomaly, people)
	if language != "" {
		r.Language = language
	}
	n, err := notify.Render(r, story)
	if err != nil {
		return nil, err
	}
	return &UserWords{Subject: n.GetSubject(), Text: n.GetText()}, nil
}

func acting(d *aerv1.Decision, a *aerv1.Anomaly, people *aerv1.Directory) notify.Recipient {
	for _, r := range notify.Recipients(d, a, people, nil) {
		if r.UserID == a.GetUserId() {
			return r
		}
	}
	return notify.Recipient{UserID: a.GetUserId(), Roles: []string{aerv1.RoleActingUser}, Channel: notify.ChannelEmail}
}

// nothingDone says in plain words why nobody was signed out. The gate's own sentence is for analysts: it has numbers.
func nothingDone(d *aerv1.Decision) string {
	if d == nil {
		return "Something about the account was noticed and recorded. No decision about it is known.\n"
	}
	return fmt.Sprintf("Something about the account was noticed and recorded. No session was ended because of it, and "+
		"the person was not told.\nWhy: %s.\n", Meaning(d.GetOutcome()))
}
