// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zstded(t testing.TB, text string) string {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(z.EncodeAll([]byte(text), nil))
}

var packers = map[string]func(testing.TB, string) string{"gzip": gzipped, "zstd": zstded}

func TestCompressed(t *testing.T) {
	for name, pack := range packers {
		t.Run(name, func(t *testing.T) {
			equal(t, one(t, pack(t, minimal), Options{}), one(t, minimal, Options{}))
			equal(t, one(t, pack(t, wire(t, sample())), Options{}), sample())
			if got := outcome(pack(t, numbered(1)+"\n")+pack(t, numbered(2)), Options{}); got != "e-1 e-2" {
				t.Errorf("two parts: %s", got)
			}
			if got := outcome(pack(t, pack(t, minimal)), Options{}); got != "m:unknown_format" {
				t.Errorf("packed twice: %s", got)
			}
		})
	}
}

func TestCompressedRefuses(t *testing.T) {
	bomb := string(make([]byte, 100<<20))
	for name, pack := range packers {
		t.Run(name, func(t *testing.T) {
			good := pack(t, minimal)
			d := refused(t, good[:len(good)-5], Options{}, ReasonBadCompression, name)
			if string(d.Raw) != good[:len(good)-5] {
				t.Error("the raw bytes are not those of the message")
			}
			refused(t, good[:5], Options{}, ReasonBadCompression)
			refused(t, pack(t, bomb), Options{}, ReasonTooLarge, "16777216")
			refused(t, pack(t, minimal), Options{MaxMessageBytes: 10}, ReasonTooLarge)
		})
	}
	flipped := []byte(gzipped(t, minimal))
	flipped[len(flipped)-6] ^= 1 // the checksum
	refused(t, string(flipped), Options{}, ReasonBadCompression)
}

// A zstd frame may ask for any window before it has said a byte.
func TestZstdWindowIsBounded(t *testing.T) {
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithWindowSize(64<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Flush(); err != nil { // the frame does not say how long it is
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, out.String(), Options{}, ReasonBadCompression, "window")
}
