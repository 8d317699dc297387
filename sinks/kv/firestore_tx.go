// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// sortedBase64 keeps the order of what it encodes: its letters are in the order of their bytes.
var sortedBase64 = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(
	base64.NoPadding)

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
	store  firestoreStore
	tx     *firestore.Transaction
	writes map[string]map[string][]byte
	// expiry is what this transaction says of when records expire, found what it read of it.
	expiry, found expiry
	err           error
}

// expiry is when records expire, by bucket and key.
type expiry map[string]map[string]time.Time

func (e expiry) set(bucket, key string, at time.Time) {
	if e[bucket] == nil {
		e[bucket] = map[string]time.Time{}
	}
	e[bucket][key] = at
}

// record is a document.
type record struct {
	Value []byte `firestore:"value"`
	// Zstd says that the value is compressed.
	Zstd bool `firestore:"zstd,omitempty"`
	// Expires is when Firestore deletes it, where the field has a TTL policy: within a day after that.
	Expires time.Time `firestore:"expires,omitempty"`
}

// expiresField is the name of record.Expires.
const expiresField = "expires"

func (t *firestoreTx) Get(bucket string, key []byte) []byte {
	if v, ok := t.writes[bucket][string(key)]; ok || t.err != nil {
		return v
	}
	doc, err := t.tx.Get(t.store.collection(bucket).Doc(documentID(key)))
	if status.Code(err) == codes.NotFound && doc != nil {
		return nil
	}
	var v []byte
	if err == nil {
		v, err = t.decode(bucket, string(key), doc)
	}
	t.err = err
	return v
}

func (t *firestoreTx) Put(bucket string, key, value []byte) error {
	t.write(bucket, key, append([]byte{}, value...))
	return nil
}

func (t *firestoreTx) Delete(bucket string, key []byte) error {
	t.write(bucket, key, nil)
	return nil
}

// write holds a write back; nil deletes.
func (t *firestoreTx) write(bucket string, key, value []byte) {
	if t.writes[bucket] == nil {
		t.writes[bucket] = map[string][]byte{}
	}
	t.writes[bucket][string(key)] = value
	delete(t.expiry[bucket], string(key))
	t.found.set(bucket, string(key), time.Time{})
}

func (t *firestoreTx) expires(bucket string, key []byte) time.Time {
	if at, ok := t.expiry[bucket][string(key)]; ok {
		return at
	}
	if _, ok := t.found[bucket][string(key)]; !ok {
		t.Get(bucket, key)
	}
	return t.found[bucket][string(key)]
}

func (t *firestoreTx) expire(bucket string, key []byte, at time.Time) {
	t.expiry.set(bucket, string(key), at)
}

func (t *firestoreTx) Scan(bucket string, r Range, f func(k, v []byte) error) error {
	found, err := t.query(bucket, r)
	if err != nil {
		return err
	}
	for k, v := range t.writes[bucket] {
		switch {
		case !bytes.HasPrefix([]byte(k), r.Prefix) || k < string(r.start()):
		case v == nil:
			delete(found, k)
		default:
			found[k] = v
		}
	}
	for i, k := range slices.Sorted(maps.Keys(found)) {
		if r.Limit > 0 && i == r.Limit {
			break
		}
		if err := f([]byte(k), found[k]); err != nil {
			return err
		}
	}
	return nil
}

// query reads a range as it was before this transaction.
func (t *firestoreTx) query(bucket string, r Range) (map[string][]byte, error) {
	if t.err != nil {
		return nil, t.err
	}
	q := t.store.collection(bucket).OrderBy(firestore.DocumentID, firestore.Asc)
	if start := r.start(); len(start) > 0 {
		q = q.StartAt(documentID(start))
	}
	if end := successor(r.Prefix); end != nil {
		q = q.EndBefore(documentID(end))
	}
	if r.Limit > 0 {
		q = q.Limit(r.Limit + len(t.writes[bucket])) // some of what is read may be deleted by now
	}
	var docs []*firestore.DocumentSnapshot
	if docs, t.err = t.tx.Documents(q).GetAll(); t.err != nil {
		return nil, t.err
	}
	found := map[string][]byte{}
	for _, d := range docs {
		k, err := documentKey(d.Ref.ID)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", bucket, err)
		}
		if found[string(k)], err = t.decode(bucket, string(k), d); err != nil {
			return nil, err
		}
	}
	return found, nil
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

// decode reads a document, and notes when it expires.
func (t *firestoreTx) decode(bucket, key string, d *firestore.DocumentSnapshot) ([]byte, error) {
	var r record
	if err := d.DataTo(&r); err != nil {
		return nil, fmt.Errorf("reading document %s: %w", d.Ref.Path, err)
	}
	t.found.set(bucket, key, r.Expires)
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
