// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func encoded(t testing.TB, versions ...*aerv1.Baseline) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, versions...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFileRoundTrip(t *testing.T) {
	want := []*aerv1.Baseline{version("a", 0, 24), version("b", 24, 0)}
	got, err := Read(bytes.NewReader(encoded(t, want...)))
	if err != nil || len(got) != 2 || !proto.Equal(got[0], want[0]) || !proto.Equal(got[1], want[1]) {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestABrokenFileIsAnError(t *testing.T) {
	whole := encoded(t, version("a", 0, 24), version("b", 24, 0))
	for name, raw := range map[string][]byte{"no zstd": []byte("orgs: {}\n"), "cut": whole[:len(whole)-5]} {
		if _, err := Read(bytes.NewReader(raw)); err == nil || !strings.Contains(err.Error(), "reading version 1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("garbage"))
	f.Add(encoded(f, version("a", 0, 24)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		v := NewVersions(list)
		for h := range 4 {
			v.At(monday.Add(time.Duration(h) * 12 * time.Hour)).Version()
		}
	})
}
