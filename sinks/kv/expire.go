// SPDX-License-Identifier: Apache-2.0

package kv

import "time"

// expiring is a Tx of an engine that deletes by itself what has expired.
type expiring interface {
	// expires is when the engine may delete a record; zero is never.
	expires(bucket string, key []byte) time.Time
	expire(bucket string, key []byte, at time.Time)
}

// Expire says when the engine may delete a record by itself (zero = never), and whether that is news: it is not where
// the record says so already, and where the engine deletes nothing by itself. A record that is put again does not
// expire until this is said again, so that what is alive cannot be lost by what it once was.
func Expire(t Tx, bucket string, key []byte, at time.Time) (news bool) {
	e, ok := t.(expiring)
	if !ok || e.expires(bucket, key).Equal(Stamp(at)) {
		return false
	}
	e.expire(bucket, key, Stamp(at))
	return true
}

// Expires is whether an engine deletes by itself, and when it may delete a record; zero is never.
func Expires(t Tx, bucket string, key []byte) (at time.Time, ok bool) {
	e, ok := t.(expiring)
	if !ok {
		return at, false
	}
	return e.expires(bucket, key), true
}
