package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// dumps are the kinds of record that Dump can write, with the bucket each lives in.
var dumps = map[string]string{
	"settings": bucketSettings, "settings-history": bucketSettingsHistory, "directory": bucketDirectory,
	"ledger": bucketLedger, "sessions": bucketSessions, "audit": bucketAudit,
}

// DumpKinds lists the kinds of record that Dump can write, sorted.
func DumpKinds() []string { return slices.Sorted(maps.Keys(dumps)) }

// Dump writes the records of a kind as they are kept, one JSON object a line: those of one organisation, or of all if orgID
// is "". It is for looking, not for programs: the lines may change with any version.
func (s *Store) Dump(ctx context.Context, w io.Writer, kind, orgID string) error {
	bucket, ok := dumps[kind]
	if !ok {
		return fmt.Errorf("dumping %q: want one of %s", kind, strings.Join(DumpKinds(), ", "))
	}
	var prefix []byte
	if orgID != "" && bucket != bucketAudit { // audit entries are kept in the order they came, for all organisations
		prefix = key(orgID)
	}
	var lines [][]byte // copied first, so that a slow reader does not hold a transaction open
	err := s.kv.view(ctx, func(t tx) error {
		return t.each(bucket, prefix, func(_, v []byte) error {
			keep, err := ofOrg(bucket, v, orgID)
			if keep {
				lines = append(lines, append(bytes.Clone(v), '\n'))
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("dumping %s of %q: %w", kind, orgID, err)
	}
	for _, l := range lines {
		if _, err := w.Write(l); err != nil {
			return fmt.Errorf("dumping %s: %w", kind, err)
		}
	}
	return nil
}

func ofOrg(bucket string, v []byte, orgID string) (bool, error) {
	if bucket != bucketAudit || orgID == "" {
		return true, nil
	}
	e := &aerv1.AuditEntry{}
	err := aerv1.UnmarshalJSONLine(v, e)
	return auditOrg(e) == orgID, err
}
