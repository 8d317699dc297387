// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/sinks/sinktest"
	torlist "github.com/aer-project/aer/transforms/enrich/tor"
)

// bucket serves the objects of one bucket as Cloud Storage does.
type bucket struct {
	mu      sync.Mutex
	objects map[string]string
	changes int64
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	b := &bucket{objects: map[string]string{}}
	srv := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(srv.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", srv.URL)
	return b
}

func (b *bucket) put(name, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name], b.changes = text, b.changes+1
}

func (b *bucket) remove(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
}

func (b *bucket) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name, about := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/storage/v1"), "/b/"), false
	if rest, ok := strings.CutPrefix(name, "files/o/"); ok {
		name, about = rest, r.URL.Query().Get("alt") != "media"
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "/"), "files/")
	text, ok := b.objects[name]
	switch {
	case !ok:
		http.NotFound(w, r)
	case about:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"bucket":"files","name":%q,"generation":"%d","updated":"2026-11-22T10:00:00Z"}`, name, b.changes)
	default:
		w.Header().Set("X-Goog-Generation", fmt.Sprint(b.changes))
		fmt.Fprint(w, text)
	}
}

// A run works with copies of the files in Cloud Storage that its configuration names, follows them, and leaves none.
func TestFilesInCloudStorage(t *testing.T) {
	b := newBucket(t)
	b.put("lists/tor.txt", "198.51.100.7\n")
	b.put("settings.yaml", "orgs: {O1: {detectors: {tor: {mode: log}}}}\n")
	c := config.Default()
	c.Out, c.Settings = t.TempDir(), "gs://files/settings.yaml"
	c.Enrich.Tor = []torlist.Source{{Path: "gs://files/lists/tor.txt"}}
	c.Warehouse.Kind = config.WarehouseNone
	p, err := Build(t.Context(), c)
	sinktest.Must(t, err)
	if c.Enrich.Tor[0].Path != "gs://files/lists/tor.txt" {
		t.Errorf("the caller's configuration has become %+v", c.Enrich.Tor)
	}
	local := p.c.Enrich.Tor[0].Path
	want := func(text string) {
		t.Helper()
		raw, err := os.ReadFile(local)
		sinktest.Must(t, err)
		if string(raw) != text {
			t.Errorf("the copy is %q, want %q", raw, text)
		}
	}
	want("198.51.100.7\n")
	info, err := os.Stat(local)
	sinktest.Must(t, err)
	if age := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC); !info.ModTime().Equal(age) {
		t.Errorf("the copy is of %v, want %v: an old list only logs", info.ModTime(), age)
	}
	b.put("lists/tor.txt", "198.51.100.8\n")
	p.updateFiles(t.Context())
	want("198.51.100.8\n")
	b.remove("lists/tor.txt")
	p.updateFiles(t.Context())
	want("198.51.100.8\n")
	sinktest.Must(t, p.Close())
	if _, err := os.Stat(p.copies.dir); !os.IsNotExist(err) {
		t.Errorf("copies are left: %v", err)
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	newBucket(t)
	c := config.Default()
	c.Out, c.Warehouse.Kind = t.TempDir(), config.WarehouseNone
	c.Enrich.Tor = []torlist.Source{{Path: "gs://files/tor.txt"}}
	if p, err := Build(t.Context(), c); err == nil || !strings.Contains(err.Error(), "enrich.tor[0].path") {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := ReadObject(t.Context(), "gs://files/aer.yaml"); err == nil ||
		!strings.Contains(err.Error(), "reading gs://files/aer.yaml") {
		t.Error(err)
	}
	c.Enrich.StartWithoutLists = true // as workers do
	p, err := Build(t.Context(), c)
	sinktest.Must(t, err)
	sinktest.Must(t, p.Close())
}
