package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// DefaultLease is how long a claim holds without a result before another may take it. It must exceed the longest single
// attempt (10 s in package response) by enough for a stalled process to notice; a restart on the same file does not wait for it.
const DefaultLease = 2 * time.Minute

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
	OrgID      string `json:"org_id"`
	ResponseID string `json:"response_id"`
	Kind       string `json:"kind"`
	Target     string `json:"target,omitempty"`
	Channel    string `json:"channel,omitempty"`
}

// ID is the key as one short opaque word, the same for ever: what outside systems get as idempotency key.
func (k Key) ID() string {
	return aerv1.NewID("step", k.OrgID, k.ResponseID, k.Kind, k.Target, k.Channel)
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
// A crash between doing a step and Done leaves it claimed: it is claimed again, with the same key, after a restart or when
// the lease is over. What is behind the step must therefore accept its key twice, or be safe to do twice.
type Ledger interface {
	// Begin claims a step: StateClaimed means the caller must do it and then call Done, Failed or Release; any other state,
	// that it must not.
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
	List(ctx context.Context, orgID, responseID string) ([]Entry, error)
}

type ledger struct {
	kv    engine
	epoch uint64
	lease time.Duration
}

func (l ledger) Begin(ctx context.Context, k Key, now time.Time) (Entry, error) {
	if err := k.check(); err != nil {
		return Entry{}, fmt.Errorf("beginning %s: %w", k, err)
	}
	// Looking first spares the engine a synced write when there is nothing to claim.
	e, err := l.Get(ctx, k)
	if err == nil && l.settled(&e, now) {
		return e, nil
	}
	err = l.kv.update(ctx, func(t tx) error {
		var err error
		if e, err = loadEntry(t, k); errors.Is(err, ErrNotFound) {
			e = Entry{Key: k, FirstAt: stamp(now)}
		} else if err != nil {
			return err
		}
		if l.settled(&e, now) {
			return nil
		}
		e.State, e.ClaimedAt, e.Epoch = StateClaimed, stamp(now), l.epoch
		e.Attempts++
		return saveEntry(t, e)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("beginning %s: %w", k, err)
	}
	return e, nil
}

// settled says that e cannot be claimed, and marks it busy if that is why.
func (l ledger) settled(e *Entry, now time.Time) bool {
	switch {
	case e.State == StateDone || e.State == StateFailed:
		return true
	case e.State == StateClaimed && e.Epoch == l.epoch && now.Sub(e.ClaimedAt) < l.lease:
		e.State = StateBusy
		return true
	}
	return false
}

func (l ledger) Done(ctx context.Context, k Key, now time.Time, result string) (Entry, error) {
	e, err := l.finish(ctx, k, func(e *Entry) {
		e.State, e.DoneAt, e.Result, e.Detail = StateDone, stamp(now), result, ""
	})
	if err != nil {
		return Entry{}, fmt.Errorf("recording that %s is done: %w", k, err)
	}
	return e, nil
}

func (l ledger) Failed(ctx context.Context, k Key, now time.Time, detail string) (Entry, error) {
	e, err := l.finish(ctx, k, func(e *Entry) {
		e.State, e.DoneAt, e.Detail = StateFailed, stamp(now), detail
	})
	if err != nil {
		return Entry{}, fmt.Errorf("recording that %s failed: %w", k, err)
	}
	return e, nil
}

func (l ledger) finish(ctx context.Context, k Key, set func(*Entry)) (e Entry, err error) {
	err = l.kv.update(ctx, func(t tx) error {
		if e, err = loadEntry(t, k); err != nil {
			return err
		}
		if e.State == StateDone || e.State == StateFailed {
			return nil
		}
		set(&e)
		return saveEntry(t, e)
	})
	return e, err
}

func (l ledger) Release(ctx context.Context, held Entry, detail string) error {
	err := l.kv.update(ctx, func(t tx) error {
		e, err := loadEntry(t, held.Key)
		if err != nil {
			return err
		}
		if e.State != StateClaimed || e.Attempts != held.Attempts {
			return nil
		}
		e.State, e.Detail = StatePending, detail
		return saveEntry(t, e)
	})
	if err != nil {
		return fmt.Errorf("releasing %s: %w", held.Key, err)
	}
	return nil
}

func (l ledger) Rearm(ctx context.Context, k Key, detail string) (e Entry, err error) {
	err = l.kv.update(ctx, func(t tx) error {
		if e, err = loadEntry(t, k); err != nil || e.State != StateFailed {
			return err
		}
		e.State, e.DoneAt, e.Detail = StatePending, time.Time{}, detail
		return saveEntry(t, e)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("re-arming %s: %w", k, err)
	}
	return e, nil
}

func (l ledger) Get(ctx context.Context, k Key) (e Entry, err error) {
	err = l.kv.view(ctx, func(t tx) error {
		e, err = loadEntry(t, k)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("looking up %s: %w", k, err)
	}
	return e, nil
}

func (k Key) check() error {
	return errors.Join(checkID("org_id", k.OrgID), checkID("response_id", k.ResponseID), checkID("kind", k.Kind))
}

func (k Key) encode() []byte { return key(k.OrgID, k.ResponseID, k.Kind, k.Target, k.Channel) }

// stamp cuts a time to what JSON keeps, so that an entry is the same before and after it was stored.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func loadEntry(t tx, k Key) (e Entry, err error) {
	v := t.get(bucketLedger, k.encode())
	if v == nil {
		return e, ErrNotFound
	}
	err = json.Unmarshal(v, &e)
	return e, err
}

func saveEntry(t tx, e Entry) error {
	v, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return t.put(bucketLedger, e.Key.encode(), v)
}
