// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// What readTimed makes of bytes is what protobuf makes of them.
func FuzzReadTimed(f *testing.F) {
	seed := &aerv1.Pending{Version: aerv1.ShardVersion, Things: []*aerv1.PendingThing{
		{DueMs: 1, Data: []byte("first")}, {}, {DueMs: -1, Data: []byte("last")},
	}}
	raw, err := seed.MarshalVT()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(append(raw, 0x0d, 1, 0, 0, 0))                  // the version once more
	f.Add(append(raw, 0x1b, 0x08, 1, 0x1c, 0x22, 1, 'x')) // a group and a field that nobody knows
	f.Fuzz(func(t *testing.T, raw []byte) {
		want, got := &aerv1.Pending{}, &aerv1.Pending{}
		if proto.Unmarshal(raw, want) != nil || aerv1.CheckStateVersion(want, want.Version, len(raw)) != nil {
			return
		}
		got.Version = want.Version
		err := readTimed(raw, got, func(ms int64, data []byte) {
			got.Things = append(got.Things, &aerv1.PendingThing{DueMs: ms, Data: data})
		})
		for _, p := range []*aerv1.Pending{got, want} {
			p.ProtoReflect().SetUnknown(nil)
			for _, t := range p.Things {
				t.ProtoReflect().SetUnknown(nil)
			}
		}
		if err != nil || !proto.Equal(want, got) {
			t.Errorf("%x became %v, %v, want %v", raw, got, err, want)
		}
	})
}
