// SPDX-License-Identifier: Apache-2.0

package sessions

import (
	"context"
	"fmt"
	"time"
)

// Embedded ends sessions in the embedded session table.
type Embedded struct {
	table Table
	now   func() time.Time
}

// NewEmbedded returns the adapter on a table; now stamps the sessions it ends.
func NewEmbedded(table Table, now func() time.Time) *Embedded {
	return &Embedded{table: table, now: now}
}

// OpenEmbedded returns the adapter on the store's own table.
func OpenEmbedded(_ context.Context, o Options) (Sessions, error) {
	return NewEmbedded(NewTable(o.Store), o.Now), nil
}

// Revoke implements Sessions.
func (e *Embedded) Revoke(ctx context.Context, r Request) (Result, error) {
	if err := r.ValidateSessions(); err != nil {
		return Result{}, err
	}
	end := EndRequest{Key: r.Key, OrgID: r.OrgID, UserID: r.UserID, At: e.now()}
	if r.Scope == ScopeListed {
		end.SessionIDs = r.SessionIDs
	}
	res, err := e.table.End(ctx, end)
	if err != nil {
		return Result{}, fmt.Errorf("revoking in the embedded session table: %w", err)
	}
	return res, nil
}

// Failing is the twin whose every call returns Err.
type Failing struct{ Err error }

// Revoke implements Sessions.
func (f Failing) Revoke(context.Context, Request) (Result, error) { return Result{}, f.Err }
