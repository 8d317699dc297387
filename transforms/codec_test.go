// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestRecordsSurviveTheirCoders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blob := rapid.SliceOf(rapid.Byte())
		raw := blob.Draw(t, "raw")
		if got, err := decompress(compress(raw), decoder); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes became %d, %v", len(raw), len(got), err)
		}
	})
}

// Batches of before were of any size, as their windows were.
func TestLargeBatchesOfBeforeAreRead(t *testing.T) {
	s := &aerv1.Slice{OrgId: strings.Repeat("o", decompressMax+1)}
	raw, err := (&aerv1.Batch{Slices: []*aerv1.Slice{s}}).MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Unpack(&aerv1.PackedBatch{Data: compress(raw)}); err != nil || len(b.Slices) != 1 {
		t.Error(err)
	}
}

func TestDecidedCoder(t *testing.T) {
	all := []Decided{
		{Anomaly: &aerv1.Anomaly{Id: "A1", OrgId: "O1"},
			Decision: &aerv1.Decision{Id: "D1", Outcome: aerv1.Decision_RESPOND}},
		{Anomaly: &aerv1.Anomaly{Id: "A2"}},
	}
	raw, err := encodeDecisions(Decisions{all})
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeDecisions(raw)
	if err != nil || len(got.List) != 2 || !proto.Equal(got.List[1].Anomaly, all[1].Anomaly) {
		t.Errorf("%v became %v, %v", all, got, err)
	}
	if _, err := decodeDecisions(raw[:len(raw)-1]); err == nil {
		t.Error("a list that is cut short is taken")
	}
	for _, d := range all {
		raw, err := encodeDecided(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeDecided(raw); err != nil || !proto.Equal(got.Anomaly, d.Anomaly) ||
			!proto.Equal(got.Decision, d.Decision) {
			t.Errorf("%v became %v, %v", d, got, err)
		}
	}
}

// Damaged state is an error, never a panic or a large allocation.
func FuzzDecoders(f *testing.F) {
	for _, golden := range append(goldens(f, "*"), goldensOf(f, "v1", "*")...) {
		f.Add(golden)
	}
	f.Add(compress(bytes.Repeat([]byte("x"), 1000)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = readPending(b)
		_, _ = readHeld(b, 0)
		_, _ = readHeld(b, 1)
		_, _ = readHead(b)
		_, _ = decodeDecided(b)
		_, _, _ = readLog([][]byte{b}, &aerv1.ShardHead{Entries: 1})
		_, _ = Unpack(&aerv1.PackedBatch{Data: b})
		_, _ = decodeProto(reflect.TypeFor[*aerv1.Anomaly](), b)
		_, _ = decodeProto(reflect.TypeFor[*aerv1.PackedBatches](), b)
	})
}
