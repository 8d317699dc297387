package baseline

import (
	"bytes"
	"os"
	"path/filepath"
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

// TestAFileIsFollowed: it is read again when it changed, and what was good stays when it cannot be read.
func TestAFileIsFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.zst")
	if _, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	put := func(raw []byte, hour int) {
		t.Helper()
		when := monday.Add(time.Duration(hour) * time.Hour)
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	put(encoded(t, version("a", 0, 0)), 0)
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	now := monday
	for i, c := range []struct {
		what    string
		raw     []byte
		wait    time.Duration
		changed bool
		failed  bool
		want    string
	}{
		{"nothing new", nil, time.Hour, false, false, "a"},
		{"a new version", encoded(t, version("b", 0, 0)), time.Hour, true, false, "b"},
		{"asked again too soon", encoded(t, version("c", 0, 0)), time.Second, false, false, "b"},
		{"asked again in time", nil, time.Hour, true, false, "c"},
		{"garbage", []byte("garbage"), time.Hour, false, true, "c"},
		{"cut to nothing while it is written", []byte{}, time.Hour, false, true, "c"},
		{"whole again", encoded(t, version("d", 0, 0)), time.Hour, true, false, "d"},
	} {
		now = now.Add(c.wait)
		if c.raw != nil {
			put(c.raw, i)
		}
		changed, err := f.Refresh(now)
		if changed != c.changed || (err != nil) != c.failed || f.At(monday.Add(time.Hour)).Version() != c.want {
			t.Errorf("%s: changed %v, error %v, version %s", c.what, changed, err, f.At(monday.Add(time.Hour)).Version())
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
