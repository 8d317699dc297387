// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Story is everything a message about one decision is written from.
type Story struct {
	Anomaly   *aerv1.Anomaly
	Decision  *aerv1.Decision
	Directory *aerv1.Directory
	// Sessions ended; if ending them failed, why.
	Ended uint32
	// The platform does not say how many sessions it ended.
	CountUnknown bool
	Failure      string
	// Listed: only the sessions behind the anomaly were ended, as the organisation chose.
	Listed bool
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
	CountUnknown                   bool
	// SignedOut: the sessions were ended.
	Tor, Persisting, SignedOut, Listed bool
	// App is the app that did it, and whose access was ended; empty where it was the person.
	App string
	// People who share a common cause; 0 = unknown.
	People uint32

	// Of a time.
	Month, Clock, Zone string
	Day, Year          int
	// Of the evidence, for admins only.
	Signal, Observed, Threshold, Unit, Signs, Recommendation string
	// Of a digest.
	Subject, Link, When string
	Count, Left         int
}

// maxAdminsNamed is how many people the acting user is pointed to.
const maxAdminsNamed = 3

func (s Story) words(r Recipient, c *catalogue) (*words, error) {
	client := s.Anomaly.GetEvidence().GetClient()
	facts := client.GetFacts()
	w := &words{
		Org: clean(cmp.Or(s.Directory.GetName(), s.Decision.GetOrgId()), maxName), Name: clean(r.Name, maxName),
		User: s.user(), Admins: s.admins(r.UserID), Kind: s.kind(),
		Family: token(facts.GetFamily()), Version: token(facts.GetVersion()), OS: token(facts.GetOs()),
		Country: c.country(client.GetCountry()), ASN: client.GetAsn(), Ended: s.Ended,
		CountUnknown: s.CountUnknown, Listed: s.Listed,
		Tor:        facts.GetTor() || s.Anomaly.GetType() == aerv1.TypeTor,
		Persisting: s.Decision.GetOutcome() == aerv1.Decision_PERSISTING,
	}
	if s.Decision.GetActorKind() == aerv1.ActorApp {
		w.App = clean(cmp.Or(s.Decision.GetAppId(), "?"), maxName)
	}
	w.SignedOut = w.Kind == kindResponded || w.Kind == kindPersisting
	s.evidence(w)
	if w.Kind == kindCommon {
		w.People = s.Anomaly.GetCount()
	}
	var err error
	if w.Noticed, err = c.sayFor("noticed", s.Anomaly.GetType(), w); err != nil {
		return nil, err
	}
	if w.Title, err = c.sayFor("titles", s.Anomaly.GetType(), w); err != nil {
		return nil, err
	}
	if w.App != "" {
		if w.Noticed, err = c.say("app.noticed", w); err != nil {
			return nil, err
		}
	}
	w.Roles, err = c.roles(r.Roles)
	return w, err
}

// Kinds of story.
const (
	kindResponded  = "responded"
	kindFailed     = "failed"
	kindPersisting = "persisting"
	kindCooldown   = "cooldown"
	kindBudget     = "budget"
	kindCommon     = "common"
)

// evidence takes over the numbers, which only admins see.
func (s Story) evidence(w *words) {
	e := s.Anomaly.GetEvidence()
	w.Signal, w.Unit = clean(e.GetSignal(), maxName), clean(e.GetUnit(), maxToken)
	w.Observed, w.Threshold = number(e.GetObserved()), number(e.GetThreshold())
	w.Recommendation = clean(s.Decision.GetRecommendation(), maxLine)
	var signs []string
	for _, sign := range e.GetSigns() {
		signs = append(signs, clean(sign.GetCode(), maxToken))
	}
	w.Signs = clean(strings.Join(signs, ", "), maxLine)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

// kind is which of the stories this is.
func (s Story) kind() string {
	switch {
	case s.Failure != "":
		return kindFailed
	case s.Decision.GetOutcome() == aerv1.Decision_PERSISTING:
		return kindPersisting
	case s.Decision.GetOutcome() == aerv1.Decision_COOLDOWN:
		return kindCooldown
	case s.Decision.GetOutcome() == aerv1.Decision_BUDGET_EXHAUSTED:
		return kindBudget
	case s.Decision.GetOutcome() == aerv1.Decision_COMMON_CAUSE:
		return kindCommon
	}
	return kindResponded
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
			name := clean(cmp.Or(p.GetName(), p.GetUserId()), maxName)
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

// country names a country in the catalogue's language; a code that is none is shown as it came.
func (c *catalogue) country(code string) string {
	region, err := language.ParseRegion(code)
	tag, terr := language.Parse(c.Language)
	if err != nil || terr != nil || !region.IsCountry() {
		return token(code)
	}
	return display.Regions(tag).Name(region)
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
