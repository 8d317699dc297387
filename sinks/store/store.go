// Package store keeps what AER must remember outside the pipeline: settings, people, the ledger of responses, the
// embedded session table and the audit log.
//
// Each concern is one small interface, written once on an engine of ordered keys and transactions. Open gives all of them on
// one bbolt file that a process keeps open, OpenShared on a file that several programs open for each operation, OpenFirestore
// on a Firestore database, NewMemory without a file; NewFailing is a twin whose every call fails. All pass the suites of
// package sinktest: the Firestore engine over the wire, against the server of package firestoretest, and against an emulator
// where FIRESTORE_EMULATOR_HOST is set.
//
// Ids are untrusted text of any length and content. They become keys through a length-prefixed encoding (keys.go), so that
// no id can reach into another organisation's records.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ErrNotFound says that the record asked for does not exist.
var ErrNotFound = errors.New("not found")

// ErrPrecondition says that a record changed since the caller read it: read it again and decide anew.
var ErrPrecondition = errors.New("changed in the meantime")

// Settings keeps what each organisation has chosen, every version of it.
type Settings interface {
	// Get returns the current settings, or ErrNotFound for an organisation that has chosen nothing: defaults are the caller's.
	Get(ctx context.Context, orgID string) (*aerv1.Settings, error)
	// Put makes s current if the version current now is ifVersion ("" = none yet), else returns ErrPrecondition.
	// Putting the version that is current already does nothing. Every change leaves an audit entry with it, or neither is
	// there (SettingsAudit).
	Put(ctx context.Context, s *aerv1.Settings, ifVersion string) error
	// History returns every version put, oldest first.
	History(ctx context.Context, orgID string) ([]*aerv1.Settings, error)
	// All returns the current settings of every organisation that has chosen something, by organisation.
	All(ctx context.Context) ([]*aerv1.Settings, error)
}

// Directory keeps the people of each organisation.
type Directory interface {
	// Get returns the people of an organisation, or ErrNotFound.
	Get(ctx context.Context, orgID string) (*aerv1.Directory, error)
	// Put replaces the people of an organisation.
	Put(ctx context.Context, d *aerv1.Directory) error
	// Orgs returns the ids of all organisations that have a directory, sorted.
	Orgs(ctx context.Context) ([]string, error)
	// All returns the directories of all organisations, by organisation.
	All(ctx context.Context) ([]*aerv1.Directory, error)
}

// Changes is the feed of what changed in settings and directory, so that followers read only that.
type Changes interface {
	// Last returns the number of the last change, 0 before the first.
	Last(ctx context.Context) (uint64, error)
	// Between returns the changes after one number up to another, oldest first, or ErrGap if some are no longer kept: read
	// everything then.
	Between(ctx context.Context, after, last uint64) ([]Change, error)
	// Watch calls f soon after every change until ctx ends, and returns then; it may call it more often. It returns
	// ErrNoWatch at once if the store cannot tell: ask for Last from time to time.
	Watch(ctx context.Context, f func()) error
}

// Session is one signed-in session of one user.
type Session struct {
	OrgID     string    `json:"org_id"`
	UserID    string    `json:"user_id"`
	SessionID string    `json:"session_id"`
	StartedAt time.Time `json:"started_at"`
	// Zero while the session is alive.
	EndedAt time.Time `json:"ended_at,omitzero"`
	// The key of the call that ended it.
	EndedBy string `json:"ended_by,omitempty"`
}

// EndRequest asks to end sessions of one user. Key makes it idempotent.
type EndRequest struct {
	Key           string
	OrgID, UserID string
	// Empty means every session that is alive.
	SessionIDs []string
	At         time.Time
}

// EndResult says how many sessions the call of this key ended, and whether it was an earlier one that did so.
type EndResult struct {
	Ended   int
	Already bool
}

// SessionTable is the embedded twin of a platform's session store.
type SessionTable interface {
	// Start adds sessions. One that exists already, alive or ended, stays as it is.
	Start(ctx context.Context, sessions ...Session) error
	// List returns the sessions of a user, by start and id.
	List(ctx context.Context, orgID, userID string) ([]Session, error)
	// End ends sessions once per key: later calls with the key change nothing and return the first result.
	End(ctx context.Context, r EndRequest) (EndResult, error)
}

// Audit is an append-only log of what AER did. The organisation of an entry is its context.location.id.
type Audit interface {
	// Append adds the entry unless one of its organisation has its id already.
	Append(ctx context.Context, e *aerv1.AuditEntry) error
	// List returns the entries of an organisation in the order they were appended.
	List(ctx context.Context, orgID string) ([]*aerv1.AuditEntry, error)
}

// Store is all concerns on one engine. Its methods give the interfaces; it is safe for concurrent use.
type Store struct {
	kv engine
	// Which opening of the engine this is: a claim of an earlier one belongs to a process that is gone.
	epoch uint64
	lease time.Duration
}

// Settings returns the store's settings.
func (s *Store) Settings() Settings { return settingsTable{s.kv} }

// Directory returns the store's directory.
func (s *Store) Directory() Directory { return directoryTable{s.kv} }

// Changes returns the store's feed of changes.
func (s *Store) Changes() Changes { return changeFeed{s.kv} }

// Ledger returns the store's ledger.
func (s *Store) Ledger() Ledger { return ledger{kv: s.kv, epoch: s.epoch, lease: s.lease} }

// Sessions returns the store's session table.
func (s *Store) Sessions() SessionTable { return sessionTable{s.kv} }

// Audit returns the store's audit log.
func (s *Store) Audit() Audit { return auditTable{s.kv} }

// Close releases the engine. Calls after it fail.
func (s *Store) Close() error { return s.kv.close() }

// checkID refuses ids that cannot be written down faithfully.
func checkID(name, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%s is empty", name)
	case !utf8.ValidString(id):
		return fmt.Errorf("%s %q is not valid UTF-8", name, id)
	}
	return nil
}
