// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/secret"
)

// Secret is a source whose secret never changes.
func Secret(s string) secret.Source { return fixed{secret.New(s)} }

// fixed embeds the value so that it is shown as it is: not at all.
type fixed struct{ secret.Value }

// Get implements secret.Source.
func (f fixed) Get(context.Context) (secret.Value, error) { return f.Value, nil }

// ParseRef reads a reference as configurations do.
func ParseRef(s string) (r secret.Ref, err error) {
	if err := r.UnmarshalText([]byte(s)); err != nil {
		return r, err
	}
	return r, r.Validate()
}

// PutPeople replaces the people of an organisation.
func PutPeople(ctx context.Context, db kv.Store, d *aerv1.Directory) error {
	return db.Update(ctx, func(tx kv.Tx) error {
		_, err := directory.Change(tx, d)
		return err
	})
}
