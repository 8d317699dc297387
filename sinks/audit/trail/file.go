package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AuditFile is an Audit that also keeps a file of one JSON object a line, for people and log shippers. The store is the
// truth and the file follows: what a crash left out is added on the next opening. Lines of the file are never removed,
// except a last one that was cut short.
type AuditFile struct {
	auditTable
	mu   sync.Mutex
	file *os.File
	// How far the file is good: a write that failed half-way is written over by the next.
	size int64
	// What the file holds, as key(org, id).
	have map[string]bool
}

// AuditFile opens the file at path, creates it if needed and brings it up to date with the store.
func (s *Store) AuditFile(ctx context.Context, path string) (*AuditFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening audit file: %w", err)
	}
	a := &AuditFile{auditTable: auditTable{s.kv}, file: f, have: map[string]bool{}}
	if err = a.load(); err == nil {
		err = a.catchUp(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening audit file %s: %w", path, err), f.Close())
	}
	return a, nil
}

// Append adds the entry to the store and then to the file.
func (a *AuditFile) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := a.auditTable.Append(ctx, e); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	line, err := a.stored(ctx, e)
	if err == nil {
		err = a.write(e, line)
	}
	if err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	return nil
}

// Close closes the file, not the store.
func (a *AuditFile) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.file.Close()
}

// load notes what the file holds and cuts off a last line that a crash left incomplete.
func (a *AuditFile) load() error {
	r := bufio.NewReader(a.file)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		a.size += int64(len(line))
		e := &aerv1.AuditEntry{}
		if aerv1.UnmarshalJSONLine(line, e) == nil { // a line that is not ours is left alone
			a.have[auditKey(e)] = true
		}
	}
	return a.file.Truncate(a.size)
}

func (a *AuditFile) catchUp(ctx context.Context) error {
	return a.each(ctx, func(e *aerv1.AuditEntry, line []byte) error { return a.write(e, line) })
}

// stored returns the entry's line as the store has it: the first that was appended with its id.
func (a *AuditFile) stored(ctx context.Context, e *aerv1.AuditEntry) (line []byte, err error) {
	err = a.kv.view(ctx, func(t tx) error {
		line = bytes.Clone(t.get(bucketAudit, t.get(bucketAuditIDs, key(auditOrg(e), e.GetId()))))
		return nil
	})
	return line, err
}

func (a *AuditFile) write(e *aerv1.AuditEntry, line []byte) error {
	k := auditKey(e)
	if a.have[k] {
		return nil
	}
	line = append(bytes.Clone(line), '\n')
	if _, err := a.file.WriteAt(line, a.size); err != nil {
		return err
	}
	if err := a.file.Sync(); err != nil {
		return err
	}
	a.size += int64(len(line))
	a.have[k] = true
	return nil
}

func auditKey(e *aerv1.AuditEntry) string { return string(key(auditOrg(e), e.GetId())) }
