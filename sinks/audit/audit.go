// SPDX-License-Identifier: Apache-2.0

// Package audit sends the record of what AER did to other places than its own store: a file, a Pub/Sub topic, the
// warehouse; as Slack's audit log has it, or as OCSF events.
//
// Every place gets an entry at least once and at most once under its id: files look for it, receivers of a topic tell a
// repeated one by the attribute "id", the warehouse's views show it once.
package audit

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/ocsf"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Sink takes audit entries.
type Sink interface {
	Append(ctx context.Context, e *aerv1.AuditEntry) error
}

// Tee hands every entry to all of several sinks, also after one of them failed. It fails if one of them does, and is
// then asked again: an entry may reach the others twice, under the same id. The error is permanent only if all errors
// are.
type Tee []Sink

// Append implements Sink.
func (t Tee) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	var errs []error
	curable := false
	for i, s := range t {
		if err := s.Append(ctx, e); err != nil {
			errs = append(errs, fmt.Errorf("audit sink %d of %d: %w", i+1, len(t), err))
			curable = curable || retry.Recoverable(err)
		}
	}
	err := errors.Join(errs...)
	switch {
	case err == nil:
		return nil
	case curable:
		return retry.After(err, 0)
	}
	return retry.Permanent(err)
}

// Failing is the twin whose every call returns Err.
type Failing struct{ Err error }

// Append implements Sink.
func (f Failing) Append(context.Context, *aerv1.AuditEntry) error { return f.Err }

// Warehouse is a Sink that adds rows to the table audit_log. A pipeline writes those of its responses itself; this one
// is for what happens outside of it, such as changes of settings.
type Warehouse struct{ Writer warehouse.Writer }

// Append implements Sink.
func (w Warehouse) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := check(e); err != nil {
		return err
	}
	return w.Writer.Append(ctx, warehouse.AuditLog, e)
}

// check refuses what cannot be told from other entries.
func check(e *aerv1.AuditEntry) error {
	if e.GetId() == "" || orgOf(e) == "" {
		return retry.Permanent(errors.New("appending audit entry: id or context.location.id is empty"))
	}
	return nil
}

func orgOf(e *aerv1.AuditEntry) string { return e.GetContext().GetLocation().GetId() }

// Format is how entries are rendered.
type Format string

// Formats. Slack's has the entry as in Slack's audit log; OCSF also has findings.
const (
	FormatSlack Format = "slack"
	FormatOCSF  Format = "ocsf"
)

// line is one rendered record on its way to a file or topic.
type line struct {
	// key is the same for ever and tells a repeated record.
	key, org, kind string
	data           []byte
}

// entry renders an audit entry.
func (f Format) entry(e *aerv1.AuditEntry) (line, error) {
	if err := check(e); err != nil {
		return line{}, err
	}
	l := line{org: orgOf(e), kind: e.GetAction()}
	var err error
	if f == FormatOCSF {
		l.data, err = ocsf.Entry(e)
	} else {
		l.data, err = aerv1.MarshalJSONLine(e)
	}
	l.key = f.key(l.data)
	return l, err
}

// key reads the key out of a rendered record, or "" if it is not one of ours.
func (f Format) key(data []byte) string {
	if f == FormatOCSF {
		return ocsf.UID(data)
	}
	e := &aerv1.AuditEntry{}
	if aerv1.UnmarshalJSONLine(data, e) != nil || e.GetId() == "" {
		return ""
	}
	return aerv1.NewID("audit_line", orgOf(e), e.GetId())
}

// lines is where rendered records go.
type lines interface {
	put(ctx context.Context, l line) error
	Close() error
}

// rendered is a Sink that renders.
type rendered struct {
	format Format
	to     lines
}

// Append implements Sink.
func (r rendered) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := r.format.entry(e)
	if err != nil {
		return err
	}
	return r.to.put(ctx, l)
}
