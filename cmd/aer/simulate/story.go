// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Result is a simulated world. Events are in order of time.
type Result struct {
	Events      []*aerv1.Event
	Incidents   []evaluate.Incident
	Tor         []TorInterval
	Directories []*aerv1.Directory
	// Excluded are spans that are not scored either way.
	Excluded []evaluate.Span
	// Settings is what the organisations have chosen, as an operator would write it.
	Settings []byte
	LastDay  time.Time
	// Thief holds the ids of the events that somebody other than the account's owner made.
	Thief map[string]bool
}

// TorInterval is a time during which an address was listed as a Tor exit.
type TorInterval struct {
	Address     string
	From, Until time.Time
}

// story gathers what a plot makes: events, and the incidents that they belong to.
type story struct {
	seed      uint64
	events    []made
	incidents []*evaluate.Incident
	tor       []TorInterval
	// recording is the incident whose events are being made, or nil.
	recording *evaluate.Incident
}

// made is an event, and whether a thief made it.
type made struct {
	*aerv1.Event
	thief bool
}

// random returns a generator that depends on the seed and a label only, so that a new kind of attack changes nothing
// else.
func (s *story) random(label string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(label))
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// add adds an event, which belongs to the incident that is being recorded.
func (s *story) add(e *aerv1.Event, thief bool) {
	s.events = append(s.events, made{e, thief})
	i := s.recording
	if i == nil {
		return
	}
	at := e.GetTime().AsTime()
	if i.Events == 0 || at.Before(i.Start) {
		i.Start = at
	}
	if at.After(i.End) {
		i.End = at
	}
	i.Events++
	if id := e.GetSessionId(); id != "" && !slices.Contains(i.Sessions, id) {
		i.Sessions = append(i.Sessions, id)
	}
}

// unrecorded makes events that belong to no incident.
func (s *story) unrecorded(do func()) {
	kept := s.recording
	s.recording = nil
	do()
	s.recording = kept
}

// record labels what do makes for p. Expected is empty for a look-alike.
func (s *story) record(i evaluate.Incident, p *person, do func()) {
	i.OrgID, i.UserID = p.org.id, p.id
	i.Anomalous, i.Expected = len(i.Expected) > 0, append([]string{}, i.Expected...)
	kept := s.recording
	s.recording = &i
	do()
	s.recording = kept
	s.incidents = append(s.incidents, &i)
}

// sort puts events in order of time. Those of one time are in the order of users, and as they were made.
func (s *story) sort() {
	slices.SortStableFunc(s.events, func(a, b made) int {
		if c := a.GetTime().AsTime().Compare(b.GetTime().AsTime()); c != 0 {
			return c
		}
		return strings.Compare(a.GetUserId(), b.GetUserId())
	})
}

// pick returns n different members of all.
func pick[T any](r *rand.Rand, all []T, n int) []T {
	picked := make([]T, 0, n)
	for _, i := range r.Perm(len(all))[:min(n, len(all))] {
		picked = append(picked, all[i])
	}
	return picked
}

// minutes is a time of up to n minutes.
func minutes(r *rand.Rand, n float64) time.Duration {
	return time.Duration(r.Float64() * n * float64(time.Minute))
}

// pause is a human gap between two actions: log-normal, median 12 s, long tail, as in measured web sessions.
func pause(r *rand.Rand) time.Duration {
	return time.Duration(min(12*math.Exp(1.1*r.NormFloat64()), 400) * float64(time.Second))
}
