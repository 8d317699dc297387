// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	"errors"
	"hash/fnv"
	"log/slog"
	"strconv"
	"time"

	"github.com/aer-project/aer/transforms/enrich/asn"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

// refreshState is the timetable of one Enricher.
type refreshState struct {
	// last is the time of the last attempt, next the time before which Refresh does nothing.
	last, next time.Time
	attempts   uint64
	// failures counts failed attempts since the last good one.
	failures int
	err      error
}

// Refresh reads the files that changed, if it is time to: RefreshEvery after the last attempt, less jitter, or
// RetryEvery after a failure. Calls in between cost a lock and a comparison. On an error the last good content of the
// file in question stays in use and the others are refreshed all the same; changed says whether any was.
func (e *Enricher) Refresh(now time.Time) (changed bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now.Before(e.refresh.next) {
		return false, nil
	}
	changed, err = e.load(now)
	r := &e.refresh
	r.attempts++
	r.last = now
	if err != nil {
		r.next = now.Add(e.config.RetryEvery)
		return changed, err
	}
	r.next = now.Add(e.config.RefreshEvery - jitter(e.config, r.attempts))
	return changed, nil
}

// load reads what changed and keeps the books about failures. The caller holds the lock or is New.
func (e *Enricher) load(now time.Time) (changed bool, err error) {
	var errs []error
	for _, l := range e.lists {
		c, err := l.Load(now)
		if c {
			tell(l.Status(now).Warnings())
		}
		changed = changed || c
		errs = append(errs, err)
	}
	c, err := e.resolver.Load()
	if c {
		tell(e.hostingWarnings())
	}
	changed = changed || c
	err = errors.Join(append(errs, err)...)
	e.refresh.err = err
	if e.refresh.failures++; err == nil {
		e.refresh.failures = 0
	}
	return changed, err
}

// tell logs what was left out of a list, once for each reading.
func tell(warnings []string) {
	for _, w := range warnings {
		slog.Warn("a list has bad lines", "line", w)
	}
}

func (e *Enricher) hostingWarnings() []string {
	return e.resolver.Status().HostingProblems.Warnings(e.config.Network.HostingFile)
}

// jitter is how much earlier than RefreshEvery the refresh after the given attempt comes. It is a hash of worker and
// attempt, so that workers started together part, and a run can be repeated.
func jitter(c Config, attempt uint64) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.WorkerID + "\x00" + strconv.FormatUint(attempt, 10)))
	share := float64(mix(h.Sum64())>>11) / (1 << 53)
	return time.Duration(share * c.RefreshJitter * float64(c.RefreshEvery))
}

// mix is the finaliser of SplitMix64 (Steele et al. 2014): FNV's high bits hardly change with the last byte.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Status is what operators and metrics need to know.
type Status struct {
	Tor []tor.Status
	// TorStale is the alarm: lists are configured and none of them is fresh enough to act on.
	TorStale bool
	// TorUnknown counts the events since the start that no list could judge.
	TorUnknown uint64
	Network    asn.Status
	// LastRefresh and NextRefresh are zero before the first Refresh.
	LastRefresh, NextRefresh time.Time
	// Warnings are the lines of lists in use that were left out, and what is wrong with them.
	Warnings []string
	// Failures counts failed refreshes since the last good one; Err is the last failure.
	Failures int
	Err      error
	// CachedClients and CachedNetworks are sizes of the caches.
	CachedClients, CachedNetworks int
}

// Status reports ages and counts, with staleness judged at now.
func (e *Enricher) Status(now time.Time) Status {
	e.mu.Lock()
	r := e.refresh
	e.mu.Unlock()
	s := Status{
		TorStale: len(e.lists) > 0, TorUnknown: e.torUnknown.Load(), Network: e.resolver.Status(),
		LastRefresh: r.last, NextRefresh: r.next, Failures: r.failures, Err: r.err,
		CachedClients: e.clients.Len(), CachedNetworks: e.networks.Len(),
	}
	for _, l := range e.lists {
		status := l.Status(now)
		s.TorStale = s.TorStale && status.Stale
		s.Tor = append(s.Tor, status)
		s.Warnings = append(s.Warnings, status.Warnings()...)
	}
	s.Warnings = append(s.Warnings, e.hostingWarnings()...)
	return s
}
