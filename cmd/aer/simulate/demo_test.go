package simulate

import (
	"bytes"
	"strings"
	"sync"
	"testing"

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

// TestDemoWorldIsConsistent checks what detectors and evaluate rely on.
func TestDemoWorldIsConsistent(t *testing.T) {
	r := demoWorld(t)
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
	r := demoWorld(t)
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
	r := demoWorld(t)
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
	chosen, err := settings.Parse(SettingsFile, demoSettings)
	if err != nil || len(chosen) != len(demoOrgs) {
		t.Errorf("%d settings, %v", len(chosen), err)
	}
	var people bytes.Buffer
	r := demoWorld(t)
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

func TestBadDays(t *testing.T) {
	for _, days := range []int{-1, MinDays - 1, MaxDays + 1} {
		if _, err := Demo(DemoConfig{Days: days}); err == nil || !strings.Contains(err.Error(), "want 23 to 400") {
			t.Errorf("days %d: %v", days, err)
		}
	}
}
