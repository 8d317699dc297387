// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Load reads the JSON record at a key, or returns ErrNotFound.
func Load[T any](t Tx, bucket string, key []byte) (v T, err error) {
	raw := t.Get(bucket, key)
	if raw == nil {
		return v, ErrNotFound
	}
	err = json.Unmarshal(raw, &v)
	return v, err
}

// Save writes a JSON record.
func Save(t Tx, bucket string, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.Put(bucket, key, raw)
}

// LoadProto reads the record of a message at a key into m, or returns ErrNotFound.
func LoadProto(t Tx, bucket string, key []byte, m proto.Message) error {
	raw := t.Get(bucket, key)
	if raw == nil {
		return ErrNotFound
	}
	return aerv1.UnmarshalJSONLine(raw, m)
}

// ListProto reads the records of messages in a range.
func ListProto[T any, M interface {
	*T
	proto.Message
}](t Tx, bucket string, r Range) (all []M, err error) {
	err = t.Scan(bucket, r, func(_, v []byte) error {
		m := M(new(T))
		all = append(all, m)
		return aerv1.UnmarshalJSONLine(v, m)
	})
	return all, err
}

// Stamp cuts a time to what JSON keeps, so that a record is the same before and after it was stored.
func Stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
