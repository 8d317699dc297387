// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"bytes"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// TestSlicesAreOnlyLent: what becomes of a slice after it was recorded changes nothing of the profiles.
func TestSlicesAreOnlyLent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		stream := activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(rt, "seed"), Events: rapid.IntRange(1, 300).Draw(rt, "events"), Users: 3,
			Span: rapid.SampledFrom([]time.Duration{time.Minute, 6 * time.Hour, 20 * day}).Draw(rt, "span"), Actors: true,
		}
		kept, lent := NewShard(), NewShard()
		for _, b := range batches(stream.Make()) {
			kept.Apply(b, nil)
			again := proto.CloneOf(b)
			lent.Apply(again, nil)
			for _, s := range again.Slices {
				spoil(s)
			}
		}
		if !bytes.Equal(bytes.Join(Chunks(t, kept), nil), bytes.Join(Chunks(t, lent), nil)) {
			rt.Fatal("the profiles hold on to slices that were given back")
		}
	})
}

// spoil makes something else of a slice, as memory does that is used again.
func spoil(s *aerv1.Slice) {
	for _, f := range s.Facets {
		proto.Reset(f.Client)
		f.Client.Ip, f.Client.DeviceId, f.Client.Family, f.Client.Class = "spoilt", "spoilt", "spoilt", "spoilt"
		f.SessionId, f.FirstEventId, f.FirstMs, f.LastMs = "spoilt", "spoilt", 1, 2
	}
	for _, m := range s.Methods {
		m.Class, m.Method, m.Calls = "spoilt", "spoilt", 99
	}
	for _, set := range []*aerv1.ObjectSet{s.Downloads, s.Reads} {
		clear(set.GetHashes())
	}
	clear(s.Facets)
	clear(s.Methods)
	s.OrgId, s.UserId, s.UserType, s.AppId, s.ActorKind = "spoilt", "spoilt", "spoilt", "spoilt", "spoilt"
}
