// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
)

// accepting is a platform that takes requests and does not say how many sessions it ends.
type accepting struct{}

func (accepting) Revoke(context.Context, sessions.Request) (sessions.Result, error) {
	return sessions.Result{CountUnknown: true}, nil
}

// TestCountUnknown: nobody is told that there was no session.
func TestCountUnknown(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	c.Sessions = accepting{}
	a, d := respondTo("O1", "U1", "D1")
	err := newResponder(t, c).Respond(context.Background(), a, d)
	res := f.result("O1", "D1")
	if err != nil || res.Response.GetSessionsReset() != 0 || len(res.Notifications) == 0 {
		t.Fatalf("result is %v, %v", res, err)
	}
	line, err := aerv1.MarshalJSONLine(res.Audit)
	if err != nil || strings.Contains(string(line), "sessions_reset\"") {
		t.Errorf("the audit entry counts what nobody knows: %s, %v", line, err)
	}
	for _, n := range res.Notifications {
		if strings.Contains(n.GetText(), "No session") {
			t.Errorf("message says %s", n.GetText())
		}
	}
}
