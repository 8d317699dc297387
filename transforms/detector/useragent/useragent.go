// SPDX-License-Identifier: Apache-2.0

// Package useragent notices a client that neither this account nor its organisation has any history with.
package useragent

import (
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
	"github.com/aer-project/aer/transforms/shape"
)

// Config holds the detector's constants.
type Config struct {
	// MinActiveDays is how many days of activity the account needs before a client can be unexpected for it.
	MinActiveDays uint32
	// NewForMS is how long after its first sight a client still counts as new to the account, milliseconds.
	NewForMS int64
	// RareShare is the share of an organisation's sessions below which a family is rare there (a start value: 0.1 %).
	RareShare float64
	// MinSessions is how many sessions of the organisation must be known before a family can be rare there.
	MinSessions uint32
}

// DefaultConfig holds start values.
func DefaultConfig() Config {
	return Config{MinActiveDays: 3, NewForMS: 24 * 60 * 60 * 1000, RareShare: 0.001, MinSessions: 1000}
}

// Detector judges every client seen in a slice.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeUnexpectedUserAgent }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type:     aerv1.TypeUnexpectedUserAgent,
		Signal:   "a library, headless, bot or empty client on an account whose history has none of its kind",
		Horizons: "24 h since first sight", Threshold: "class and family new to the account; unknown programs only hint, " +
			"and so do browsers and applications that are rare in the org (< 0.1 % / s of sessions); outside of the account's " +
			"sessions only logged",
		ColdStart: "until 3 active days and 7 days of age only a program in a session that an interactive client uses, " +
			"before or after it", Evidence: "client, the account's known clients",
		Tolerates: "version updates, official clients, integrations and own scripts known from before, new browsers, an " +
			"application's own HTTP stack and player",
	}
}

// Judge reports the most unexpected client of the slice.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	cold := evidence.Cold(in) || in.Profile.ActiveDays < d.Config.MinActiveDays
	var best *aerv1.Anomaly
	for _, f := range in.Slice.Facets {
		if cold && (in.App() || !intruding(in, f)) {
			continue
		}
		if a := d.judgeFacet(in, f); a != nil && evidence.Stronger(a, best) {
			best = a
		}
	}
	if in.App() {
		return best // sessions are people's
	}
	if a := d.judgeTaken(in); a != nil && evidence.Stronger(a, best) {
		best = a
	}
	return best
}

// intruding says whether a program uses a session that an interactive client used before. That is unexpected on any
// account, however young, and also if the program signs in there: sessions of people are not handed to programs, and a
// program's own login opens a session of its own.
func intruding(in *evidence.Input, f *aerv1.Facet) bool {
	s := in.Profile.Session(f.SessionId)
	if s == nil || !automated(f.Client) || part(s, f.Client) {
		return false
	}
	return profile.Interactive(s.Bound.GetClass()) || slices.ContainsFunc(s.Clients, func(c profile.SessionClient) bool {
		return profile.Interactive(c.Client.GetClass()) && c.FirstMS < f.FirstMs
	})
}

// automated says whether a client is known to be a program's, or hides what it is. What nothing is known about is not.
func automated(c *aerv1.FacetClient) bool {
	return c.GetClass() != "" && c.GetClass() != aerv1.ClassOther && !profile.Interactive(c.GetClass()) && !nothing(c)
}

// nothing says whether an event told nothing of its client. Then it is not known to have sent no user agent either:
// whoever acts over a network has an address.
func nothing(c *aerv1.FacetClient) bool {
	return c.GetClass() == aerv1.ClassEmpty && c.Ip == "" && c.DeviceId == "" && c.Ja4 == ""
}

// part says whether a program is the HTTP stack or the player of an application that the session is used by.
func part(s *profile.Session, c *aerv1.FacetClient) bool {
	return s != nil && slices.ContainsFunc(s.Clients, func(seen profile.SessionClient) bool {
		return profile.Interactive(seen.Client.GetClass()) && shape.Part(seen.Client, c)
	})
}

// judgeTaken reports a program that used a session before the person whom it belongs to was seen in it: only with the
// person's coming is it known that the session was not the program's own. That, too, holds on any account.
func (d Detector) judgeTaken(in *evidence.Input) *aerv1.Anomaly {
	for _, f := range in.Slice.Facets {
		if !profile.Interactive(f.Client.GetClass()) {
			continue
		}
		c := d.programBefore(in, in.Profile.Session(f.SessionId), f)
		if c == nil {
			continue
		}
		a := d.newClass(in, f, c.Client)
		a.EventIds = []string{c.FirstEventID, f.FirstEventId}
		a.Evidence.Previous = evidence.Client(f.Client)
		a.Evidence.Notes = append(a.Evidence.Notes, "the program came first; the session is now used by "+f.Client.Family)
		return a
	}
	return nil
}

// programBefore is a program without a login that was alone in the session s until f came, and that the account had no
// history with; nil if there is none. An integration that people look into has logged in or is known.
func (d Detector) programBefore(in *evidence.Input, s *profile.Session, f *aerv1.Facet) *profile.SessionClient {
	if s == nil {
		return nil
	}
	var program *profile.SessionClient
	for i := range s.Clients {
		c := &s.Clients[i]
		switch {
		case profile.Interactive(c.Client.GetClass()) && c.FirstMS < in.Slice.WindowStartMs:
			return nil // its owner was here: what came then was judged then
		case !automated(c.Client) || part(s, c.Client):
		case !c.Login && c.FirstMS < f.FirstMs && in.EndMS()-c.FirstMS <= d.Config.NewForMS &&
			!familyKnown(in, c.Client, d.Config.NewForMS):
			program = c
		}
	}
	return program
}

func (d Detector) judgeFacet(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	c := f.Client
	if c.GetClass() == "" || c.Class == aerv1.ClassOfficial || nothing(c) {
		return nil
	}
	known := in.Profile.KnownBy(profile.Clients, c)
	if known != nil && in.EndMS()-known.FirstMS > d.Config.NewForMS || familyKnown(in, c, d.Config.NewForMS) {
		return nil
	}
	if !automated(c) {
		if in.App() {
			return nil // what is rare among people says nothing about a program
		}
		return d.judgeRare(in, f)
	}
	if part(in.Profile.Session(f.SessionId), c) {
		return nil
	}
	return d.newClass(in, f, c)
}

// newClass reports a kind of client that the account has no history with.
func (d Detector) newClass(in *evidence.Input, f *aerv1.Facet, c *aerv1.FacetClient) *aerv1.Anomaly {
	a := d.finding(in, f, c)
	a.Confidence, a.Severity = 0.9, evidence.SeverityHigh
	a.Evidence.Signal = "client_class_new_to_account"
	a.Evidence.FormulaFilled = fmt.Sprintf(
		"class %s, family %s: first seen on this account within the last 24 h, after %d active days without it",
		c.Class, orNone(c.Family), in.Profile.ActiveDays)
	a.Summary = fmt.Sprintf("%s (%s) on an account that never used such a client", orNone(c.UserAgent), c.Class)
	switch {
	case in.App():
		holdApp(a, c)
	case sessionless(in, f, c):
		a.LogOnly, a.Severity = true, evidence.SeverityMedium
		a.Evidence.Notes = append(a.Evidence.Notes,
			"outside of any session, so that there is none to end: only logged by itself")
	}
	return a
}

// sessionless says whether a program acted outside of the account's sessions, where these are known, or without a trace
// of any: a platform's back end, an identity provider, a token. Whatever it is, no session of the person's is in other
// hands.
func sessionless(in *evidence.Input, f *aerv1.Facet, c *aerv1.FacetClient) bool {
	return f.SessionId == "" && (len(in.Profile.Sessions) > 0 || c.Class == aerv1.ClassEmpty &&
		c.DeviceId == "" && c.Ja4 == "")
}

// appWeight is what another program counts on an app's own network. A start value.
const appWeight = 0.6

// holdApp keeps a finding about an app from acting where another program runs on a network that the app is known by:
// whoever runs it may have rewritten it. From elsewhere, or with a volume beside it, it is a token in other hands.
func holdApp(a *aerv1.Anomaly, c *aerv1.FacetClient) {
	a.Summary = fmt.Sprintf("%s (%s) with the access of an app that never used such a client",
		orNone(c.UserAgent), c.Class)
	if a.Evidence.NetworkUsual || profile.Key(profile.Networks, c) == "" {
		a.LogOnly, a.Confidence, a.Severity = true, appWeight, evidence.SeverityMedium
		a.Evidence.Notes = append(a.Evidence.Notes,
			"from a network that the app is known by, or an unknown one: only logged by itself")
	}
}

// familyKnown says whether the account used the family before under any operating system.
func familyKnown(in *evidence.Input, c *aerv1.FacetClient, newForMS int64) bool {
	for _, k := range in.Profile.Things(profile.Clients) {
		if in.EndMS()-k.FirstMS > newForMS && ofFamily(k.Key, c) {
			return true
		}
	}
	return false
}

// ofFamily says whether a key of profile.Clients has the class and the family of c, and an operating system that is
// known or none.
func ofFamily(key string, c *aerv1.FacetClient) bool {
	rest, ok := strings.CutPrefix(key, c.Class)
	if !ok || !strings.HasPrefix(rest, " ") {
		return false
	}
	os, ok := strings.CutPrefix(rest[1:], c.Family)
	if !ok || !strings.HasPrefix(os, " ") {
		return false
	}
	switch os[1:] {
	case "", "windows", "macos", "linux", "ios", "android", "chromeos":
		return true
	}
	return false
}

// judgeRare hints at a browser or an application that is new to the account and rare in its organisation, and at an
// unknown program that nobody says is common there: people do try new programs, so that this only corroborates what
// else is found. Rare is what few sessions of the organisation itself use: other tenants cannot change it.
func (d Detector) judgeRare(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	row, sessions := in.Baseline.Family(in.Slice.OrgId, f.Client.Family)
	if sessions < d.Config.MinSessions {
		if f.Client.Class == aerv1.ClassOther {
			return d.unknown(in, f)
		}
		return nil
	}
	share, limit := float64(row.GetSessions())/float64(sessions),
		d.Config.RareShare/evidence.SensitivityFactor(in.Sensitivity())
	if share >= limit {
		return nil
	}
	a := d.finding(in, f, f.Client)
	hint(a)
	a.Evidence.Signal, a.Evidence.Observed, a.Evidence.Threshold, a.Evidence.Unit = "family_share_in_org",
		share, limit, "share"
	a.Evidence.BaselineN, a.Evidence.BaselineRows = sessions, []string{"client/" + in.Slice.OrgId + "/" + f.Client.Family}
	a.Evidence.FormulaFilled = fmt.Sprintf("%d of %d sessions in the organisation use %s: below %s %%",
		row.GetSessions(), sessions, orNone(f.Client.Family), evidence.Number(100*limit))
	a.Summary = fmt.Sprintf("%s, new to the account and rare in the organisation", orNone(f.Client.Family))
	return a
}

// unknown hints at a program that nothing is known about, in an organisation that is too small to tell whether it is
// rare.
func (d Detector) unknown(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	a := d.finding(in, f, f.Client)
	hint(a)
	a.Evidence.Signal = "unknown_program_new_to_account"
	a.Evidence.FormulaFilled = fmt.Sprintf(
		"%s, of which nothing is known: first seen on this account within the last 24 h", orNone(f.Client.Family))
	a.Summary = fmt.Sprintf("%s, an unknown program, new to the account", orNone(f.Client.Family))
	return a
}

// hintConfidence is what trying another program is worth beside other findings. A start value.
const hintConfidence = 0.3

func hint(a *aerv1.Anomaly) {
	a.Hint, a.LogOnly, a.Confidence, a.Severity = true, true, hintConfidence, evidence.SeverityLow
}

// finding begins a finding about the client c, which f showed or revealed.
func (d Detector) finding(in *evidence.Input, f *aerv1.Facet, c *aerv1.FacetClient) *aerv1.Anomaly {
	var sessions []string
	if f.SessionId != "" {
		sessions = []string{f.SessionId}
	}
	a := evidence.FromSlice(in, d.Type(), c.Class+" "+c.Family, sessions)
	a.Reasons = evidence.Reasons(aerv1.TypeUnexpectedUserAgent)
	a.Time, a.EventIds = aerv1.TimeMS(f.LastMs), evidence.FirstLast(f)
	evidence.Usual(a, in, c)
	evidence.Surprised(a, in, c, aerv1.NewAgent)
	a.Magnitude = 1
	e := a.Evidence
	e.Unit, e.Observed, e.Threshold, e.Formula = "client", 1, 1, "client's class or family not in the account's history"
	return a
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
