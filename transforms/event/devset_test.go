// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// shared gives the path of a file of the data set that lies beside the repository, and skips the test where there is
// none.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no go.mod above the test")
		}
		dir = parent
	}
	full := filepath.Join(dir, "..", "shared", path)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("the data set is not here: %v", err)
	}
	return full
}

func TestDevsetDecodesWithoutDeadLetters(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 391,478 events")
	}
	files, err := OpenFiles([]string{shared(t, "data/devset/events.ndjson.gz")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	events, classes := 0, map[Class]int{}
	for ev, dead := range files.All() {
		if dead != nil {
			t.Fatalf("dead letter at line %s: %s: %s", dead.Offset, dead.Reason, dead.Detail)
		}
		events++
		classes[ActionClass(ev.Action)]++
	}
	if err := files.Err(); err != nil {
		t.Fatal(err)
	}
	if events != 391_478 {
		t.Errorf("%d events, want 391478", events)
	}
	if n := classes[ClassOther]; n != 0 {
		t.Errorf("%d events of no known class", n)
	}
	if read, total := files.Progress(); read != total {
		t.Errorf("progress ends at %d of %d bytes", read, total)
	}
}

// The generic decoder of protobuf's JSON form is slower and laxer, but must agree on what it and we both accept.
func TestDevsetAgreesWithProtoJSON(t *testing.T) {
	file, err := os.Open(shared(t, "data/devset/events.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	for n := 0; n < 20_000 && lines.Scan(); n++ {
		if n%20 != 0 {
			continue
		}
		want := &aerv1.Event{}
		if err := aerv1.UnmarshalJSONLine(lines.Bytes(), want); err != nil {
			t.Fatal(err)
		}
		want.ActorKind = aerv1.ActorSignedIn // which it does not derive: nobody is refused in this set
		equal(t, one(t, lines.Text(), Options{}), want)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}
