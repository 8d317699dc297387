// SPDX-License-Identifier: Apache-2.0

// Package kv is an ordered key-value store with transactions, on which ledger, settings, people, sessions and the audit
// trail are each written once.
//
// There are two engines: bbolt (Open for a file that one process keeps open, OpenShared for one that several programs
// open for each operation) and Firestore (OpenFirestore). Failing is a twin whose every call fails. They pass one
// suite, as does an engine in memory for tests (sinktest.Memory): Firestore over the wire, against the server of
// package firestoretest and, in integration tests, against Google's emulator.
//
// firestore.indexes.json is what a Firestore database needs to be told: that no field is indexed, because every query
// is by document id, and that documents are deleted by their field "expires". firebase deploy --only firestore:indexes
// reads it (collections are named with DefaultFirestorePrefix there); for each collection with a TTL policy the same is
//
//	gcloud firestore fields ttls update expires --collection-group=aer_audit --enable-ttl
//
// A pass of Forget writes the field, so that it says what the retention of the last run said. Firestore then forgets
// also where no run does any more.
//
// Ids are untrusted text of any length and content. They become keys through a length-prefixed encoding (Key), so that
// no id can reach into another organisation's records.
package kv

import (
	"context"
	"errors"
)

// ErrNotFound says that the record asked for does not exist.
var ErrNotFound = errors.New("not found")

// Store is an engine. It is safe for concurrent use.
type Store interface {
	// View runs f on one consistent state. It may run f several times.
	View(ctx context.Context, f func(Tx) error) error
	// Update runs f and makes its writes durable together, or none of them if f fails. It may run f several times.
	Update(ctx context.Context, f func(Tx) error) error
	// Epoch is which opening of the store this is: what was claimed under an earlier one was claimed by a process that is
	// gone. It is always 0 where several processes may have the store open, since nothing tells then which of them are
	// gone.
	Epoch() uint64
	// Close lets go of the store. Calls after it fail.
	Close() error
}

// Watcher is a Store that can call back.
type Watcher interface {
	// Watch calls f after the value at key may have changed, until ctx ends, and returns then.
	Watch(ctx context.Context, bucket string, key []byte, f func()) error
}

// Tx is one transaction. Slices it returns are valid until it ends and must not be changed. Buckets need no making: one
// without records is like one that is not there.
type Tx interface {
	// Get returns nil if there is no such key. A value that is there is never nil.
	Get(bucket string, key []byte) []byte
	Put(bucket string, key, value []byte) error
	// Delete removes a key; one that is not there is no error.
	Delete(bucket string, key []byte) error
	// Scan calls f for the keys of a range in byte order. f must not write to the bucket.
	Scan(bucket string, r Range, f func(k, v []byte) error) error
}

// Range is a part of a bucket. The zero value is all of it.
type Range struct {
	// Prefix is how the keys begin.
	Prefix []byte
	// After, if not nil, is the key after which they come.
	After []byte
	// Limit, if not 0, is how many at most.
	Limit int
}

// Of is the range of the keys that begin with the key of these parts.
func Of(parts ...string) Range { return Range{Prefix: Key(parts...)} }

// Read returns what f returns, run on one consistent state.
func Read[T any](ctx context.Context, s Store, f func(Tx) (T, error)) (v T, err error) {
	err = s.View(ctx, func(t Tx) (err error) {
		v, err = f(t)
		return err
	})
	return v, err
}

// Write returns what f returns, after its writes were made durable together.
func Write[T any](ctx context.Context, s Store, f func(Tx) (T, error)) (v T, err error) {
	err = s.Update(ctx, func(t Tx) (err error) {
		v, err = f(t)
		return err
	})
	return v, err
}

// Failing is the twin whose every call returns Err.
type Failing struct{ Err error }

// View implements Store.
func (f Failing) View(context.Context, func(Tx) error) error { return f.Err }

// Update implements Store.
func (f Failing) Update(context.Context, func(Tx) error) error { return f.Err }

// Epoch implements Store.
func (f Failing) Epoch() uint64 { return 0 }

// Close implements Store.
func (f Failing) Close() error { return nil }
