// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"bytes"
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"slices"
	texttemplate "text/template"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

//go:embed layout/message.txt.tmpl
var textLayout string

//go:embed layout/message.html.tmpl
var htmlLayout string

var (
	textTemplate = texttemplate.Must(texttemplate.New("text").Parse(textLayout))
	htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(htmlLayout))
)

// message is what both layouts show.
type message struct {
	Language, Subject, Heading string
	Paragraphs                 []string
	Facts                      []fact
	Lists                      []list
	Footer                     string
}

// fact is one line; URL says that the value is one to follow.
type fact struct {
	Label, Value string
	URL          bool
}

type list struct {
	Title string
	Items []string
}

// Render writes a message as a Renderer of the zero Style does.
func Render(r Recipient, s Story) (*aerv1.Notification, error) { return plain.Render(r, s) }

// Render writes the message that tells r the story, in r's language where there is a catalogue for it. Whoever is the
// acting user gets the words for the acting user, whatever else they are: those never reveal numbers or thresholds.
func (re *Renderer) Render(r Recipient, s Story) (*aerv1.Notification, error) {
	c, err := catalogueFor(r.Language)
	if err != nil {
		return nil, fmt.Errorf("rendering notification: %w", err)
	}
	w, err := s.words(r, c)
	if err != nil {
		return nil, fmt.Errorf("rendering notification: %w", err)
	}
	b := &builder{catalogue: c, words: w, story: s, recipient: r, style: re}
	m := b.admin
	if slices.Contains(r.Roles, aerv1.RoleActingUser) || r.UserID == s.Decision.GetUserId() {
		m = b.acting
	}
	d := s.Decision
	n, err := b.write(m(), &aerv1.Notification{
		Id:         aerv1.NewID("notification", d.GetOrgId(), d.GetId(), r.UserID, r.Channel),
		ResponseId: d.GetId(), OrgId: d.GetOrgId(), UserId: r.UserID, Roles: slices.Clone(r.Roles),
		Channel: r.Channel, Address: r.Address, Time: aerv1.Time(s.At),
	})
	if err != nil {
		return nil, fmt.Errorf("rendering notification: %w", err)
	}
	if w.Roles != "" {
		n.Link = re.link(s)
	}
	return n, nil
}

// layOut writes a message as text and as HTML.
func layOut(m message) (*aerv1.Notification, error) {
	var text, html bytes.Buffer
	if err := textTemplate.Execute(&text, m); err != nil {
		return nil, fmt.Errorf("rendering text: %w", err)
	}
	if err := htmlTemplate.Execute(&html, m); err != nil {
		return nil, fmt.Errorf("rendering HTML: %w", err)
	}
	return &aerv1.Notification{Language: m.Language, Subject: m.Subject, Text: text.String(), Html: html.String()}, nil
}
