// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// IdleMS is how long after the last event a profile is forgotten: as long as a peak counts as habit.
const IdleMS = int64(peakMemoryDays) * dayMS

// Shard holds the profiles of all users of a shard. It is exactly its snapshot plus the batches applied after it, in
// order; nothing else changes it.
type Shard struct {
	table     table
	appliedMS int64
}

// NewShard is a shard that has seen nothing.
func NewShard() *Shard { return &Shard{table: newTable()} }

// Judge is called for each slice after it was recorded, with the profile of whoever acted: the person or the app. For
// refused attempts that is the person's, in which they are context only. late says that the profile already held a
// later window: what is found in the slice is found with what came after it known.
type Judge func(p *Profile, s *aerv1.Slice, late bool)

// Apply records a batch and has each of its slices judged. judge may be nil.
func (sh *Shard) Apply(b *aerv1.Batch, judge Judge) {
	var ahead fetched
	for i, s := range b.Slices {
		if i%fetchedAtOnce == 0 {
			ahead = sh.fetch(b.Slices[i:min(i+fetchedAtOnce, len(b.Slices))])
		}
		p := sh.profile(s, ahead[i%fetchedAtOnce])
		late := p.LastMS >= EndMS(s)
		if s.ActorKind == aerv1.ActorAttempt {
			p.noteAttempt(s)
		} else {
			Apply(p, s)
		}
		if judge != nil {
			judge(p, s, late)
		}
	}
	sh.appliedMS = max(sh.appliedMS, b.WindowEndMs)
}

// profile is the profile that the slice is recorded in. One that was idle for too long by the time of the shard is
// begun anew, here and not only in Expire, so that the result does not depend on when Expire is called: neither a slice
// that comes very late nor an attempt finds what Expire would have forgotten. It stays where it is in memory, because
// it may have been fetched for a later slice too. p is what was fetched for this one, nil if there was nothing then.
func (sh *Shard) profile(s *aerv1.Slice, p *Profile) *Profile {
	if p == nil {
		p = sh.table.find(profileOf(s))
	}
	nowMS := max(sh.appliedMS, s.WindowStartMs)
	switch {
	case p == nil:
		p = anew(profileOf(s), nil, nowMS)
		sh.table.put(p)
	case idle(p, nowMS):
		next := p.next
		*p = *anew(profileOf(s), p, nowMS)
		p.next = next
	}
	return p
}

// profileOf is whose profile a slice is recorded in: attempts are, in that of the person.
func profileOf(s *aerv1.Slice) aerv1.Principal {
	who := aerv1.PrincipalOf(s)
	if who.ActorKind == aerv1.ActorAttempt {
		who.ActorKind = ""
	}
	return who
}

// anew is a profile that knows nothing but the attempts of late under the name, as old remembers them.
func anew(who aerv1.Principal, old *Profile, nowMS int64) *Profile {
	p := New(who.OrgID, who.UserID)
	p.ActorKind, p.AppID = intern(who.ActorKind), strings.Clone(who.AppID)
	if old != nil && attempted(old, nowMS) {
		p.Attempts = old.Attempts
	}
	return p
}

// Len is the number of profiles held.
func (sh *Shard) Len() int { return sh.table.n }

// AppliedMS is the end of the latest window applied, Unix milliseconds.
func (sh *Shard) AppliedMS() int64 { return sh.appliedMS }

// Expire forgets the profiles without an event in the IdleMS before nowMS (event time, at most AppliedMS) and reports
// how many. Attempts that may still be told of stay.
func (sh *Shard) Expire(nowMS int64) int {
	n := 0
	for _, p := range slices.Collect(sh.table.all()) {
		switch {
		case !idle(p, nowMS):
		case attempted(p, nowMS):
			sh.table.put(anew(aerv1.PrincipalOf(p), p, nowMS))
		default:
			sh.table.remove(aerv1.PrincipalOf(p))
			n++
		}
	}
	return n
}

func idle(p *Profile, nowMS int64) bool { return p.LastMS+IdleMS < nowMS }
