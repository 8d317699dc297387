package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// FirestoreOptions of OpenFirestore. Project is needed; the zero value of the rest is right.
type FirestoreOptions struct {
	Project string
	// Database is "" for the default database.
	Database string
	// Prefix begins the names of the collections; "" means DefaultFirestorePrefix.
	Prefix string
	// Lease is as Options.Lease: with many workers on one store only it tells whose claim is over.
	Lease time.Duration
	// Client options, such as credentials.
	Client []option.ClientOption
}

// DefaultFirestorePrefix keeps AER's collections apart from those of others in the database.
const DefaultFirestorePrefix = "aer_"

// Limits of Firestore, and what we make of them.
const (
	// firestoreWrites is the most writes of one transaction; ours have at most ten.
	firestoreWrites = 500
	// firestoreValueBytes is the most that one record may have, compressed: 1 MiB less names and slack.
	firestoreValueBytes = 1_000_000
	// firestorePlainBytes is from where on values are compressed.
	firestorePlainBytes = 16 << 10
	// firestoreAttempts is how often a transaction is tried. Records of organisations and of response steps are documents of their
	// own, so contention is only about the counters of changes of settings and directories, which people make.
	firestoreAttempts = 20
)

// OpenFirestore opens the store in a Firestore database, for the concerns that production needs there: settings, directory,
// changes, ledger and audit log. Each record is a document of the collection of its bucket, its id the record's key in a form
// that keeps the order and that no id can break out of. FIRESTORE_EMULATOR_HOST is honoured.
func OpenFirestore(ctx context.Context, o FirestoreOptions) (*Store, error) {
	if o.Database == "" {
		o.Database = firestore.DefaultDatabaseID
	}
	if o.Prefix == "" {
		o.Prefix = DefaultFirestorePrefix
	}
	if o.Lease <= 0 {
		o.Lease = DefaultLease
	}
	c, err := firestore.NewClientWithDatabase(ctx, o.Project, o.Database, o.Client...)
	if err != nil {
		return nil, fmt.Errorf("opening Firestore database %q of project %q: %w", o.Database, o.Project, err)
	}
	return &Store{kv: firestoreEngine{c, o.Prefix}, lease: o.Lease}, nil
}

type firestoreEngine struct {
	client *firestore.Client
	prefix string
}

func (e firestoreEngine) view(ctx context.Context, f func(tx) error) error {
	return e.run(ctx, f, firestore.ReadOnly)
}

func (e firestoreEngine) update(ctx context.Context, f func(tx) error) error {
	return e.run(ctx, f, firestore.MaxAttempts(firestoreAttempts))
}

// run gives f a transaction. f may run several times.
func (e firestoreEngine) run(ctx context.Context, f func(tx) error, o firestore.TransactionOption) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := e.client.RunTransaction(ctx, func(_ context.Context, ft *firestore.Transaction) error {
		t := &firestoreTx{engine: e, tx: ft, writes: map[string]map[string][]byte{}}
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

func (e firestoreEngine) close() error { return e.client.Close() }

func (e firestoreEngine) watch(ctx context.Context, bucket string, key []byte, f func()) error {
	it := e.collection(bucket).Doc(documentID(key)).Snapshots(ctx)
	defer it.Stop()
	for {
		_, err := it.Next()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, iterator.Done):
			return errors.New("watching: the stream has ended")
		case err != nil:
			return fmt.Errorf("watching: %w", err)
		}
		f()
	}
}

func (e firestoreEngine) collection(bucket string) *firestore.CollectionRef {
	return e.client.Collection(e.prefix + bucket)
}

// sortedBase64 keeps the order of what it encodes: its letters are in the order of their bytes.
var sortedBase64 = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(base64.NoPadding)

// documentID is the id of a record's document: no separator, never empty, "." or "__x__", and for the longest key (five
// parts of maxPart bytes) 1341 bytes, where 1500 are possible.
func documentID(key []byte) string { return "k" + sortedBase64.EncodeToString(key) }

func documentKey(id string) ([]byte, error) {
	if id == "" {
		return nil, errors.New("a document without id")
	}
	return sortedBase64.DecodeString(id[1:])
}

// firestoreTx holds writes back until f is done, because Firestore wants all reads of a transaction before its writes.
type firestoreTx struct {
	engine firestoreEngine
	tx     *firestore.Transaction
	writes map[string]map[string][]byte
	err    error
}

// record is a document.
type record struct {
	Value []byte `firestore:"value"`
	// Zstd says that the value is compressed.
	Zstd bool `firestore:"zstd,omitempty"`
}

func (t *firestoreTx) get(bucket string, key []byte) []byte {
	if v, ok := t.writes[bucket][string(key)]; ok || t.err != nil {
		return v
	}
	doc, err := t.tx.Get(t.engine.collection(bucket).Doc(documentID(key)))
	if status.Code(err) == codes.NotFound && doc != nil {
		return nil
	}
	var v []byte
	if err == nil {
		v, err = decodeRecord(doc)
	}
	t.err = err
	return v
}

func (t *firestoreTx) put(bucket string, key, value []byte) error {
	if t.writes[bucket] == nil {
		t.writes[bucket] = map[string][]byte{}
	}
	t.writes[bucket][string(key)] = bytes.Clone(value)
	return nil
}

func (t *firestoreTx) each(bucket string, prefix []byte, f func(k, v []byte) error) error {
	if t.err != nil {
		return t.err
	}
	q := t.engine.collection(bucket).OrderBy(firestore.DocumentID, firestore.Asc)
	if len(prefix) > 0 {
		q = q.StartAt(documentID(prefix))
		if end := successor(prefix); end != nil {
			q = q.EndBefore(documentID(end))
		}
	}
	docs, err := t.tx.Documents(q).GetAll()
	if err != nil {
		t.err = err
		return err
	}
	found := map[string][]byte{}
	for _, d := range docs {
		k, err := documentKey(d.Ref.ID)
		if err != nil {
			return fmt.Errorf("reading %s: %w", bucket, err)
		}
		if found[string(k)], err = decodeRecord(d); err != nil {
			return err
		}
	}
	for k, v := range t.writes[bucket] {
		if bytes.HasPrefix([]byte(k), prefix) {
			found[k] = v
		}
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		if err := f([]byte(k), found[k]); err != nil {
			return err
		}
	}
	return nil
}

// successor is the first key after all that begin with the prefix; nil if there is none.
func successor(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

func (t *firestoreTx) flush() error {
	n := 0
	for _, bucket := range slices.Sorted(maps.Keys(t.writes)) {
		for _, k := range slices.Sorted(maps.Keys(t.writes[bucket])) {
			r, err := encodeRecord(t.writes[bucket][k])
			if err != nil {
				return fmt.Errorf("writing to %s: %w", bucket, err)
			}
			if n++; n > firestoreWrites {
				return fmt.Errorf("more than %d writes in one transaction", firestoreWrites)
			}
			if err := t.tx.Set(t.engine.collection(bucket).Doc(documentID([]byte(k))), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// The codec of large values. EncodeAll and DecodeAll are safe for concurrent use.
var (
	recordEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	recordDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
)

func encodeRecord(value []byte) (record, error) {
	if len(value) < firestorePlainBytes {
		return record{Value: value}, nil
	}
	packed := recordEncoder.EncodeAll(value, nil)
	if len(packed) > firestoreValueBytes {
		return record{}, fmt.Errorf("the record has %d bytes even when compressed, and a document at most %d", len(packed), firestoreValueBytes)
	}
	return record{Value: packed, Zstd: true}, nil
}

func decodeRecord(d *firestore.DocumentSnapshot) ([]byte, error) {
	var r record
	if err := d.DataTo(&r); err != nil {
		return nil, fmt.Errorf("reading document %s: %w", d.Ref.Path, err)
	}
	if r.Value == nil {
		r.Value = []byte{} // there, and empty
	}
	if !r.Zstd {
		return r.Value, nil
	}
	v, err := recordDecoder.DecodeAll(r.Value, nil)
	if err != nil {
		return nil, fmt.Errorf("unpacking document %s: %w", d.Ref.Path, err)
	}
	return v, nil
}
