// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Profile is what is remembered about one user between slices. All lists are capped and sorted, so that equal histories
// give equal profiles. It holds few pointers, and no memory of the slices it was made of: they are lent.
type Profile struct {
	OrgID, UserID, UserType string
	// ActorKind and AppID are the app's whose activity under the user's name this is, as in aerv1.Principal.
	ActorKind, AppID string
	// FirstMS and LastMS are the times of the first and last event seen, Unix milliseconds; 0 before there is one.
	FirstMS, LastMS int64
	// RecentDays says which of the last 64 days had any event: bit 0 is the day of LastMS. ActiveDays are those since the
	// first.
	RecentDays uint64
	ActiveDays uint32
	// Sessions are in the order in which their first slices came.
	Sessions []Session
	// Downloads and Reads are the objects touched.
	Downloads, Reads Objects
	// Minutes count the calls of the last hour, sorted by time; Recent are the same by method, sorted by time and method.
	Minutes []Minute
	Recent  []MethodCalls
	// Attempts are refused attempts under the user's name, sorted by hour; nil for nearly everyone.
	Attempts []*aerv1.AttemptHour

	things things
	peaks  peaks
	// next is another profile of the same hash (table).
	next *Profile
}

// New is the profile of a user before the first slice.
func New(org aerv1.OrgID, user aerv1.UserID) *Profile {
	return &Profile{OrgID: intern(string(org)), UserID: strings.Clone(string(user))}
}

// The getters are those of aerv1.Acting.

// GetOrgId is the organisation's id.
func (p *Profile) GetOrgId() string { return p.OrgID }

// GetUserId is the user's id.
func (p *Profile) GetUserId() string { return p.UserID }

// GetActorKind is empty for the person, or app.
func (p *Profile) GetActorKind() string { return p.ActorKind }

// GetAppId is the app's id, where there is one.
func (p *Profile) GetAppId() string { return p.AppID }

// Apply records a slice. Detectors judge a slice against the profile that already holds it, and see what was known
// before by FirstMS: a thing that the slice brought has FirstMS within the slice's window.
func Apply(p *Profile, s *aerv1.Slice) {
	first, last := spanMS(s)
	if p.FirstMS == 0 || first < p.FirstMS {
		p.FirstMS = first
	}
	p.noteDay(last)
	p.LastMS = max(p.LastMS, last)
	if s.UserType != "" && s.UserType != p.UserType {
		p.UserType = intern(s.UserType)
	}
	for _, f := range s.Facets {
		at := p.things.shownBy(f.Client)
		p.things.noteFacet(f, &at, p.noteSession(f, &at))
	}
	p.noteMethodNames(s, first, last)
	p.Downloads.remember(s.Downloads, uint32(last/1000))
	p.Reads.remember(s.Reads, uint32(last/1000))
	p.noteCalls(s)
	p.noteMethods(s)
	for m := range MetricCount {
		if m.moves(s) {
			p.peaks.note(m, uint32(last/dayMS), m.Value(p, EndMS(s)))
		}
	}
}

// noteDay counts the day of lastMS, once, whatever the order in which days come. What comes when the newest day is 64
// days on or more counts no more.
func (p *Profile) noteDay(lastMS int64) {
	ahead := lastMS/dayMS - p.LastMS/dayMS
	p.RecentDays <<= max(0, ahead)
	if bit := uint64(1) << max(0, -ahead); bit != 0 && p.RecentDays&bit == 0 {
		p.RecentDays |= bit
		p.ActiveDays++
	}
}

// spanMS is the time of the slice's first and last event.
func spanMS(s *aerv1.Slice) (first, last int64) {
	first, last = s.WindowStartMs, s.WindowStartMs
	if len(s.Refs) > 0 {
		first = s.Refs[0].TimeMs
	}
	if s.Last != nil {
		last = s.Last.TimeMs
	}
	return first, last
}

// EndMS is the end of the slice's window, Unix milliseconds.
func EndMS(s *aerv1.Slice) int64 { return s.WindowStartMs + int64(s.WindowMs) }

// Interactive says whether a class of client is one that a person sits in front of.
func Interactive(class string) bool {
	switch class {
	case aerv1.ClassOfficial, aerv1.ClassBrowser, aerv1.ClassMobileApp:
		return true
	}
	return false
}
