// SPDX-License-Identifier: Apache-2.0

package packed_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/aer-project/aer/transforms/packed"
)

func TestNumbersSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, i := rapid.Uint64().Draw(t, "u"), rapid.Int64().Draw(t, "i")
		var w packed.Writer
		w.Uint(u)
		w.Int(i)
		w.Fixed(u)
		r := packed.Reader{Rest: w.Buf}
		if gotU, gotI, gotF := r.Uint(), r.Int(), r.Fixed(); gotU != u || gotI != i || gotF != u || r.Bad || len(r.Rest) > 0 {
			t.Fatalf("%d, %d became %d, %d, %d", u, i, gotU, gotI, gotF)
		}
	})
}

func TestSmallNumbersAreShort(t *testing.T) {
	for v, size := range map[int64]int{0: 1, 63: 1, -64: 1, 64: 2, math.MinInt64: 10} {
		var w packed.Writer
		if w.Int(v); len(w.Buf) != size {
			t.Errorf("%d takes %d bytes, want %d", v, len(w.Buf), size)
		}
	}
}

// form is how a text is written and read.
type form struct {
	name  string
	write func([]byte, string) ([]byte, bool)
	read  func(*packed.Reader, int) []byte
}

var forms = []form{
	{"hex", packed.AppendHex, func(r *packed.Reader, size int) []byte { return r.Hex(nil, uint64(size)) }},
	{"UUID", packed.AppendUUID, func(r *packed.Reader, _ int) []byte { return r.UUID(nil) }},
	{"decimal", packed.AppendDecimal, func(r *packed.Reader, _ int) []byte { return r.Decimal(nil) }},
	{"IPv4", packed.AppendIPv4, func(r *packed.Reader, _ int) []byte { return r.IPv4(nil) }},
}

// TestWhatIsOfAFormSurvives, and nothing else is said to be of it.
func TestWhatIsOfAFormSurvives(t *testing.T) {
	texts := rapid.OneOf(
		rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-fA]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), rapid.StringMatching(`[0-9]{0,21}`),
		rapid.StringMatching(`[0-9a-fg]{0,40}`), rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){3}`), rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		for _, f := range forms {
			raw, ok := f.write([]byte{7}, s)
			if !ok {
				continue
			}
			r := packed.Reader{Rest: raw[1:]}
			if got := string(f.read(&r, len(raw)-1)); got != s || r.Bad || len(r.Rest) > 0 || raw[0] != 7 {
				t.Fatalf("as %s, %q became %q", f.name, s, got)
			}
		}
	})
}

func TestForms(t *testing.T) {
	for s, want := range map[string]map[string]int{
		"":                                     {"hex": 0},
		"ec6e4f9b":                             {"hex": 4},
		"EC6E4F9B":                             {},
		"ec6":                                  {},
		"12":                                   {"hex": 1, "decimal": 1},
		"012":                                  {},
		"9999999999999999999":                  {"decimal": 10},
		"18446744073709551616":                 {"hex": 10},
		"92.249.0.35":                          {"IPv4": 4},
		"92.249.0.035":                         {},
		"92.249.0.256":                         {},
		"83248059-aac6-cbcb-611d-8f167b5d2950": {"UUID": 16},
		"83248059-AAC6-cbcb-611d-8f167b5d2950": {},
		"83248059+aac6-cbcb-611d-8f167b5d2950": {},
	} {
		for _, f := range forms {
			raw, ok := f.write(nil, s)
			if size, is := want[f.name]; ok != is || ok && len(raw) != size {
				t.Errorf("%q as %s: %v in %d bytes, want %v in %d", s, f.name, ok, len(raw), is, size)
			}
		}
	}
}

func TestWhatIsCutShortIsBad(t *testing.T) {
	for name, read := range map[string]func(*packed.Reader){
		"number": func(r *packed.Reader) { r.Uint() }, "hash": func(r *packed.Reader) { r.Fixed() },
		"hex": func(r *packed.Reader) { r.Hex(nil, 9) }, "UUID": func(r *packed.Reader) { r.UUID(nil) },
		"IPv4": func(r *packed.Reader) { r.IPv4(nil) }, "decimal": func(r *packed.Reader) { r.Decimal(nil) },
	} {
		r := packed.Reader{Rest: []byte{0x80, 0x80, 0x80}}
		if read(&r); !r.Bad || len(r.Rest) > 0 || r.Uint() != 0 {
			t.Errorf("%s: %v", name, r)
		}
	}
}
