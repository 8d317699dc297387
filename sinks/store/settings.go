package store

import (
	"context"
	"errors"
	"fmt"

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
	line, err := aerv1.MarshalJSONLine(s)
	if err != nil {
		return fmt.Errorf("writing settings of %q: %w", s.GetOrgId(), err)
	}
	err = t.kv.update(ctx, func(tr tx) error {
		now, err := currentVersion(tr, s.GetOrgId())
		if err != nil || now == s.GetVersion() {
			return err
		}
		if now != ifVersion {
			return fmt.Errorf("%w: version is %q, not %q", ErrPrecondition, now, ifVersion)
		}
		return putSettings(tr, s.GetOrgId(), line)
	})
	if err != nil {
		return fmt.Errorf("writing settings of %q: %w", s.GetOrgId(), err)
	}
	return nil
}

func (t settingsTable) History(ctx context.Context, orgID string) ([]*aerv1.Settings, error) {
	var all []*aerv1.Settings
	err := t.kv.view(ctx, func(tr tx) error {
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

func currentVersion(tr tx, orgID string) (string, error) {
	v := tr.get(bucketSettings, key(orgID))
	if v == nil {
		return "", nil
	}
	s := &aerv1.Settings{}
	err := aerv1.UnmarshalJSONLine(v, s)
	return s.GetVersion(), err
}

func putSettings(tr tx, orgID string, line []byte) error {
	seq, err := nextSeq(tr, "settings")
	if err != nil {
		return err
	}
	if err := tr.put(bucketSettingsHistory, seqKey(key(orgID), seq), line); err != nil {
		return err
	}
	return tr.put(bucketSettings, key(orgID), line)
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
