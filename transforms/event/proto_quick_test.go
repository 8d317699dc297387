// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

// sameAsGenerated checks that what protoQuick says of raw, if it says anything, is what the generated decoder says.
func sameAsGenerated(t failer, raw []byte) (decoded bool) {
	t.Helper()
	d, s := decoders.Get().(*decoder), decoders.Get().(*decoder)
	defer decoders.Put(d)
	defer decoders.Put(s)
	d.bad = unread{}
	b := d.block()
	if !d.protoQuick(raw, b) {
		return false
	}
	want, err := s.protoStrict(raw)
	if err != nil {
		t.Fatalf("%q gives an event: strictly %v", raw, err)
	}
	if diff := cmp.Diff(want, b.Lend(), protocmp.Transform()); diff != "" {
		t.Fatalf("%q (-strict +quick):\n%s", raw, diff)
	}
	if d.bad != s.bad {
		t.Fatalf("%q leaves %v unread: strictly %v", raw, d.bad, s.bad)
	}
	return true
}

// laterVersion is an event with fields that this version does not know.
func laterVersion(raw []byte) []byte {
	raw = protowire.AppendTag(raw, 99, protowire.BytesType)
	raw = protowire.AppendString(raw, "new")
	return protowire.AppendFixed64(protowire.AppendTag(raw, 16, protowire.Fixed64Type), 1)
}

func FuzzProtoQuick(f *testing.F) {
	f.Add([]byte(wire(f, sample())))
	f.Add([]byte(wire(f, one(f, benchNative, Options{}))))
	f.Add([]byte(wire(f, one(f, benchSlack, Options{}))))
	f.Add(laterVersion([]byte(wire(f, sample()))))
	f.Fuzz(func(t *testing.T, raw []byte) { sameAsGenerated(t, raw) })
}

// Events of all kinds, whole and with changes, are what the generated decoder makes of them; whole ones are read
// quickly.
func TestProtoQuickIsStrict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw, err := genEvent(t).MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		for _, usual := range [][]byte{raw, laterVersion(raw)} {
			if !sameAsGenerated(t, usual) {
				t.Fatalf("%q is left to the generated decoder", usual)
			}
		}
		for range 5 {
			changed := append([]byte(nil), raw...)
			for range rapid.IntRange(1, 3).Draw(t, "changes") {
				changed[rapid.IntRange(0, len(changed)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			}
			cut := changed[:rapid.IntRange(0, len(changed)).Draw(t, "cut")]
			for _, odd := range [][]byte{changed, cut, append(cut, raw...)} {
				sameAsGenerated(t, odd)
			}
		}
	})
}

// What only the generated decoder can tell is left to it.
func TestProtoQuickLeavesTheOdd(t *testing.T) {
	whole := []byte(wire(t, sample()))
	twice := append(append([]byte(nil), whole...), wire(t, &aerv1.Event{Id: "other"})...)
	text := sample()
	text.SessionId = "\xff"
	invalid, err := text.MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	facts := sample()
	facts.Client.Facts = &aerv1.ClientFacts{Tor: true}
	for name, raw := range map[string][]byte{
		"empty": {}, "cut off": whole[:len(whole)-1], "a field twice": twice, "not UTF-8": invalid,
		"facts": []byte(wire(t, facts)), "no time": []byte(wire(t, &aerv1.Event{Id: "e", OrgId: "o", UserId: "u", Action: "a"})),
		"a group": append(append([]byte(nil), whole...), 16<<3|3, 16<<3|4),
	} {
		if sameAsGenerated(t, raw) {
			t.Errorf("%s: read quickly", name)
		}
	}
}
