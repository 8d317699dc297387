package decision

import (
	"cmp"
	"maps"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// shared is what a stream keeps of one organisation for the common cause.
type shared struct {
	state aerv1.CommonState
	held  []Held
}

// askCommon passes a pair through the stage of its organisation.
func (s *Stream) askCommon(d Decided) []Decided {
	if !AsksCommon(d) {
		return []Decided{d}
	}
	o := s.common[d.Decision.GetOrgId()]
	if o == nil {
		o = &shared{}
		s.common[d.Decision.GetOrgId()] = o
	}
	h := Hold(d)
	return s.take(o, append(o.held, h), h.DueMS)
}

func (s *Stream) take(o *shared, held []Held, untilMS int64) (out []Decided) {
	out, o.held = Common{}.Take(&o.state, held, untilMS)
	for _, h := range o.held {
		if s.waitMS == 0 || h.DueMS < s.waitMS {
			s.waitMS = h.DueMS
		}
	}
	return out
}

// endWaiting returns what waited for company until an event time, Unix milliseconds.
func (s *Stream) endWaiting(untilMS int64) (out []Decided) {
	if s.waitMS == 0 || s.waitMS > untilMS {
		return nil
	}
	s.waitMS = 0
	for _, org := range slices.Sorted(maps.Keys(s.common)) {
		o := s.common[org]
		out = append(out, s.take(o, o.held, untilMS)...)
	}
	return out
}

// Flush returns all that still waits, when no more findings come.
func (s *Stream) Flush() []Decided {
	const forever = int64(1) << 60
	out := s.endWaiting(forever)
	slices.SortStableFunc(out, CompareDecided)
	return out
}

// sweepCommon drops what has expired; now in Unix milliseconds.
func (s *Stream) sweepCommon(nowMS int64) {
	maps.DeleteFunc(s.common, func(_ string, o *shared) bool {
		return len(o.held) == 0 && cmp.Compare(nowMS, CommonExpiresAt(&o.state).UnixMilli()) >= 0
	})
}
