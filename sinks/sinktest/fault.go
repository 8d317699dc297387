// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sessions"
)

// Point is called before and after every call of a wrapped sink with its name, such as "before revoke" and "after
// revoke". It may return an error, which the caller of the sink gets instead of the result, or panic, or end the
// process.
type Point func(name string) error

// call runs f between the two points of a call.
func call[T any](p Point, name string, f func() (T, error)) (T, error) {
	var none T
	if err := p("before " + name); err != nil {
		return none, err
	}
	res, err := f()
	if perr := p("after " + name); perr != nil {
		return none, perr
	}
	return res, err
}

func callOnly(p Point, name string, f func() error) error {
	_, err := call(p, name, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// FaultyStore is a store whose writing transactions pass through Point, as "before update" and "after update".
type FaultyStore struct {
	kv.Store
	Point Point
}

// Update implements kv.Store.
func (f FaultyStore) Update(ctx context.Context, do func(kv.Tx) error) error {
	return callOnly(f.Point, "update", func() error { return f.Store.Update(ctx, do) })
}

// FaultyLedger is a ledger whose writing calls pass through Point.
type FaultyLedger struct {
	ledger.Ledger
	Point Point
}

// Begin implements ledger.Ledger.
func (f FaultyLedger) Begin(ctx context.Context, k ledger.Key, now time.Time) (ledger.Entry, error) {
	return call(f.Point, "begin "+k.Kind, func() (ledger.Entry, error) { return f.Ledger.Begin(ctx, k, now) })
}

// Done implements ledger.Ledger.
func (f FaultyLedger) Done(ctx context.Context, k ledger.Key, now time.Time, result string) (ledger.Entry, error) {
	return call(f.Point, "done "+k.Kind, func() (ledger.Entry, error) { return f.Ledger.Done(ctx, k, now, result) })
}

// Failed implements ledger.Ledger.
func (f FaultyLedger) Failed(ctx context.Context, k ledger.Key, now time.Time, detail string) (ledger.Entry, error) {
	return call(f.Point, "failed "+k.Kind, func() (ledger.Entry, error) { return f.Ledger.Failed(ctx, k, now, detail) })
}

// Release implements ledger.Ledger.
func (f FaultyLedger) Release(ctx context.Context, held ledger.Entry, detail string) error {
	return callOnly(f.Point, "release "+held.Key.Kind, func() error { return f.Ledger.Release(ctx, held, detail) })
}

// FaultySessions is an adapter whose calls pass through Point.
type FaultySessions struct {
	Sessions sessions.Sessions
	Point    Point
}

// Revoke implements sessions.Sessions.
func (f FaultySessions) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	return call(f.Point, "revoke", func() (sessions.Result, error) { return f.Sessions.Revoke(ctx, r) })
}

// FaultyNotifier is a notifier whose calls pass through Point.
type FaultyNotifier struct {
	Notifier notify.Notifier
	Point    Point
}

// Notify implements notify.Notifier.
func (f FaultyNotifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	return callOnly(f.Point, "notify "+n.GetChannel(), func() error { return f.Notifier.Notify(ctx, n) })
}

// Appender is the part of an audit log that is wrapped.
type Appender interface {
	Append(ctx context.Context, e *aerv1.AuditEntry) error
}

// FaultyAudit is an audit log whose calls pass through Point.
type FaultyAudit struct {
	Audit Appender
	Point Point
}

// Append implements Appender.
func (f FaultyAudit) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	return callOnly(f.Point, "audit", func() error { return f.Audit.Append(ctx, e) })
}
