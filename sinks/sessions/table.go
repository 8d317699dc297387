package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

type sessionTable struct{ kv engine }

func (t sessionTable) Start(ctx context.Context, sessions ...Session) error {
	err := t.kv.update(ctx, func(tr tx) error {
		for _, s := range sessions {
			if err := startSession(tr, s); err != nil {
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

func startSession(tr tx, s Session) error {
	err := errors.Join(checkID("org_id", s.OrgID), checkID("user_id", s.UserID), checkID("session_id", s.SessionID))
	if err != nil {
		return err
	}
	if tr.get(bucketSessions, s.key()) != nil {
		return nil
	}
	s.StartedAt, s.EndedAt = stamp(s.StartedAt), stamp(s.EndedAt)
	return putSession(tr, s)
}

func (t sessionTable) List(ctx context.Context, orgID, userID string) (all []Session, err error) {
	err = t.kv.view(ctx, func(tr tx) error {
		all, err = listSessions(tr, orgID, userID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing sessions of %q in %q: %w", userID, orgID, err)
	}
	slices.SortFunc(all, func(a, b Session) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.SessionID, b.SessionID))
	})
	return all, nil
}

func (t sessionTable) End(ctx context.Context, r EndRequest) (res EndResult, err error) {
	err = errors.Join(checkID("key", r.Key), checkID("org_id", r.OrgID), checkID("user_id", r.UserID))
	if err == nil {
		err = t.kv.update(ctx, func(tr tx) error {
			res, err = endSessions(tr, r)
			return err
		})
	}
	if err != nil {
		return EndResult{}, fmt.Errorf("ending sessions of %q in %q: %w", r.UserID, r.OrgID, err)
	}
	return res, nil
}

// endSessions ends and notes the result under the request's key in one transaction: one cannot happen without the other.
func endSessions(tr tx, r EndRequest) (EndResult, error) {
	var res EndResult
	k := key(r.OrgID, r.UserID, r.Key)
	if v := tr.get(bucketSessionEnds, k); v != nil {
		err := json.Unmarshal(v, &res.Ended)
		res.Already = true
		return res, err
	}
	all, err := listSessions(tr, r.OrgID, r.UserID)
	if err != nil {
		return res, err
	}
	for _, s := range all {
		if !s.EndedAt.IsZero() || len(r.SessionIDs) > 0 && !slices.Contains(r.SessionIDs, s.SessionID) {
			continue
		}
		s.EndedAt, s.EndedBy = stamp(r.At), r.Key
		if err := putSession(tr, s); err != nil {
			return res, err
		}
		res.Ended++
	}
	return res, tr.put(bucketSessionEnds, k, fmt.Append(nil, res.Ended))
}

func (s Session) key() []byte { return key(s.OrgID, s.UserID, s.SessionID) }

func putSession(tr tx, s Session) error {
	v, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tr.put(bucketSessions, s.key(), v)
}

func listSessions(tr tx, orgID, userID string) (all []Session, err error) {
	err = tr.each(bucketSessions, key(orgID, userID), func(_, v []byte) error {
		var s Session
		err := json.Unmarshal(v, &s)
		all = append(all, s)
		return err
	})
	return all, err
}
