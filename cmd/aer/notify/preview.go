// SPDX-License-Identifier: Apache-2.0

// Package notify shows people's messages before they are sent, and finds out whether they can be.
package notify

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/responses"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
)

// Preview says which messages to show.
type Preview struct {
	// An anomaly of the files in Dir, told to the people of the file Directory; or, without one, an invented anomaly of
	// the type Kind.
	Anomaly, Dir, Directory string
	Kind                    string
	// Outcome replaces the decision's; "" keeps it, and means RESPOND for an invented one.
	Outcome string
	// Role is to whom; "" means everybody who would be told.
	Role string
	// Language replaces the reader's own.
	Language string
	// Failure, if not "", is why the sessions could not be ended.
	Failure string
	Style   notify.Style
}

// Roles that can be chosen.
var Roles = []string{aerv1.RoleActingUser, aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}

// told are the outcomes of which anybody is told, and whether the acting user is one of them.
var told = map[aerv1.Decision_Outcome]bool{
	aerv1.Decision_RESPOND: true, aerv1.Decision_PERSISTING: true, aerv1.Decision_COOLDOWN: false,
	aerv1.Decision_BUDGET_EXHAUSTED: false,
	aerv1.Decision_COMMON_CAUSE:     false,
}

// Messages renders what was asked for. An error names what is wrong and what would be right.
func (p Preview) Messages() ([]*aerv1.Notification, error) {
	s, err := p.story()
	if err != nil {
		return nil, err
	}
	if p.Outcome != "" {
		o, known := aerv1.Decision_Outcome_value[strings.ToUpper(p.Outcome)]
		if !known {
			return nil,
				fmt.Errorf("outcome %q is unknown, want RESPOND, PERSISTING, COOLDOWN, BUDGET_EXHAUSTED or COMMON_CAUSE", p.Outcome)
		}
		s.Decision.Outcome = aerv1.Decision_Outcome(o)
	}
	acting, known := told[s.Decision.GetOutcome()]
	if !known {
		return nil,
			fmt.Errorf(
				"nobody is told of a decision %s: only of RESPOND, PERSISTING, COOLDOWN, BUDGET_EXHAUSTED and COMMON_CAUSE",
				s.Decision.GetOutcome())
	}
	if !acting && p.Role == aerv1.RoleActingUser {
		return nil, fmt.Errorf("the acting user is not told of a decision %s, only owner and security admins are",
			s.Decision.GetOutcome())
	}
	if s.Failure = p.Failure; p.Failure != "" {
		s.Ended = 0
	}
	r, err := notify.NewRenderer(p.Style)
	if err != nil {
		return nil, err
	}
	var all []*aerv1.Notification
	for _, to := range p.recipients(s, acting) {
		n, err := r.Render(to, s)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the directory has nobody with the role %s", p.Role)
	}
	return all, nil
}

// story is that of the anomaly asked for, or an invented one.
func (p Preview) story() (notify.Story, error) {
	if p.Anomaly == "" {
		return invented(p.Kind)
	}
	found, err := explain.Load(p.Dir, p.Anomaly)
	if err != nil {
		return notify.Story{}, err
	}
	if found.Decision == nil {
		return notify.Story{}, fmt.Errorf("there is no decision about the anomaly %s in %s", found.Anomaly.GetId(), p.Dir)
	}
	people, err := explain.Directory(p.Directory, found.Anomaly.GetOrgId())
	if err != nil {
		return notify.Story{}, err
	}
	s := notify.Story{Anomaly: found.Anomaly, Decision: found.Decision, Directory: people,
		Ended:        found.Response.GetSessionsReset(),
		CountUnknown: responses.CountUnknown(found.Response, found.Audit), At: found.Decision.GetTime().AsTime()}
	if found.Response == nil {
		s.Ended, s.CountUnknown = 1, false // one session, the least that a response would end
	}
	return s, nil
}

// recipients are the people of the directory who hold the roles; where it has none, an unnamed one, so that there is
// something to see.
func (p Preview) recipients(s notify.Story, acting bool) (all []notify.Recipient) {
	roles := Roles
	if p.Role != "" {
		roles = []string{p.Role}
	}
	for _, role := range roles {
		if role == aerv1.RoleActingUser && !acting {
			continue
		}
		all = append(all, p.holder(s, role))
	}
	return all
}

func (p Preview) holder(s notify.Story, role string) notify.Recipient {
	r := notify.Recipient{UserID: "(" + role + ")", Roles: []string{role}, Channel: notify.ChannelEmail,
		Language: p.Language}
	if role == aerv1.RoleActingUser {
		r.UserID = s.Anomaly.GetUserId()
	}
	for _, person := range s.Directory.GetPeople() {
		holds := role == aerv1.RoleActingUser && person.GetUserId() == s.Anomaly.GetUserId() ||
			slices.Contains(person.GetRoles(), role)
		if !holds || role != aerv1.RoleActingUser && person.GetUserId() == s.Anomaly.GetUserId() {
			continue
		}
		r.UserID, r.Name, r.Address = person.GetUserId(), person.GetName(), person.GetEmail()
		if r.Language == "" {
			r.Language = person.GetLanguage()
		}
		return r
	}
	return r
}

// invented is a story to look at a message by. Names and addresses are reserved for examples (RFC 2606, RFC 5737).
func invented(kind string) (notify.Story, error) {
	if !slices.Contains(aerv1.AnomalyTypes, kind) {
		return notify.Story{}, fmt.Errorf("kind %q is unknown, want %s", kind, strings.Join(aerv1.AnomalyTypes, ", "))
	}
	at := time.Date(2026, 11, 22, 9, 59, 0, 0, time.UTC)
	return notify.Story{
		Anomaly: &aerv1.Anomaly{
			Id: aerv1.NewID("preview", "anomaly", kind), Type: kind, OrgId: "acme", UserId: "U1", Severity: "high",
			Time:    aerv1.Time(at),
			Summary: "An invented finding.",
			Evidence: &aerv1.Evidence{Signal: "example", Observed: 417, Threshold: 86.5, Unit: "files",
				Client: &aerv1.Client{Ip: "203.0.113.7", Country: "DE", Asn: 64500,
					Facts: &aerv1.ClientFacts{Family: "python-requests", Version: "2.31", Os: "linux"}}},
		},
		Decision: &aerv1.Decision{Id: aerv1.NewID("preview", "decision", kind), OrgId: "acme", UserId: "U1",
			Outcome: aerv1.Decision_RESPOND, Reason: "Every gate passed."},
		Directory: &aerv1.Directory{OrgId: "acme", Name: "Acme", People: []*aerv1.Person{
			{UserId: "U1", Name: "Ada Example", Email: "ada@acme.example"},
			{UserId: "U8", Name: "Olu Owner", Email: "olu@acme.example", Roles: []string{aerv1.RoleOrgPrimaryOwner}},
			{UserId: "U9", Name: "Sam Admin", Email: "sam@acme.example", Roles: []string{aerv1.RoleSecurityAdmin}},
		}},
		Ended: 2, At: at,
	}, nil
}

// Print writes messages for people to read.
func Print(p *term.Printer, all []*aerv1.Notification) {
	for i, n := range all {
		if i > 0 {
			fmt.Fprintf(p, "\n%s\n\n", strings.Repeat("-", 72))
		}
		fmt.Fprintf(p, "To:      %s (%s)\n", term.Clean(strings.TrimSpace(n.GetUserId()+" "+n.GetAddress())),
			strings.Join(n.GetRoles(), ", "))
		fmt.Fprintf(p, "Subject: %s\n\n", p.Style(term.Clean(n.GetSubject()), term.Bold))
		fmt.Fprint(p, n.GetText())
	}
}

// WriteHTML writes the only message as an HTML page.
func WriteHTML(path string, all []*aerv1.Notification) error {
	if len(all) != 1 {
		return errors.New("an HTML file holds one message: choose one with --role")
	}
	if err := os.WriteFile(path, []byte(all[0].GetHtml()), 0o600); err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	return nil
}
