// SPDX-License-Identifier: Apache-2.0

package sessions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Session is one signed-in session of one user.
type Session struct {
	OrgID     aerv1.OrgID     `json:"org_id"`
	UserID    aerv1.UserID    `json:"user_id"`
	SessionID aerv1.SessionID `json:"session_id"`
	StartedAt time.Time       `json:"started_at"`
	// Zero while the session is alive.
	EndedAt time.Time `json:"ended_at,omitzero"`
	// The key of the call that ended it.
	EndedBy string `json:"ended_by,omitempty"`
}

// EndRequest asks to end sessions of one user. Key makes it idempotent.
type EndRequest struct {
	Key    string
	OrgID  aerv1.OrgID
	UserID aerv1.UserID
	// Empty means every session that is alive.
	SessionIDs []string
	At         time.Time
}

// The buckets: a Session by organisation, user and id, and what a call ended by organisation, user and key.
const (
	bucketSessions = "sessions"
	bucketEnds     = "session_ends"
)

// Table is the embedded twin of a platform's session store, on any store of package kv.
type Table struct{ db kv.Store }

// NewTable returns the session table of a store.
func NewTable(db kv.Store) Table { return Table{db} }

// Start adds sessions. One that exists already, alive or ended, stays as it is.
func (t Table) Start(ctx context.Context, sessions ...Session) error {
	err := t.db.Update(ctx, func(tx kv.Tx) error {
		for _, s := range sessions {
			if err := start(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("starting sessions: %w", err)
	}
	return nil
}

func start(tx kv.Tx, s Session) error {
	err := errors.Join(kv.CheckID("org_id", s.OrgID), kv.CheckID("user_id", s.UserID),
		kv.CheckID("session_id", s.SessionID))
	if err != nil {
		return err
	}
	if tx.Get(bucketSessions, s.key()) != nil {
		return nil
	}
	s.StartedAt, s.EndedAt = kv.Stamp(s.StartedAt), kv.Stamp(s.EndedAt)
	return kv.Save(tx, bucketSessions, s.key(), s)
}

// List returns the sessions of a user, by start and id.
func (t Table) List(ctx context.Context, org aerv1.OrgID, user aerv1.UserID) ([]Session, error) {
	all, err := kv.Read(ctx, t.db, func(tx kv.Tx) ([]Session, error) { return list(tx, org, user) })
	if err != nil {
		return nil, fmt.Errorf("listing sessions of %q in %q: %w", user, org, err)
	}
	slices.SortFunc(all, func(a, b Session) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.SessionID, b.SessionID))
	})
	return all, nil
}

// End ends sessions once per key: later calls with the key change nothing and return the first result.
func (t Table) End(ctx context.Context, r EndRequest) (Result, error) {
	res, err := kv.Write(ctx, t.db, func(tx kv.Tx) (Result, error) { return end(tx, r) })
	if err != nil {
		return Result{}, fmt.Errorf("ending sessions of %q in %q: %w", r.UserID, r.OrgID, err)
	}
	return res, nil
}

// end ends sessions and notes the result under the request's key in one transaction: one cannot happen without the
// other.
func end(tx kv.Tx, r EndRequest) (res Result, err error) {
	err = errors.Join(kv.CheckID("key", r.Key), kv.CheckID("org_id", r.OrgID), kv.CheckID("user_id", r.UserID))
	if err != nil {
		return res, err
	}
	k := kv.Key(string(r.OrgID), string(r.UserID), r.Key)
	if raw := tx.Get(bucketEnds, k); raw != nil {
		e, err := decodeEnded(raw)
		return Result{Ended: e.Sessions, Already: true}, err
	}
	all, err := list(tx, r.OrgID, r.UserID)
	if err != nil {
		return res, err
	}
	for _, s := range all {
		if !s.EndedAt.IsZero() || len(r.SessionIDs) > 0 && !slices.Contains(r.SessionIDs, string(s.SessionID)) {
			continue
		}
		s.EndedAt, s.EndedBy = kv.Stamp(r.At), r.Key
		if err := kv.Save(tx, bucketSessions, s.key(), s); err != nil {
			return res, err
		}
		res.Ended++
	}
	return res, kv.Save(tx, bucketEnds, k, ended{res.Ended, kv.Stamp(r.At)})
}

// ended is how many sessions a call ended, and when.
type ended struct {
	Sessions int       `json:"sessions"`
	At       time.Time `json:"at,omitzero"`
}

// decodeEnded also reads a number alone, which earlier versions wrote.
func decodeEnded(raw []byte) (e ended, err error) {
	if json.Unmarshal(raw, &e.Sessions) == nil {
		return e, nil
	}
	err = json.Unmarshal(raw, &e)
	return e, err
}

func (s Session) key() []byte { return kv.Key(string(s.OrgID), string(s.UserID), string(s.SessionID)) }

func list(tx kv.Tx, org aerv1.OrgID, user aerv1.UserID) (all []Session, err error) {
	err = tx.Scan(bucketSessions, kv.Of(string(org), string(user)), func(_, v []byte) error {
		var s Session
		err := json.Unmarshal(v, &s)
		all = append(all, s)
		return err
	})
	return all, err
}
