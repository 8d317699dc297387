// SPDX-License-Identifier: Apache-2.0

// Package ledger is the durable record of which steps of responses are done, so that none is done twice and none is
// lost, on any store of package kv.
//
// It also keeps which responses are open, so that nobody has to look through all history for what is left over.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Lease is how long a claim holds without a result before another may take it. It must exceed the longest single
// attempt (10 s in package response) by enough for a stalled process to notice; a restart on the same file does not
// wait for it.
const Lease = 2 * time.Minute

// State is where a step stands.
type State string

// States of a step. Done and failed are final.
const (
	// StateClaimed: somebody is on it. From Begin: the caller is.
	StateClaimed State = "claimed"
	// StateBusy: from Begin only: somebody else is on it.
	StateBusy State = "busy"
	// StatePending: tried, and to be tried again.
	StatePending State = "pending"
	StateDone    State = "done"
	StateFailed  State = "failed"
)

// Key names one step of one response of one organisation.
type Key struct {
	OrgID aerv1.OrgID `json:"org_id"`
	// ResponseID is the id of the decision that the response carries out.
	ResponseID aerv1.DecisionID `json:"response_id"`
	Kind       string           `json:"kind"`
	Target     string           `json:"target,omitempty"`
	Channel    string           `json:"channel,omitempty"`
}

// ID is the key as one short opaque word, the same for ever: what outside systems get as idempotency key.
func (k Key) ID() string {
	return aerv1.NewID("step", string(k.OrgID), string(k.ResponseID), k.Kind, k.Target, k.Channel)
}

// String renders the key for messages; ids are quoted because they are untrusted.
func (k Key) String() string {
	s := fmt.Sprintf("%s of response %q of %q", k.Kind, k.ResponseID, k.OrgID)
	if k.Target != "" {
		s += fmt.Sprintf(" to %q", k.Target)
	}
	if k.Channel != "" {
		s += " by " + strings.ToValidUTF8(k.Channel, "?")
	}
	return s
}

// Entry is what the ledger knows of a step.
type Entry struct {
	Key   Key   `json:"key"`
	State State `json:"state"`
	// How many times it was claimed.
	Attempts int `json:"attempts"`
	// When it was claimed first and last, and when it got its final state.
	FirstAt   time.Time `json:"first_at"`
	ClaimedAt time.Time `json:"claimed_at"`
	DoneAt    time.Time `json:"done_at,omitzero"`
	// What the step gave, for whoever resumes after it.
	Result string `json:"result,omitempty"`
	// Why it failed, last time or for good.
	Detail string `json:"detail,omitempty"`
	Epoch  uint64 `json:"epoch"`
}

// Ledger is the durable record of which steps are done, so that none is done twice and none is lost.
//
// A crash between doing a step and Done leaves it claimed: it is claimed again, with the same key, after a restart or
// when the lease is over. What is behind the step must therefore accept its key twice, or be safe to do twice.
type Ledger interface {
	// Begin claims a step: StateClaimed means the caller must do it and then call Done, Failed or Release; any other
	// state, that it must not.
	Begin(ctx context.Context, k Key, now time.Time) (Entry, error)
	// Done and Failed make a begun step final and return it as stored: the first final state stays.
	Done(ctx context.Context, k Key, now time.Time, result string) (Entry, error)
	Failed(ctx context.Context, k Key, now time.Time, detail string) (Entry, error)
	// Release gives a claim back, to be tried again. It does nothing if the claim has passed to somebody else.
	Release(ctx context.Context, held Entry, detail string) error
	// Rearm makes a step that failed for good pending again, because a person says so, and returns it as stored. A step in
	// any other state stays as it is.
	Rearm(ctx context.Context, k Key, detail string) (Entry, error)
	// Get returns a step as it stands, or ErrNotFound.
	Get(ctx context.Context, k Key) (Entry, error)
	// List returns the steps of an organisation ("" = of all) and, if not "", of one response, by first claim and key.
	List(ctx context.Context, org aerv1.OrgID, response aerv1.DecisionID) ([]Entry, error)
	// Open returns the responses that are open, oldest first.
	Open(ctx context.Context) ([]Ref, error)
}

// New returns the ledger of a store.
func New(db kv.Store) Ledger { return table{db} }

// bucket has an Entry by the parts of its Key.
const bucket = "ledger"

type table struct{ db kv.Store }

func (l table) Begin(ctx context.Context, k Key, now time.Time) (Entry, error) {
	if err := k.check(); err != nil {
		return Entry{}, fmt.Errorf("beginning %s: %w", k, err)
	}
	// Looking first spares the store a synced write when there is nothing to claim.
	e, err := l.Get(ctx, k)
	if err == nil && l.settled(&e, now) {
		return e, nil
	}
	e, err = kv.Write(ctx, l.db, func(t kv.Tx) (Entry, error) {
		e, err := load(t, k)
		if errors.Is(err, kv.ErrNotFound) {
			e, err = Entry{Key: k, FirstAt: kv.Stamp(now)}, nil
		}
		if err != nil || l.settled(&e, now) {
			return e, err
		}
		e.State, e.ClaimedAt, e.Epoch = StateClaimed, kv.Stamp(now), l.db.Epoch()
		e.Attempts++
		return e, save(t, e)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("beginning %s: %w", k, err)
	}
	return e, nil
}

// settled says that e cannot be claimed, and marks it busy if that is why.
func (l table) settled(e *Entry, now time.Time) bool {
	switch {
	case e.final():
		return true
	case e.State == StateClaimed && Held(l.db, e.Epoch, e.ClaimedAt, now):
		e.State = StateBusy
		return true
	}
	return false
}

// Held says that a claim of this epoch and time holds: its process is not known to be gone, and its lease is not over.
func Held(db kv.Store, epoch uint64, claimed, now time.Time) bool {
	return epoch == db.Epoch() && now.Sub(claimed) < Lease
}

func (e Entry) final() bool { return e.State == StateDone || e.State == StateFailed }

func (l table) Done(ctx context.Context, k Key, now time.Time, result string) (Entry, error) {
	e, err := l.change(ctx, k, func(e *Entry) bool {
		if e.final() {
			return false
		}
		e.State, e.DoneAt, e.Result, e.Detail = StateDone, kv.Stamp(now), result, ""
		return true
	})
	if err != nil {
		return Entry{}, fmt.Errorf("recording that %s is done: %w", k, err)
	}
	return e, nil
}

func (l table) Failed(ctx context.Context, k Key, now time.Time, detail string) (Entry, error) {
	e, err := l.change(ctx, k, func(e *Entry) bool {
		if e.final() {
			return false
		}
		e.State, e.DoneAt, e.Detail = StateFailed, kv.Stamp(now), detail
		return true
	})
	if err != nil {
		return Entry{}, fmt.Errorf("recording that %s failed: %w", k, err)
	}
	return e, nil
}

func (l table) Release(ctx context.Context, held Entry, detail string) error {
	_, err := l.change(ctx, held.Key, func(e *Entry) bool {
		if e.State != StateClaimed || e.Attempts != held.Attempts {
			return false
		}
		e.State, e.Detail = StatePending, detail
		return true
	})
	if err != nil {
		return fmt.Errorf("releasing %s: %w", held.Key, err)
	}
	return nil
}

func (l table) Rearm(ctx context.Context, k Key, detail string) (Entry, error) {
	e, err := l.change(ctx, k, func(e *Entry) bool {
		if e.State != StateFailed {
			return false
		}
		e.State, e.DoneAt, e.Detail = StatePending, time.Time{}, detail
		return true
	})
	if err != nil {
		return Entry{}, fmt.Errorf("re-arming %s: %w", k, err)
	}
	return e, nil
}

// change changes an entry that is there, unless set says that it stays as it is.
func (l table) change(ctx context.Context, k Key, set func(*Entry) bool) (Entry, error) {
	return kv.Write(ctx, l.db, func(t kv.Tx) (Entry, error) {
		e, err := load(t, k)
		if err != nil || !set(&e) {
			return e, err
		}
		err = save(t, e)
		if k := e.Key.Kind; err == nil && (k == KindOpen || k == KindRetry || k == KindClose) {
			err = index(t, e.Key.ref())
		}
		return e, err
	})
}

func (l table) Get(ctx context.Context, k Key) (Entry, error) {
	e, err := kv.Read(ctx, l.db, func(t kv.Tx) (Entry, error) { return load(t, k) })
	if err != nil {
		return Entry{}, fmt.Errorf("looking up %s: %w", k, err)
	}
	return e, nil
}

func (k Key) check() error {
	return errors.Join(kv.CheckID("org_id", k.OrgID), kv.CheckID("response_id", k.ResponseID), kv.CheckID("kind", k.Kind))
}

func (k Key) encode() []byte {
	return kv.Key(string(k.OrgID), string(k.ResponseID), k.Kind, k.Target, k.Channel)
}

func load(t kv.Tx, k Key) (Entry, error) { return kv.Load[Entry](t, bucket, k.encode()) }

func save(t kv.Tx, e Entry) error { return kv.Save(t, bucket, e.Key.encode(), e) }
