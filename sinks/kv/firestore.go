// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

// FirestoreOptions of OpenFirestore. Project is needed; the zero value of the rest is right.
type FirestoreOptions struct {
	Project string
	// Database is "" for the default database.
	Database string
	// Prefix begins the names of the collections; "" means DefaultFirestorePrefix.
	Prefix string
	// Timeout, if positive, replaces FirestoreTimeout.
	Timeout time.Duration
	// Client options, such as credentials.
	Client []option.ClientOption
}

// DefaultFirestorePrefix keeps AER's collections apart from those of others in the database.
const DefaultFirestorePrefix = "aer_"

// FirestoreTimeout bounds a transaction with all its attempts, whatever its caller allows: Firestore gives one up that
// is idle for a minute, and a claim in the ledger holds for two.
const FirestoreTimeout = time.Minute

// Limits of Firestore, and what we make of them.
const (
	// firestoreWrites is the most writes of one transaction, and firestoreCommitBytes the most that they may have
	// together: 10 MiB less names and slack.
	firestoreWrites      = 500
	firestoreCommitBytes = 9 << 20
	// firestoreValueBytes is the most that one record may have, compressed: 1 MiB less names and slack.
	firestoreValueBytes = 1_000_000
	// firestorePlainBytes is from where on values are compressed.
	firestorePlainBytes = 16 << 10
	// firestoreAttempts is how often a transaction is tried. Records of organisations and of response steps are documents
	// of their own, so contention is only about the counters: of changes of settings and directories, which people make,
	// and of audit entries, of which a response has one and the budgets bound those.
	firestoreAttempts = 20
	// firestoreWatch is how long one call listens before another takes its place: a connection that died unheard is known
	// by then. What follows a store also asks it, every few seconds.
	firestoreWatch = 10 * time.Minute
)

// FirestoreName reads the name of a store: firestore:projects/P, firestore:projects/P/databases/D, or else a file, for
// which it returns nil. What looks like another kind of store is an error that says what is right.
func FirestoreName(name string) (*FirestoreOptions, error) {
	kind, place, ok := strings.Cut(name, ":")
	if !ok || strings.ContainsAny(kind, "/.") { // a path with a colon in it
		return nil, nil
	}
	p := strings.Split(place, "/")
	switch {
	case kind != "firestore" || p[0] != "projects":
	case len(p) == 2 && p[1] != "":
		return &FirestoreOptions{Project: p[1]}, nil
	case len(p) == 4 && p[1] != "" && p[2] == "databases" && p[3] != "":
		return &FirestoreOptions{Project: p[1], Database: p[3]}, nil
	}
	return nil, errors.New("use a file, firestore:projects/P or firestore:projects/P/databases/D")
}

// OpenFirestore opens the store in a Firestore database. Each record is a document of the collection of its bucket, its
// id the record's key in a form that keeps the order and that no id can break out of. FIRESTORE_EMULATOR_HOST is
// honoured.
func OpenFirestore(ctx context.Context, o FirestoreOptions) (Store, error) {
	if o.Database == "" {
		o.Database = firestore.DefaultDatabaseID
	}
	if o.Prefix == "" {
		o.Prefix = DefaultFirestorePrefix
	}
	c, err := firestore.NewClientWithDatabase(ctx, o.Project, o.Database, o.Client...)
	if err != nil {
		return nil, fmt.Errorf("opening Firestore database %q of project %q: %w", o.Database, o.Project, err)
	}
	if o.Timeout <= 0 {
		o.Timeout = FirestoreTimeout
	}
	return firestoreStore{c, o.Prefix, o.Timeout}, nil
}

type firestoreStore struct {
	client  *firestore.Client
	prefix  string
	timeout time.Duration
}

func (e firestoreStore) View(ctx context.Context, f func(Tx) error) error {
	return e.run(ctx, f, firestore.ReadOnly)
}

func (e firestoreStore) Update(ctx context.Context, f func(Tx) error) error {
	return e.run(ctx, f, firestore.MaxAttempts(firestoreAttempts))
}

// run gives f a transaction. f may run several times.
func (e firestoreStore) run(ctx context.Context, f func(Tx) error, o firestore.TransactionOption) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	err := e.client.RunTransaction(ctx, func(_ context.Context, ft *firestore.Transaction) error {
		t := &firestoreTx{store: e, tx: ft, writes: map[string]map[string][]byte{}, expiry: expiry{}, found: expiry{}}
		if err := f(t); t.err != nil || err != nil {
			if t.err != nil { // f has decided by what it could not read
				return t.err
			}
			return err
		}
		return t.flush()
	}, o)
	if err != nil && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err) // the client tells a status instead
	}
	return err
}

func (e firestoreStore) Epoch() uint64 { return 0 }

func (e firestoreStore) Close() error { return e.client.Close() }

func (e firestoreStore) Watch(ctx context.Context, bucket string, key []byte, f func()) error {
	for {
		err := e.listen(ctx, e.collection(bucket).Doc(documentID(key)), f)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("watching: %w", err)
		}
	}
}

// listen calls f when a document may have changed, until ctx ends or it is time to listen anew.
func (e firestoreStore) listen(ctx context.Context, doc *firestore.DocumentRef, f func()) error {
	ctx, cancel := context.WithTimeout(ctx, firestoreWatch)
	defer cancel()
	it := doc.Snapshots(ctx)
	defer it.Stop()
	for {
		_, err := it.Next()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, iterator.Done):
			return errors.New("the stream has ended")
		case err != nil:
			return err
		}
		f()
	}
}

func (e firestoreStore) collection(bucket string) *firestore.CollectionRef {
	return e.client.Collection(e.prefix + bucket)
}
