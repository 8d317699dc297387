// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/url"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// canonical gives every optional value of an event its one form, whatever format it came in, so that the same thing
// looks the same to everything that follows: a Tor list, a trusted network, a database, the session's earlier
// fingerprint. What only says that there is nothing becomes unknown. What cannot be read is noted; it becomes unknown,
// but an address stays as text for people to see.
//
// Session and app ids only lose what is around them: a response names them to the platform, which may know one spelling
// only.
func canonical(ev *aerv1.Event, bad *unread) {
	c := ev.Client
	ev.SessionId, ev.AppId, ev.ApiMethod = known(ev.SessionId), known(ev.AppId), known(ev.ApiMethod)
	c.UserAgent, c.Platform, c.DeviceId = userAgent(c.UserAgent), known(c.Platform), knownID(c.DeviceId)
	form(&c.Ip, address, FieldIP, bad)
	form(&c.Country, country, FieldCountry, bad)
	form(&c.Ja4, ja4, FieldJA4, bad)
	form(&c.Ja3, ja3, FieldJA3, bad)
	form(&ev.Outcome, outcomeWord, FieldOutcome, bad)
	form(&ev.UserType, userType, FieldUserType, bad)
	form(&ev.ActorKind, actorKind, FieldActorKind, bad)
	if o := ev.Object; o != nil {
		o.Type, o.Id = known(o.Type), knownID(o.Id)
	}
}

// form replaces a text by its canonical form.
func form(s *string, read func(string) (string, bool), f Field, bad *unread) {
	if *s == "" {
		return
	}
	text, ok := read(*s)
	if !ok {
		bad.note(f, *s)
	}
	*s = text
}

// userAgent undoes what logs do to the spaces in a user agent: %20, also encoded twice (CloudFront), or plus signs
// (IIS). One with spaces is as the client sent it.
func userAgent(s string) string {
	s = known(s)
	if len(s) > userAgentMax || strings.IndexByte(s, ' ') >= 0 {
		return s
	}
	for range 2 {
		if strings.IndexByte(s, '%') < 0 {
			break
		}
		if plain, err := url.PathUnescape(s); err == nil && (strings.Contains(s, "%20") || strings.Contains(s, "%2520")) {
			s = plain
		}
	}
	if strings.Contains(s, "+(") {
		s = strings.ReplaceAll(s, "+", " ")
	}
	return known(s)
}

func userType(s string) (string, bool) {
	return word(s, aerv1.UserMember, aerv1.UserGuest, aerv1.UserExternal, aerv1.UserBot)
}

func actorKind(s string) (string, bool) {
	return word(s, aerv1.ActorKinds...)
}

// trimmed removes the white space around what an event cannot do without. A number of an id or a name has none to lose.
func trimmed(texts ...*string) {
	for _, s := range texts {
		*s = strings.TrimSpace(*s)
	}
}
