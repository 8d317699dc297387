package transforms

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestRecordsSurviveTheirCoders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blob := rapid.SliceOf(rapid.Byte())
		h := head{entries: rapid.Int64().Draw(t, "entries"), snapshotBytes: rapid.Int64().Draw(t, "snapshot"), logBytes: rapid.Int64().Draw(t, "log")}
		copy(h.version[:], blob.Draw(t, "version"))
		if got, err := decodeHead(h.encode()); err != nil || got != h {
			t.Fatalf("head %v became %v, %v", h, got, err)
		}
		raw := blob.Draw(t, "raw")
		if got, err := decompress(compress(raw)); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes became %d, %v", len(raw), len(got), err)
		}
	})
}

func TestDecidedCoder(t *testing.T) {
	d := Decided{Anomaly: &aerv1.Anomaly{Id: "A1", OrgId: "O1"}, Decision: &aerv1.Decision{Id: "D1", Outcome: aerv1.Decision_RESPOND}}
	raw, err := encodeDecided(d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeDecided(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got.Anomaly.Id != "A1" || got.Decision.Outcome != aerv1.Decision_RESPOND {
		t.Errorf("became %v", got)
	}
}

// Damaged state is an error, never a panic or a large allocation.
func FuzzDecoders(f *testing.F) {
	f.Add(encodeBatches(Batches{[]Packed{{EndMS: 10, Data: []byte("x")}}}))
	f.Add(head{}.encode())
	f.Add(compress(bytes.Repeat([]byte("x"), 1000)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = decodeBatches(b)
		_, _ = decodeHead(b)
		_, _ = decodeDecided(b)
		_, _ = decodeAccumulator(b)
		_, _, _ = readLog([][]byte{b}, head{entries: 1})
		_, _ = Packed{Data: b}.unpack()
		_, _ = decodeProto(reflect.TypeFor[*aerv1.Anomaly](), b)
	})
}
