// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/proto"
)

func TestRelease(t *testing.T) {
	for name, raw := range map[string]string{"native": benchNative, "slack": benchSlack} {
		ev := one(t, raw, Options{})
		texts := []string{ev.Id, ev.UserId, ev.Client.Ip, ev.Client.UserAgent, ev.Object.Id}
		kept := append([]string(nil), texts...)
		Release(ev)
		if ev.Id != "" || ev.Client != nil || ev.Time != nil {
			t.Errorf("%s: the event was not taken back: %v", name, ev)
		}
		Release(ev) // does nothing: the next two events must not share memory
		a, b := one(t, minimal, Options{}), one(t, benchSlack, Options{})
		if a == b || a.Client == b.Client {
			t.Errorf("%s: an event was lent twice", name)
		}
		for i := range texts {
			if texts[i] != kept[i] {
				t.Errorf("%s: %q became %q", name, kept[i], texts[i])
			}
		}
		if a.Object != nil || a.Bytes != nil || a.Client.Ip != "" {
			t.Errorf("%s: something is left of an event that was given back: %v", name, a)
		}
	}
}

// Whatever is no decoder's own event is left alone.
func TestReleaseOfOthers(t *testing.T) {
	lent := one(t, benchNative, Options{})
	copied := proto.Clone(lent)
	unknown := sample()
	unknown.ProtoReflect().SetUnknown([]byte{0x98, 0x06, 0x01})
	for name, ev := range map[string]*aerv1.Event{
		"nil": nil, "empty": {}, "made in code": sample(), "a copy": copied.(*aerv1.Event), "unknown field": unknown,
	} {
		before := proto.Clone(ev)
		Release(ev)
		if !proto.Equal(before, ev) {
			t.Errorf("%s: the event was taken", name)
		}
	}
	if !proto.Equal(lent, copied) {
		t.Error("an event that is lent differs from its copy")
	}
	if raw, err := proto.Marshal(lent); err != nil || len(raw) != lent.SizeVT() {
		t.Errorf("an event that is lent has %d bytes, want %d (%v)", len(raw), lent.SizeVT(), err)
	}
}
