package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Story is everything a message about one decision is written from.
type Story struct {
	Anomaly   *aerv1.Anomaly
	Decision  *aerv1.Decision
	Directory *aerv1.Directory
	// Sessions ended; if ending them failed, why.
	Ended   uint32
	Failure string
	// When the response was carried out: the date of the message.
	At time.Time
}

// words is what phrases are filled in from. Every value has been cleaned.
type words struct {
	Org, Name, User, Admins, Roles string
	Noticed, Title, Kind           string
	Family, Version, OS            string
	Country                        string
	ASN, Ended                     uint32
	Tor, Failed, Persisting        bool
}

// maxAdminsNamed is how many people the acting user is pointed to.
const maxAdminsNamed = 3

func (s Story) words(r Recipient, c *catalogue) (*words, error) {
	client := s.Anomaly.GetEvidence().GetClient()
	facts := client.GetFacts()
	w := &words{
		Org: clean(orDefault(s.Directory.GetName(), s.Decision.GetOrgId()), maxName), Name: clean(r.Name, maxName),
		User: s.user(), Admins: s.admins(r.UserID), Kind: s.kind(),
		Family: token(facts.GetFamily()), Version: token(facts.GetVersion()), OS: token(facts.GetOs()),
		Country: token(client.GetCountry()), ASN: client.GetAsn(), Ended: s.Ended,
		Tor:    facts.GetTor() || s.Anomaly.GetType() == aerv1.TypeTor,
		Failed: s.Failure != "", Persisting: s.Decision.GetOutcome() == aerv1.Decision_PERSISTING,
	}
	var err error
	if w.Noticed, err = c.sayFor("noticed", s.Anomaly.GetType(), w); err != nil {
		return nil, err
	}
	if w.Title, err = c.sayFor("titles", s.Anomaly.GetType(), w); err != nil {
		return nil, err
	}
	w.Roles, err = c.roles(r.Roles)
	return w, err
}

// kind is which of the admin's stories this is.
func (s Story) kind() string {
	switch {
	case s.Failure != "":
		return "failed"
	case s.Decision.GetOutcome() == aerv1.Decision_PERSISTING:
		return "persisting"
	case s.Decision.GetOutcome() == aerv1.Decision_COOLDOWN:
		return "cooldown"
	case s.Decision.GetOutcome() == aerv1.Decision_BUDGET_EXHAUSTED:
		return "budget"
	}
	return "responded"
}

func (s Story) user() string {
	id := s.Decision.GetUserId()
	for _, p := range s.Directory.GetPeople() {
		if p.GetUserId() == id && p.GetName() != "" {
			return fmt.Sprintf("%s (%s)", clean(p.GetName(), maxName), clean(id, maxName))
		}
	}
	return clean(id, maxName)
}

// admins names the people the acting user can ask: security admins first, then the owner, never the user themselves.
func (s Story) admins(except string) string {
	var named []string
	for _, role := range []string{aerv1.RoleSecurityAdmin, aerv1.RoleOrgPrimaryOwner} {
		for _, p := range s.Directory.GetPeople() {
			if p.GetUserId() == except || !slices.Contains(p.GetRoles(), role) {
				continue
			}
			name := clean(orDefault(p.GetName(), p.GetUserId()), maxName)
			if checkAddress(p.GetEmail()) == nil {
				name += " <" + clean(p.GetEmail(), maxName) + ">"
			}
			if !slices.Contains(named, name) {
				named = append(named, name)
			}
		}
	}
	return strings.Join(named[:min(len(named), maxAdminsNamed)], ", ")
}

func (c *catalogue) roles(roles []string) (string, error) {
	var names []string
	for _, r := range roles {
		if r == aerv1.RoleActingUser {
			continue
		}
		name, err := c.say("roles."+r, &words{})
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return strings.Join(names, ", "), nil
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
