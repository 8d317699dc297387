// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// sharedDemo is one simulation for the tests that only read it.
var sharedDemo = sync.OnceValues(func() (*Result, error) { return Demo(DemoConfig{Seed: 1}) })

func demoWorld(t *testing.T) *Result {
	t.Helper()
	r, err := sharedDemo()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var shared = sync.OnceValues(func() (*Result, error) { return Quality(small) })

func simulation(t *testing.T) *Result {
	t.Helper()
	r, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// files are what a world writes, by name.
func files(t *testing.T, r *Result) map[string][]byte {
	t.Helper()
	dir, all := t.TempDir(), map[string][]byte{}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range written {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", f.Name(), len(b), err)
		}
		all[f.Name()] = b
	}
	return all
}

func TestSameSeedSameFiles(t *testing.T) {
	again, err := Quality(small)
	if err != nil {
		t.Fatal(err)
	}
	demo, err := Demo(DemoConfig{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, world := range [][2]*Result{{simulation(t), again}, {demoWorld(t), demo}} {
		if diff := cmp.Diff(files(t, world[0]), files(t, world[1])); diff != "" {
			t.Errorf("another run gives other files (-first +second):\n%.2000s", diff)
		}
	}
	other, err := Demo(DemoConfig{Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if other.Events[0].GetTime().AsTime().Equal(demo.Events[0].GetTime().AsTime()) {
		t.Error("another seed made the same events")
	}
}

// TestWorldsAreConsistent checks what detectors and evaluate rely on.
func TestWorldsAreConsistent(t *testing.T) {
	for name, r := range map[string]*Result{"demo": demoWorld(t), "quality": simulation(t)} {
		t.Run(name, func(t *testing.T) {
			ids, owners, joined := map[string]bool{}, map[string]string{}, map[string]time.Time{}
			last := time.Time{}
			for _, e := range r.Events {
				at, owner := e.GetTime().AsTime(), owners[e.GetSessionId()]
				switch {
				case at.Before(last):
					t.Fatalf("%s is out of order", e.GetId())
				case ids[e.GetId()]:
					t.Fatalf("%s occurs twice", e.GetId())
				case e.GetSessionId() != "" && e.GetSessionId() != "-" && owner != "" && owner != e.GetUserId():
					t.Fatalf("session %s belongs to %s and %s", e.GetSessionId(), owner, e.GetUserId())
				case e.GetCookieTime().AsTime().After(at):
					t.Fatalf("%s has a cookie from the future", e.GetId())
				}
				last, ids[e.GetId()], owners[e.GetSessionId()] = at, true, e.GetUserId()
				if joined[e.GetUserId()].IsZero() {
					joined[e.GetUserId()] = at
				}
			}
			for _, i := range r.Incidents {
				if i.Events == 0 || i.End.Before(i.Start) || i.Note == "" {
					t.Errorf("%s has %d events from %s to %s: %q", i.ID, i.Events, i.Start, i.End, i.Note)
				}
				if age := i.Start.Sub(joined[i.UserID]); i.Anomalous && age < evaluate.LearningAge {
					t.Errorf("%s: the account is %s old", i.ID, age)
				}
				if slices.ContainsFunc(i.Expected, func(kind string) bool { return !slices.Contains(aerv1.AnomalyTypes, kind) }) {
					t.Errorf("%s expects %v", i.ID, i.Expected)
				}
			}
			filesParse(t, r)
		})
	}
}

// filesParse: settings are chosen for each organisation whose attacks are scored, and the directory is read as it was
// written.
func filesParse(t *testing.T, r *Result) {
	t.Helper()
	scored := map[string]bool{}
	for _, i := range r.Incidents {
		scored[i.OrgID] = true
	}
	chosen, err := settings.Parse(SettingsFile, r.Settings)
	if err != nil || len(chosen) != len(scored) {
		t.Errorf("%d settings of %d organisations, %v", len(chosen), len(scored), err)
	}
	var people bytes.Buffer
	if err := r.WriteDirectory(&people); err != nil {
		t.Fatal(err)
	}
	directories, err := settings.ParseDirectory(DirectoryFile, people.Bytes())
	if diff := cmp.Diff(r.Directories, directories, protocmp.Transform(),
		protocmp.SortRepeatedFields(&aerv1.Directory{}, "people")); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
}
