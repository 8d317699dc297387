// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// digestItems is how many messages a digest lists: the longest list that Slack takes as one message. More are counted,
// and can be seen where the last of them links to.
const digestItems = 50

// Digest writes one message that stands for several to one person, in the order given and as of the time at. Equal
// messages give an equal digest. held must not be empty; the last of them says to whom and how it goes.
func (re *Renderer) Digest(id string, held []*aerv1.Notification, at time.Time) (*aerv1.Notification, error) {
	last := held[len(held)-1]
	c, err := catalogueFor(last.GetLanguage())
	if err != nil {
		return nil, fmt.Errorf("rendering digest: %w", err)
	}
	b := &builder{catalogue: c, style: re, words: &words{Org: clean(last.GetOrgId(), maxName), Count: len(held)}}
	m := b.section("digest")
	shown := held[:min(len(held), digestItems)]
	m.Lists = []list{{b.say("digest.list"), b.items(shown)}}
	if b.words.Left = len(held) - len(shown); b.words.Left > 0 {
		b.words.Link = clean(last.GetLink(), maxLine)
		m.Paragraphs = append(m.Paragraphs, b.say("digest.more"))
	}
	n, err := b.write(m, &aerv1.Notification{
		Id: id, ResponseId: last.GetResponseId(), OrgId: last.GetOrgId(), UserId: last.GetUserId(), Roles: last.GetRoles(),
		Channel: last.GetChannel(), Address: last.GetAddress(), Time: aerv1.Time(at), Link: last.GetLink(),
	})
	if err != nil {
		return nil, fmt.Errorf("rendering digest: %w", err)
	}
	return n, nil
}

func (b *builder) items(held []*aerv1.Notification) (items []string) {
	for _, n := range held {
		b.words.When = b.timeInWords(n.GetTime().AsTime())
		b.words.Subject, b.words.Link = clean(n.GetSubject(), maxLine), clean(n.GetLink(), maxLine)
		items = append(items, b.say("digest.item"))
	}
	return items
}

// Test writes the message that aer notify test sends to an address, in a language.
func (re *Renderer) Test(r Recipient, org string, at time.Time) (*aerv1.Notification, error) {
	c, err := catalogueFor(r.Language)
	if err != nil {
		return nil, fmt.Errorf("rendering test message: %w", err)
	}
	b := &builder{catalogue: c, style: re, words: &words{}}
	id := aerv1.NewID("notify_test", r.Address, r.Channel, at.UTC().Format(time.RFC3339Nano))
	n, err := b.write(b.section("test"), &aerv1.Notification{Id: id, ResponseId: id, OrgId: org, UserId: r.UserID,
		Roles: r.Roles, Channel: r.Channel,
		Address: r.Address, Time: aerv1.Time(at)})
	if err != nil {
		return nil, fmt.Errorf("rendering test message: %w", err)
	}
	return n, nil
}
