// SPDX-License-Identifier: Apache-2.0

package response

import (
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// FuzzDecode: whatever is in the ledger, it is refused or read; and what was read is read again from what is then
// written.
func FuzzDecode(f *testing.F) {
	for _, line := range []string{
		`{"version":1,"audit":{"id":"E1"},"notifications":[{"id":"N1","time":"2026-11-22T10:00:00Z"}]}`,
		`{"notifications":null}`,
		`{"author":"kim","at":"2026-11-22T11:00:00+01:00","steps":["x"]}`, `{"version":2}`,
		`{"version":1,"response":{"id":"D1"}}`, `{"id":"D1"}`, "", "[]",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, m := range []proto.Message{&aerv1.ResponseRecord{}, &aerv1.ResponsePlan{}, &aerv1.ResponseRetry{},
			&aerv1.ResponseClose{}} {
			if err := decode(line, m); err != nil {
				continue
			}
			written, err := encode(m)
			again := m.ProtoReflect().New().Interface()
			if err != nil || decode(written, again) != nil || !proto.Equal(m, again) {
				t.Errorf("%q becomes %q, %v", line, written, err)
			}
		}
		if resp, err := decodeClose(line); err == nil && resp == nil {
			t.Errorf("%q is no response and no error", line)
		}
	})
}
