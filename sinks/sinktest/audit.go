// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func someAudit(org, id, ua string) *aerv1.AuditEntry {
	return &aerv1.AuditEntry{Id: id, DateCreate: uint32(T0.Unix()), Action: aerv1.ActionSessionsReset,
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: org}, Ua: ua}}
}

// AuditLog is an audit log that can be read.
type AuditLog interface {
	Appender
	// List returns the entries of an organisation in the order they were appended.
	List(ctx context.Context, orgID string) ([]*aerv1.AuditEntry, error)
}

// Audit checks an AuditLog that takes one entry per organisation and id.
func Audit(t *testing.T, open Open[AuditLog]) {
	ctx := context.Background()
	t.Run("one entry per id, the first", func(t *testing.T) {
		a, reopen := open(t)
		Together(func(int) {
			if err := a.Append(ctx, someAudit("O1", "A1", "first")); err != nil {
				t.Error(err)
			}
		})
		Must(t, a.Append(ctx, someAudit("O1", "A2", "second")))
		a = reopen()
		Must(t, a.Append(ctx, someAudit("O1", "A1", "repeated")))
		wantAudit(t, a, "O1", someAudit("O1", "A1", "first"), someAudit("O1", "A2", "second"))
	})
	t.Run("organisations are apart", func(t *testing.T) {
		a, _ := open(t)
		for i, org := range HostileIDs {
			Must(t, a.Append(ctx, someAudit(org, "A1", fmt.Sprint(i))))
		}
		for i, org := range HostileIDs {
			wantAudit(t, a, org, someAudit(org, "A1", fmt.Sprint(i)))
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		a, _ := open(t)
		for _, bad := range []*aerv1.AuditEntry{nil, someAudit("", "A1", ""), someAudit("O1", "", "")} {
			if a.Append(ctx, bad) == nil {
				t.Errorf("entry %v was accepted", bad)
			}
		}
		WantIs(t, a.Append(Cancelled(), someAudit("O1", "A1", "")), context.Canceled)
		wantAudit(t, a, "O1")
	})
}

func wantAudit(t *testing.T, a AuditLog, org string, want ...*aerv1.AuditEntry) {
	t.Helper()
	got, err := a.List(context.Background(), org)
	Must(t, err)
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("audit entries of %q (-want +got):\n%s", org, diff)
	}
}
