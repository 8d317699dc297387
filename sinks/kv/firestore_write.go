// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"fmt"
	"maps"
	"slices"

	"cloud.google.com/go/firestore"
	"github.com/klauspost/compress/zstd"
)

// flush hands the writes to the client, which sends them together.
func (t *firestoreTx) flush() error {
	var size commitSize
	for _, bucket := range slices.Sorted(maps.Keys(t.writes)) {
		for _, k := range slices.Sorted(maps.Keys(t.writes[bucket])) {
			n, err := t.send(bucket, k, t.writes[bucket][k])
			if err == nil {
				err = size.add(n)
			}
			if err != nil {
				return fmt.Errorf("writing to %s: %w", bucket, err)
			}
		}
	}
	for _, bucket := range slices.Sorted(maps.Keys(t.expiry)) {
		for _, k := range slices.Sorted(maps.Keys(t.expiry[bucket])) {
			if _, put := t.writes[bucket][k]; put {
				continue
			}
			if err := size.add(len(k)); err != nil {
				return fmt.Errorf("writing to %s: %w", bucket, err)
			}
			if err := t.sendExpiry(bucket, k); err != nil {
				return fmt.Errorf("writing to %s when a record expires: %w", bucket, err)
			}
		}
	}
	return nil
}

// commitSize is how much is written at once.
type commitSize struct{ writes, bytes int }

// add counts a write of so many bytes, and refuses what Firestore would refuse with less of a reason.
func (c *commitSize) add(bytes int) error {
	c.writes++
	c.bytes += bytes
	switch {
	case c.writes > firestoreWrites:
		return fmt.Errorf("more than %d writes in one transaction", firestoreWrites)
	case c.bytes > firestoreCommitBytes:
		return fmt.Errorf("more than %d bytes in one transaction", firestoreCommitBytes)
	}
	return nil
}

// send writes or, with nil, deletes a record, and says how many bytes that takes.
func (t *firestoreTx) send(bucket, key string, value []byte) (bytes int, err error) {
	doc := t.store.collection(bucket).Doc(documentID([]byte(key)))
	if value == nil {
		return len(doc.Path), t.tx.Delete(doc)
	}
	r, err := encodeRecord(value)
	if err != nil {
		return 0, err
	}
	r.Expires = t.expiry[bucket][key]
	return len(doc.Path) + len(r.Value), t.tx.Set(doc, r)
}

// sendExpiry writes only when a record expires, and leaves the rest of it as it is.
func (t *firestoreTx) sendExpiry(bucket, key string) error {
	var at any = firestore.Delete
	if e := t.expiry[bucket][key]; !e.IsZero() {
		at = e
	}
	doc := t.store.collection(bucket).Doc(documentID([]byte(key)))
	return t.tx.Set(doc, map[string]any{expiresField: at}, firestore.MergeAll)
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
		return record{}, fmt.Errorf("the record has %d bytes even when compressed, and a document at most %d", len(packed),
			firestoreValueBytes)
	}
	return record{Value: packed, Zstd: true}, nil
}
