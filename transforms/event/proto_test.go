// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func sample() *aerv1.Event {
	return &aerv1.Event{
		Id: "e-1", Time: aerv1.Time(at("2026-11-22T10:00:00.123456Z")), OrgId: "O1", UserId: "U1", Action: "user_login",
		Client: &aerv1.Client{Ip: "203.0.113.7"}, ActorKind: aerv1.ActorSignedIn,
	}
}

func wire(t testing.TB, m proto.Message) string {
	t.Helper()
	raw, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestProto(t *testing.T) {
	equal(t, one(t, wire(t, sample()), Options{}), sample())
	equal(t, one(t, wire(t, sample()), Options{Format: Proto}), sample())
}

// The tag of the id is a line feed, and its length may look like the start of JSON.
func TestProtoThatLooksLikeJSON(t *testing.T) {
	for _, n := range []int{'{', '['} {
		ev := sample()
		ev.Id = strings.Repeat("x", n)
		equal(t, one(t, wire(t, ev), Options{}), ev)
	}
	equal(t, one(t, "\n"+minimal, Options{}), one(t, minimal, Options{}))
}

func TestProtoNormalises(t *testing.T) {
	ev := sample()
	ev.Time.Nanos = 123456789
	ev.CookieTime = &timestamppb.Timestamp{Seconds: 5}
	ev.Object = &aerv1.Object{Type: "file"}
	ev.Client = &aerv1.Client{Facts: &aerv1.ClientFacts{Tor: true}}
	want := sample()
	want.Client = &aerv1.Client{}
	equal(t, one(t, wire(t, ev), Options{}), want)
	ev.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1))
	ev.Client.ProtoReflect().SetUnknown(ev.ProtoReflect().GetUnknown())
	equal(t, one(t, wire(t, ev), Options{}), want)
	ev.Client = nil
	equal(t, one(t, wire(t, ev), Options{}), want)
}

func TestProtoRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change         func(*aerv1.Event)
		reason, detail string
	}{
		"no user":        {func(e *aerv1.Event) { e.UserId = "" }, ReasonMissingField, "user_id"},
		"time in 1970":   {func(e *aerv1.Event) { e.Time.Seconds = 0 }, ReasonBadField, "2000"},
		"negative nanos": {func(e *aerv1.Event) { e.Time.Nanos = -1 }, ReasonBadField, "time is"},
		"absurd time":    {func(e *aerv1.Event) { e.Time.Seconds = -1 << 62 }, ReasonBadField, "time is"},
		"not UTF-8":      {func(e *aerv1.Event) { e.UserId = "U\xff" }, ReasonBadEncoding, "user_id"},
	} {
		t.Run(name, func(t *testing.T) {
			ev := sample()
			c.change(ev)
			raw, err := ev.MarshalVT() // unlike proto.Marshal, it does not check the text
			if err != nil {
				t.Fatal(err)
			}
			refused(t, string(raw), Options{}, c.reason, c.detail)
		})
	}
	raw := wire(t, sample())
	refused(t, raw[:len(raw)-3], Options{Format: Proto}, ReasonBadProto, "aer.v1.Event")
	refused(t, minimal, Options{Format: Proto}, ReasonBadProto)
	refused(t, "", Options{Format: Proto}, ReasonMissingField)
	refused(t, raw, Options{MaxBytes: 10}, ReasonTooLarge)
	noTime := sample()
	noTime.Time = nil
	refused(t, wire(t, noTime), Options{Format: Proto}, ReasonMissingField, "time")
}

func TestProtoBatch(t *testing.T) {
	second := sample()
	second.Id = "e-2"
	batch := wire(t, &aerv1.EventBatch{Events: []*aerv1.Event{sample(), second}})

	evs, dead := Decode([]byte(batch+batch), Source{}, Options{})
	if len(evs) != 4 || len(dead) != 0 {
		t.Fatalf("%d events, dead letters %v", len(evs), dead)
	}
	equal(t, evs[3], second)

	bad := protowire.AppendBytes(protowire.AppendTag(nil, batchField, protowire.BytesType), []byte{0x0a, 0x7f})
	evs, dead = Decode([]byte(batch+string(bad)+batch), Source{Offset: "m"}, Options{})
	if len(evs) != 4 || len(dead) != 1 || dead[0].Offset != "m#2" || dead[0].Reason != ReasonBadProto {
		t.Errorf("one bad event of five: %d events, dead letters %v", len(evs), dead)
	}
	evs, dead = Decode([]byte(batch[:len(batch)-1]), Source{Offset: "m"}, Options{})
	if len(evs) != 1 || len(dead) != 1 || dead[0].Offset != "m#1" || dead[0].Reason != ReasonBadProto {
		t.Errorf("cut off: %d events, dead letters %v", len(evs), dead)
	}
	evs, dead = Decode([]byte(batch), Source{}, Options{MaxBatch: 1})
	if len(evs) != 1 || len(dead) != 1 || dead[0].Reason != ReasonTooLarge {
		t.Errorf("over the limit: %d events, dead letters %v", len(evs), dead)
	}
}
