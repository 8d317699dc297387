// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/aer-project/aer/transforms/lists"
)

// Limits of a List.
const (
	// DefaultStaleAfter is the age at which a snapshot no longer justifies ending sessions.
	DefaultStaleAfter = 6 * time.Hour
	// defaultRetention is how long snapshots of the past are remembered: longer than events are late, short enough that
	// memory does not grow with the age of the process (about 1,350 exits at a time).
	defaultRetention = 14 * 24 * time.Hour
	// cutOffAddresses is from what size on a snapshot of less than half of the one before is refused: of about 1,350 exits
	// a few dozen change in an hour. A start value.
	cutOffAddresses = 100
)

// Source says where a list is and how to read it.
type Source struct {
	// Path of the file, plain or gzip-compressed.
	Path string `yaml:"path"`
	// Format; empty means by content.
	Format Format `yaml:"format"`
}

// Options of a List; the zero value of each field means its default.
type Options struct {
	Grace, StaleAfter, Retention time.Duration
}

// List keeps the exits of one file: each reading of a snapshot is added to those before, so that an address listed now
// and an hour ago was listed in between, and one that is gone keeps its interval. Safe for concurrent use: lookups
// never wait.
type List struct {
	source Source
	opts   Options
	state  atomic.Pointer[state]
}

// state is one immutable version of what is known.
type state struct {
	set *Set
	// file identity at the last good reading, to skip unchanged files.
	size  int64
	mtime time.Time
	// asOf and coveredFrom bound the time about which the list says something.
	asOf, coveredFrom time.Time
	format            Format
	// addresses are those of the newest snapshot alone, problems the lines that were left out of it.
	addresses int
	problems  lists.Problems
}

// NewList makes an empty List; Load fills it.
func NewList(source Source, opts Options) *List {
	l := &List{source: source, opts: Options{
		Grace: cmp.Or(opts.Grace, DefaultGrace), StaleAfter: cmp.Or(opts.StaleAfter, DefaultStaleAfter),
		Retention: cmp.Or(opts.Retention, defaultRetention),
	}}
	l.state.Store(&state{})
	return l
}

// Load reads the file if it changed since the last good reading, and says whether it did. On any error what was known
// before stays. A snapshot that claims to be from after now is taken as of now, so that a wrong clock cannot make a
// list fresh for ever; a zero now means unknown. One goroutine at a time may call Load.
func (l *List) Load(now time.Time) (changed bool, err error) {
	f, err := os.Open(l.source.Path)
	if err != nil {
		return false, fmt.Errorf("opening Tor exit list: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("opening Tor exit list: %w", err)
	}
	old := l.state.Load()
	if old.set != nil && info.Size() == old.size && info.ModTime().Equal(old.mtime) {
		if old.asOf.After(now) && !now.IsZero() && old.format != FormatTSV {
			known := *old // The first reading did not know the time.
			known.asOf = now
			l.state.Store(&known)
		}
		return false, nil
	}
	listing, err := Parse(l.source.Path, f, l.source.Format, clamp(info.ModTime(), now))
	if err != nil {
		return false, fmt.Errorf("reading Tor exit list: %w", err)
	}
	next, err := l.merge(old, listing, now)
	if err != nil {
		return false, fmt.Errorf("reading Tor exit list: %s: %w", l.source.Path, err)
	}
	next.size, next.mtime = info.Size(), info.ModTime()
	l.state.Store(next)
	return true, nil
}

// merge returns old with listing added. A history replaces what was known, because it is complete in itself.
func (l *List) merge(old *state, listing *Listing, now time.Time) (*state, error) {
	next := &state{
		format: listing.Format, asOf: listing.AsOf, coveredFrom: listing.CoveredFrom,
		addresses: len(listing.Intervals), problems: listing.Problems,
	}
	intervals := listing.Intervals
	if listing.Snapshot() {
		next.asOf = clamp(listing.AsOf, now)
		if l.cutOff(old, next, now) {
			return nil, fmt.Errorf("it names %d addresses, and the reading before named %d: a part of it seems to be missing",
				next.addresses, old.addresses)
		}
		cut(intervals, next.asOf)
		intervals = l.addSnapshot(old, next, intervals)
	}
	set, err := NewSet(intervals, l.opts.Grace)
	if err != nil {
		return nil, err
	}
	next.set = set
	return next, nil
}

// cutOff says whether next is likely a truncated or a wrong file. A list that has gone stale is replaced by what there
// is.
func (l *List) cutOff(old, next *state, now time.Time) bool {
	return old.addresses >= cutOffAddresses && next.addresses < old.addresses/2 &&
		!now.After(old.asOf.Add(l.opts.StaleAfter))
}

// Listed is Set.Listed of what is known now.
func (l *List) Listed(addr netip.Addr, t time.Time) (until time.Time, ok bool) {
	return l.state.Load().set.Listed(addr, t)
}

// Stale says whether the list is too old, or too young, to judge what happened at t: nothing was ever read, t is more
// than StaleAfter after the newest snapshot (or the end of a history), or t is before what the list covers.
func (l *List) Stale(t time.Time) bool {
	s := l.state.Load()
	return s.set == nil || t.After(s.asOf.Add(l.opts.StaleAfter)) || t.Before(s.coveredFrom)
}

// Status describes a List to operators.
type Status struct {
	Path   string
	Format Format
	// AsOf is when the newest snapshot was taken, or the end of a history; zero if nothing was ever read.
	AsOf time.Time
	// CoveredFrom is the begin of the time that the list can judge.
	CoveredFrom          time.Time
	Addresses, Intervals int
	// Stale is Stale of the time given to Status.
	Stale bool
	// Problems are the lines that were left out at the last good reading.
	Problems lists.Problems
}

// Status reports what is known, with staleness judged at now.
func (l *List) Status(now time.Time) Status {
	s := l.state.Load()
	return Status{
		Path: l.source.Path, Format: s.format, AsOf: s.asOf, CoveredFrom: s.coveredFrom,
		Addresses: s.set.Addresses(), Intervals: s.set.Len(), Stale: l.Stale(now),
		Problems: s.problems,
	}
}

// Warnings are sentences about the lines that were left out.
func (s Status) Warnings() []string { return s.Problems.Warnings(s.Path) }

func clamp(t, now time.Time) time.Time {
	if !now.IsZero() && t.After(now) {
		return now
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
