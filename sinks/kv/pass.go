// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// PageRecords is how many records are gone through in one transaction: few enough for each of them to take four others
// with it within the 500 writes that Firestore allows.
const PageRecords = 100

// Record is a key with its value.
type Record struct{ Key, Value []byte }

// Page returns the records of a range, so that the bucket may be written to while going through them.
func Page(t Tx, bucket string, r Range) (all []Record, err error) {
	err = t.Scan(bucket, r, func(k, v []byte) error {
		all = append(all, Record{k, v})
		return nil
	})
	return all, err
}

// Aging is how the records of a bucket are forgotten.
type Aging struct {
	Bucket string
	// Visit deletes a record, and what belongs to it, if it is from before a time; else it says when it expires (Expire).
	// It is called for all records in the order of their keys, again and again. now is for writing down when a record
	// without a date was first seen.
	Visit func(t Tx, r Record, now, before time.Time) error
}

// AgingOf forgets JSON records by a time in them. One without it stays, as does one that another version wrote.
func AgingOf[T any](bucket string, from func(T) time.Time) Aging {
	return Aging{Bucket: bucket, Visit: func(t Tx, r Record, now, before time.Time) error {
		var v T
		if json.Unmarshal(r.Value, &v) != nil || from(v).IsZero() {
			return nil
		}
		return ForgetFrom(t, bucket, r.Key, from(v), now, before)
	}}
}

// ForgetFrom deletes a record that is from a time before another, or says when it expires.
func ForgetFrom(t Tx, bucket string, key []byte, from, now, before time.Time) error {
	if from.Before(before) {
		return t.Delete(bucket, key)
	}
	Expire(t, bucket, key, from.Add(now.Sub(before)))
	return nil
}

// The pace of Forget.
const (
	// PassEvery is how often all records are looked at: keeping something a day too long does not matter.
	PassEvery = 24 * time.Hour
	// pagesMax bounds the work of one call.
	pagesMax = 20
)

// pass is how far a pass through a bucket has come: it goes on after a key, or begins anew at a time.
type pass struct {
	After []byte    `json:"after,omitempty"`
	Next  time.Time `json:"next,omitzero"`
}

// Forget goes on with the pass through a bucket, or begins the next if it is time: at most 2,000 records a call. How
// far it has come is kept in the store, so that passes go on after a restart, and several processes share one. What is
// kept is what is from the last keep before now; it says whether the pass is complete.
func Forget(ctx context.Context, db Store, a Aging, now time.Time, keep time.Duration) (done bool, err error) {
	k := Key("pass", a.Bucket)
	for range pagesMax {
		p, err := Read(ctx, db, func(t Tx) (pass, error) { return loadPass(t, k) })
		if err == nil && now.Before(p.Next) { // a look first, which costs no synced write
			return true, nil
		}
		if err == nil {
			done, err = Write(ctx, db, func(t Tx) (bool, error) { return step(t, k, a, now, now.Add(-keep)) })
		}
		if err != nil {
			return false, fmt.Errorf("forgetting what is old in %s: %w", a.Bucket, err)
		}
		if done {
			return true, nil
		}
	}
	return false, nil
}

func loadPass(t Tx, k []byte) (pass, error) {
	p, err := Load[pass](t, Meta, k)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return p, err
}

// step visits one page.
func step(t Tx, k []byte, a Aging, now, before time.Time) (done bool, err error) {
	p, err := loadPass(t, k)
	if err != nil {
		return false, err
	}
	page, err := Page(t, a.Bucket, Range{After: p.After, Limit: PageRecords})
	if err != nil {
		return false, err
	}
	p = pass{Next: now.Add(PassEvery)}
	if done = len(page) < PageRecords; !done {
		p = pass{After: page[len(page)-1].Key}
	}
	for _, r := range page {
		if err := a.Visit(t, r, now, before); err != nil {
			return false, err
		}
	}
	return done, Save(t, Meta, k, p)
}
