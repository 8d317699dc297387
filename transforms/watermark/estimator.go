// SPDX-License-Identifier: Apache-2.0

package watermark

import "slices"

// recentMax is how many records of a stream of few users are looked at. Half of them must have passed a time before it
// is believed, so that it takes hundreds of records of a broken clock, in a row, to move it. A start value.
const recentMax = 1024

// Estimator follows a stream that does not say when its records were published, as files do not. Where too few users
// for a quorum take part, the median of the recent records stands in for it, so that a long file of one user does not
// stay in memory as a whole. The zero value is ready to use.
type Estimator struct {
	Witnesses
	recent []witness // a ring, once it is full
	next   int
	// medianMS is that of the recent records when they were last looked at, if they were of too few users.
	medianMS int64
	few      bool
}

// Observe takes in that a user did something at ms (Unix milliseconds).
func (e *Estimator) Observe(user uint64, ms int64) {
	e.Witnesses.Observe(user, ms)
	if len(e.recent) < recentMax {
		e.recent = append(e.recent, witness{user, ms})
	} else {
		e.recent[e.next] = witness{user, ms}
	}
	if e.next = (e.next + 1) % recentMax; e.next%(recentMax/4) == 0 && len(e.recent) == recentMax {
		e.lookBack()
	}
}

// NowMS is how far time has come, Unix milliseconds; ok is false if nothing can be said yet. It never goes back.
func (e *Estimator) NowMS() (ms int64, ok bool) {
	ms, ok = e.Witnesses.NowMS()
	if e.few && (!ok || e.medianMS > ms) {
		return e.medianMS, true
	}
	return ms, ok
}

// lookBack takes the median of the recent records if they are of fewer users than a quorum.
func (e *Estimator) lookBack() {
	users := make([]uint64, 0, e.quorum())
	for _, r := range e.recent {
		if !slices.Contains(users, r.user) {
			if users = append(users, r.user); len(users) == e.quorum() {
				return
			}
		}
	}
	times := make([]int64, len(e.recent))
	for i, r := range e.recent {
		times[i] = r.ms
	}
	slices.Sort(times)
	if m := times[len(times)/2]; !e.few || m > e.medianMS {
		e.medianMS, e.few = m, true
	}
}
