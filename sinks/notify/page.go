// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// RoleOperator is the role of those who run AER itself. They are no people of an organisation: their address is their
// id.
const RoleOperator = "operator"

// Operators are the recipients with these mail addresses, each once and in order. The error names an address that is
// none.
func Operators(addresses []string) ([]Recipient, error) {
	addresses = slices.Compact(slices.Sorted(slices.Values(addresses)))
	var all []Recipient
	for _, a := range addresses {
		if err := checkAddress(a); err != nil {
			return nil, err
		}
		all = append(all, Recipient{UserID: a, Roles: []string{RoleOperator}, Channel: ChannelEmail, Address: a})
	}
	return all, nil
}

// Page is what operators are told about a step of a response that failed for good. It names no person: what happened to
// whom is where it points to.
type Page struct {
	// ID names the page, the same for ever.
	ID         string
	OrgID      aerv1.OrgID
	ResponseID aerv1.DecisionID
	// Kind is revoke, audit or notify.
	Kind string
	// Failure is why, At when.
	Failure string
	At      time.Time
}

// RenderPage writes a page as a Renderer of the zero Style does.
func RenderPage(r Recipient, p Page) (*aerv1.Notification, error) { return plain.RenderPage(r, p) }

// RenderPage writes the message that tells r of the page.
func (re *Renderer) RenderPage(r Recipient, p Page) (*aerv1.Notification, error) {
	c, err := catalogueFor(r.Language)
	if err != nil {
		return nil, fmt.Errorf("rendering page: %w", err)
	}
	org, response := string(p.OrgID), clean(string(p.ResponseID), maxLine)
	show := "aer responses show " + shellWord(response) + " --org " + shellWord(clean(org, maxLine))
	b := &builder{catalogue: c, style: re, words: &words{Org: clean(org, maxName), Kind: p.Kind, Link: show}}
	m := b.section("page")
	m.Facts = b.facts("failure", clean(p.Failure, maxLine), "when", b.timeInWords(p.At), "reference", response)
	m.Lists = []list{{b.say("labels.next"), []string{b.say("page.show"), b.say("page.retry")}}}
	n, err := b.write(m, &aerv1.Notification{Id: aerv1.NewID("page", org, p.ID, r.UserID, r.Channel),
		ResponseId: string(p.ResponseID), OrgId: org,
		UserId: r.UserID, Roles: slices.Clone(r.Roles), Channel: r.Channel, Address: r.Address, Time: aerv1.Time(p.At)})
	if err != nil {
		return nil, fmt.Errorf("rendering page: %w", err)
	}
	return n, nil
}
