package transforms

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestRecordsSurviveTheirCoders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blob := rapid.SliceOf(rapid.Byte())
		text := rapid.String()
		m := Message{Data: blob.Draw(t, "data"), Source: text.Draw(t, "source"), Offset: text.Draw(t, "offset"), PublishedMS: rapid.Int64().Draw(t, "published"), WatermarkMS: rapid.Int64().Draw(t, "watermark")}
		encoded, err := encodeMessage(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeMessage(encoded); err != nil || !bytes.Equal(got.Data, m.Data) || got.Source != m.Source || got.Offset != m.Offset || got.PublishedMS != m.PublishedMS || got.WatermarkMS != m.WatermarkMS {
			t.Fatalf("message %v became %v, %v", m, got, err)
		}
		c := cursor{State: blob.Draw(t, "state"), Done: rapid.Bool().Draw(t, "done")}
		if got, err := decodeCursor(encodeCursor(c)); err != nil || got.Done != c.Done || !bytes.Equal(got.State, c.State) {
			t.Fatalf("cursor %v became %v, %v", c, got, err)
		}
		st := &pullState{
			acks: rapid.SliceOf(text).Draw(t, "acks"), pulled: rapid.Int64().Draw(t, "pulled"),
			recentMS: rapid.SliceOf(rapid.Int64()).Draw(t, "recent"), watermarkMS: rapid.Int64().Draw(t, "watermark"),
		}
		got, err := decodePullState(st.encode())
		if err != nil || !slices.Equal(got.acks, st.acks) || got.pulled != st.pulled || !slices.Equal(got.recentMS, st.recentMS) || got.watermarkMS != st.watermarkMS {
			t.Fatalf("state %v became %v, %v", st, got, err)
		}
		raw := blob.Draw(t, "raw")
		if got, err := decompress(compress(raw)); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes became %d, %v", len(raw), len(got), err)
		}
	})
}

func TestDecidedCoder(t *testing.T) {
	for _, d := range []Decided{
		{Anomaly: &aerv1.Anomaly{Id: "A1", OrgId: "O1"}, Decision: &aerv1.Decision{Id: "D1", Outcome: aerv1.Decision_RESPOND}},
		{Anomaly: &aerv1.Anomaly{Id: "A2"}},
	} {
		raw, err := encodeDecided(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeDecided(raw); err != nil || !proto.Equal(got.Anomaly, d.Anomaly) || !proto.Equal(got.Decision, d.Decision) {
			t.Errorf("%v became %v, %v", d, got, err)
		}
	}
}

// Damaged state is an error, never a panic or a large allocation.
func FuzzDecoders(f *testing.F) {
	for _, golden := range goldens(f, "*") {
		f.Add(golden)
	}
	f.Add((&pullState{acks: []string{"a"}}).encode())
	f.Add(compress(bytes.Repeat([]byte("x"), 1000)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = readPending(b)
		_, _ = readHeld(b, 0)
		_, _ = readHeld(b, 1)
		_, _ = decodeMessage(b)
		_, _ = decodeCursor(b)
		_, _ = decodePullState(b)
		_, _ = readHead(b)
		_, _ = decodeDecided(b)
		_, _ = decodeAccumulator(b)
		_, _, _ = readLog([][]byte{b}, &aerv1.ShardHead{Entries: 1})
		_, _ = unpack(b)
		_, _ = decodeProto(reflect.TypeFor[*aerv1.Anomaly](), b)
		_, _ = decodeProto(reflect.TypeFor[*aerv1.PackedBatches](), b)
	})
}
