package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type settingsTable struct{ kv engine }

func (t settingsTable) Get(ctx context.Context, orgID string) (*aerv1.Settings, error) {
	s := &aerv1.Settings{}
	if err := getProto(ctx, t.kv, bucketSettings, key(orgID), s); err != nil {
		return nil, fmt.Errorf("reading settings of %q: %w", orgID, err)
	}
	return s, nil
}

func (t settingsTable) Put(ctx context.Context, s *aerv1.Settings, ifVersion string) error {
	if err := errors.Join(checkID("org_id", s.GetOrgId()), checkID("version", s.GetVersion())); err != nil {
		return fmt.Errorf("writing settings: %w", err)
	}
	err := t.kv.update(ctx, func(tr tx) error {
		_, err := changeSettings(tr, s, func(now string) error {
			if now != ifVersion {
				return fmt.Errorf("%w: version is %q, not %q", ErrPrecondition, now, ifVersion)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("writing settings of %q: %w", s.GetOrgId(), err)
	}
	return nil
}

func (t settingsTable) All(ctx context.Context) ([]*aerv1.Settings, error) {
	var all []*aerv1.Settings
	err := t.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		return tr.each(bucketSettings, nil, func(_, v []byte) error {
			s := &aerv1.Settings{}
			all = append(all, s)
			return aerv1.UnmarshalJSONLine(v, s)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the settings of all organisations: %w", err)
	}
	slices.SortFunc(all, func(a, b *aerv1.Settings) int { return cmp.Compare(a.GetOrgId(), b.GetOrgId()) })
	return all, nil
}

func (t settingsTable) History(ctx context.Context, orgID string) ([]*aerv1.Settings, error) {
	var all []*aerv1.Settings
	err := t.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		return tr.each(bucketSettingsHistory, key(orgID), func(_, v []byte) error {
			s := &aerv1.Settings{}
			all = append(all, s)
			return aerv1.UnmarshalJSONLine(v, s)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading settings history of %q: %w", orgID, err)
	}
	return all, nil
}

// changeSettings makes s current with its history, its audit entry and its place in the feed, unless it is current already
// or the condition on the version current now ("" = none yet) refuses.
func changeSettings(tr tx, s *aerv1.Settings, condition func(now string) error) (changed bool, err error) {
	orgID, before := s.GetOrgId(), (*aerv1.Settings)(nil)
	if v := tr.get(bucketSettings, key(orgID)); v != nil {
		before = &aerv1.Settings{}
		if err := aerv1.UnmarshalJSONLine(v, before); err != nil {
			return false, err
		}
	}
	if before.GetVersion() == s.GetVersion() {
		return false, nil
	}
	line, err := settingsLine(s)
	if err := errors.Join(err, condition(before.GetVersion())); err != nil {
		return false, err
	}
	seq, err := nextSeq(tr, "settings")
	if err != nil {
		return false, err
	}
	entry, err := aerv1.MarshalJSONLine(SettingsAudit(before, s, seq))
	return true, errors.Join(err,
		tr.put(bucketSettingsHistory, seqKey(key(orgID), seq), line),
		tr.put(bucketSettings, key(orgID), line),
		appendAudit(tr, orgID, settingsAuditID(orgID, seq), entry),
		noteChange(tr, ChangedSettings, orgID),
	)
}

// MaxSettingsBytes bounds one organisation's settings as JSON: an audit entry holds two of them and must fit a document of
// 1 MiB, and every decision looks at them.
const MaxSettingsBytes = 256 << 10

func settingsLine(s *aerv1.Settings) ([]byte, error) {
	line, err := aerv1.MarshalJSONLine(s)
	if err == nil && len(line) > MaxSettingsBytes {
		err = fmt.Errorf("they have %d bytes, at most %d are possible: exclude groups instead of many people", len(line), MaxSettingsBytes)
	}
	return line, err
}

// getProto reads the JSON record at k into m, or returns ErrNotFound.
func getProto(ctx context.Context, kv engine, bucket string, k []byte, m proto.Message) error {
	return kv.view(ctx, func(tr tx) error {
		v := tr.get(bucket, k)
		if v == nil {
			return ErrNotFound
		}
		return aerv1.UnmarshalJSONLine(v, m)
	})
}
