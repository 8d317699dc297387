package simulate

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Story gathers what a plot makes: events, and the incidents that they belong to.
type Story struct {
	Seed      uint64
	Events    []Made
	Incidents []*evaluate.Incident
	Tor       []TorInterval
	// recording is the incident whose events are being made, or nil.
	recording *evaluate.Incident
}

// Made is an event, and whether a thief made it.
type Made struct {
	*aerv1.Event
	Thief bool
}

// Random returns a generator that depends on the seed and a label only, so that a new kind of attack changes nothing else.
func (s *Story) Random(label string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(label))
	return rand.New(rand.NewPCG(s.Seed, h.Sum64()))
}

// Add adds an event, which belongs to the incident that is being recorded.
func (s *Story) Add(e *aerv1.Event, thief bool) {
	s.Events = append(s.Events, Made{e, thief})
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

// Unrecorded makes events that belong to no incident.
func (s *Story) Unrecorded(do func()) {
	kept := s.recording
	s.recording = nil
	do()
	s.recording = kept
}

// Record labels what do makes. Expected is empty for a look-alike.
func (s *Story) Record(i evaluate.Incident, do func()) {
	i.Anomalous, i.Expected = len(i.Expected) > 0, append([]string{}, i.Expected...)
	kept := s.recording
	s.recording = &i
	do()
	s.recording = kept
	s.Incidents = append(s.Incidents, &i)
}

// Sort puts events in order of time. Those of one time are in the order of users, and as they were made.
func (s *Story) Sort() {
	slices.SortStableFunc(s.Events, func(a, b Made) int {
		if c := a.GetTime().AsTime().Compare(b.GetTime().AsTime()); c != 0 {
			return c
		}
		return strings.Compare(a.GetUserId(), b.GetUserId())
	})
}

// Result numbers sorted events, after idFormat, and incidents by their kind.
func (s *Story) Result(idFormat string) *Result {
	slices.SortStableFunc(s.Incidents, func(a, b *evaluate.Incident) int { return a.Start.Compare(b.Start) })
	r := &Result{Tor: s.Tor, Thief: map[string]bool{}}
	n := map[string]int{}
	for _, i := range s.Incidents {
		n[i.Kind]++
		i.ID = fmt.Sprintf("%s-%d", i.Kind, n[i.Kind])
		r.Incidents = append(r.Incidents, *i)
	}
	for i, e := range s.Events {
		e.Id = fmt.Sprintf(idFormat, i+1)
		r.Events = append(r.Events, e.Event)
		if e.Thief {
			r.Thief[e.Id] = true
		}
	}
	return r
}

// Pick returns n different members of all.
func Pick[T any](r *rand.Rand, all []T, n int) []T {
	picked := make([]T, 0, n)
	for _, i := range r.Perm(len(all))[:min(n, len(all))] {
		picked = append(picked, all[i])
	}
	return picked
}

// Minutes is a time of up to n minutes.
func Minutes(r *rand.Rand, n float64) time.Duration {
	return time.Duration(r.Float64() * n * float64(time.Minute))
}

// Pause is a human gap between two actions: log-normal, median 12 s, long tail, as in measured web sessions.
func Pause(r *rand.Rand) time.Duration {
	return time.Duration(min(12*math.Exp(1.1*r.NormFloat64()), 400) * float64(time.Second))
}
