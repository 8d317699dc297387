// SPDX-License-Identifier: Apache-2.0

package responses

import (
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestEndedSaysWhatIsKnown: 0 in a response may mean that nobody counted.
func TestEndedSaysWhatIsKnown(t *testing.T) {
	steps := func(kind, state string) []*aerv1.Step { return []*aerv1.Step{{Kind: kind, State: state}} }
	entry := func(n *uint32) *aerv1.AuditEntry {
		return &aerv1.AuditEntry{Details: &aerv1.AuditDetails{SessionsReset: n}}
	}
	for _, c := range []struct {
		name  string
		r     *aerv1.Response
		audit *aerv1.AuditEntry
		want  string
	}{
		{"counted", &aerv1.Response{SessionsReset: 2, Steps: steps("revoke", "done")}, entry(proto.Uint32(2)), "2"},
		{"counted, the entry is lost", &aerv1.Response{SessionsReset: 2, Steps: steps("revoke", "done")}, nil, "2"},
		{"nobody was signed in", &aerv1.Response{Steps: steps("revoke", "done")}, entry(proto.Uint32(0)), "0: none was open"},
		{"the platform does not say", &aerv1.Response{Steps: steps("revoke", "done")}, entry(nil),
			"yes; it is not known how many"},
		{"no entry to ask", &aerv1.Response{Steps: steps("revoke", "done")}, nil, "yes; it is not known how many"},
		{"an entry without details", &aerv1.Response{Steps: steps("revoke", "done")}, &aerv1.AuditEntry{},
			"yes; it is not known how many"},
		{"failed", &aerv1.Response{Steps: steps("revoke", "failed")}, nil, "none: they could not be ended"},
		{"pending", &aerv1.Response{Steps: steps("revoke", "pending")}, nil, "none yet"},
		{"advice", &aerv1.Response{Steps: steps("notify", "done")}, nil, "none: people were only told"},
		{"nothing yet", &aerv1.Response{}, nil, "none yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Ended(c.r, c.audit); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
