package simulate

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// shared is one simulation for the tests that only read it.
var shared = sync.OnceValues(func() (*Result, error) { return Run(Config{Seed: 1}) })

func simulation(t *testing.T) *Result {
	t.Helper()
	r, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSameSeedSameFiles(t *testing.T) {
	var first map[string][]byte
	for run := range 2 {
		dir := t.TempDir()
		r, err := Run(Config{Seed: 1, Days: MinDays})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, name := range []string{EventsFile, TruthFile, TorFile, SettingsFile, DirectoryFile} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || len(b) == 0 {
				t.Fatalf("%s: %d bytes, %v", name, len(b), err)
			}
			files[name] = b
		}
		if run == 0 {
			first = files
		}
		for name := range files {
			if !bytes.Equal(first[name], files[name]) {
				t.Errorf("%s differs between runs", name)
			}
		}
	}
	other, err := Run(Config{Seed: 2, Days: MinDays})
	if err != nil {
		t.Fatal(err)
	}
	if other.Events[0].GetTime().AsTime().Equal(simulation(t).Events[0].GetTime().AsTime()) {
		t.Error("another seed made the same events")
	}
}

// TestWorldIsConsistent checks what detectors and evaluate rely on.
func TestWorldIsConsistent(t *testing.T) {
	r := simulation(t)
	if n := len(r.Events); n < 40_000 || n > 80_000 {
		t.Errorf("%d events: the demo is made for 40,000 to 80,000", n)
	}
	ids := map[string]bool{}
	owners := map[string]string{}
	for i, e := range r.Events {
		if i > 0 && e.GetTime().AsTime().Before(r.Events[i-1].GetTime().AsTime()) {
			t.Fatalf("%s is out of order", e.GetId())
		}
		if ids[e.GetId()] {
			t.Fatalf("%s occurs twice", e.GetId())
		}
		ids[e.GetId()] = true
		if o := owners[e.GetSessionId()]; o != "" && o != e.GetUserId() {
			t.Fatalf("session %s belongs to %s and %s", e.GetSessionId(), o, e.GetUserId())
		}
		owners[e.GetSessionId()] = e.GetUserId()
		if e.GetCookieTime().AsTime().After(e.GetTime().AsTime()) {
			t.Fatalf("%s has a cookie from the future", e.GetId())
		}
	}
}

func TestEveryTypeIsAttackedAndIncidentsLieOnTheLastDay(t *testing.T) {
	r := simulation(t)
	expected := map[string]int{}
	lookAlikes := 0
	for _, i := range r.Incidents {
		if i.Start.Before(r.LastDay) || !i.End.Before(r.LastDay.AddDate(0, 0, 1)) || i.Events == 0 || i.End.Before(i.Start) {
			t.Errorf("%s runs from %s to %s with %d events", i.ID, i.Start, i.End, i.Events)
		}
		for _, e := range i.Expected {
			expected[e]++
		}
		if !i.Anomalous {
			lookAlikes++
		}
	}
	for _, kind := range aerv1.AnomalyTypes {
		if expected[kind] == 0 {
			t.Errorf("no attack expects %s", kind)
		}
	}
	if lookAlikes < 10 {
		t.Errorf("%d look-alikes, want at least 10", lookAlikes)
	}
}

func TestVictimsAreOldEnough(t *testing.T) {
	r := simulation(t)
	first := map[string]*aerv1.Event{}
	for _, e := range r.Events {
		if first[e.GetUserId()] == nil {
			first[e.GetUserId()] = e
		}
	}
	for _, i := range r.Incidents {
		age := i.Start.Sub(first[i.UserID].GetTime().AsTime())
		if i.Anomalous && age < evaluate.LearningAge {
			t.Errorf("%s: account is %s old", i.ID, age)
		}
	}
}

func TestFilesParse(t *testing.T) {
	chosen, err := settings.Parse(SettingsFile, Settings())
	if err != nil || len(chosen) != len(orgPlans) {
		t.Errorf("%d settings, %v", len(chosen), err)
	}
	var people bytes.Buffer
	r := simulation(t)
	if err := r.WriteDirectory(&people); err != nil {
		t.Fatal(err)
	}
	directories, err := settings.ParseDirectory(DirectoryFile, people.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range directories {
		if diff := cmp.Diff(r.Directories[i], d, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestClientsAreWhatTheyClaim keeps the invented user agents within what the classifier knows.
func TestClientsAreWhatTheyClaim(t *testing.T) {
	kinds := append(append([]deviceKind{goHTTP, pythonRequests, torBrowser}, laptopKinds...), phoneKinds...)
	for _, k := range kinds {
		ua := newDevice(rand.New(rand.NewPCG(1, 1)), k)
		s := &session{person: &person{}, device: ua}
		got := useragent.Classify(s.client().GetUserAgent())
		if got.Family != k.family || got.OS != k.platform || got.Version == "" {
			t.Errorf("%s: classified as %+v, want %s on %s", s.client().GetUserAgent(), got, k.family, k.platform)
		}
	}
}

func TestBadDays(t *testing.T) {
	for _, days := range []int{-1, MinDays - 1, MaxDays + 1} {
		if _, err := Run(Config{Days: days}); err == nil || !strings.Contains(err.Error(), "want 23 to 400") {
			t.Errorf("days %d: %v", days, err)
		}
	}
}
