package simulate

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// small is the smallest simulation: one of each kind.
var small = QualityConfig{Seed: 3, Orgs: MinOrgs, Scale: MinScale, Each: 1}

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

// TestEverythingHappens: each kind in the lists has an incident, of the kind's expectation, while accounts are old enough.
func TestEverythingHappens(t *testing.T) {
	r := simulation(t)
	attacks, lookAlikes := map[string]int{}, map[string]int{}
	first := map[string]*aerv1.Event{}
	for _, e := range r.Events {
		if first[e.GetUserId()] == nil {
			first[e.GetUserId()] = e
		}
	}
	for _, i := range r.Incidents {
		if i.Events == 0 || i.End.Before(i.Start) || i.Note == "" {
			t.Errorf("%s has %d events from %s to %s: %q", i.ID, i.Events, i.Start, i.End, i.Note)
		}
		if !i.Anomalous {
			lookAlikes[i.Kind]++
			continue
		}
		attacks[i.Kind]++
		if age := i.Start.Sub(first[i.UserID].GetTime().AsTime()); age < evaluate.LearningAge {
			t.Errorf("%s: the account is %s old", i.ID, age)
		}
		for _, kind := range i.Expected {
			if !slices.Contains(aerv1.AnomalyTypes, kind) {
				t.Errorf("%s expects %s", i.ID, kind)
			}
		}
	}
	for _, list := range [][]part{hijackParts, volumeParts, clientParts, attemptParts, appParts} {
		for _, p := range list {
			if attacks[p.kind] == 0 {
				t.Errorf("no attack %s", p.kind)
			}
		}
	}
	for _, list := range [][]part{appLookAlikes, habitLookAlikes, clientLookAlikes, networkLookAlikes, attemptLookAlikes} {
		for _, p := range list {
			if lookAlikes[p.kind] == 0 {
				t.Errorf("no look-alike %s", p.kind)
			}
		}
	}
	for _, kind := range []string{"hijack_during_rollout", "thief_behind_common_cause", "campaign", "thief_after_draining"} {
		if attacks[kind] == 0 {
			t.Errorf("no attack %s", kind)
		}
	}
	for _, kind := range []string{"proxy_rollout", "vpn_vendor_change", "client_rollout", "identity_provider_change", "breaker_draining", "org_busy_day", "print_poisoning"} {
		if lookAlikes[kind] < 3 {
			t.Errorf("%s touches %d people", kind, lookAlikes[kind])
		}
	}
}

func TestWorldIsConsistent(t *testing.T) {
	owners := map[string]string{}
	r := simulation(t)
	for i, e := range r.Events {
		if i > 0 && e.GetTime().AsTime().Before(r.Events[i-1].GetTime().AsTime()) {
			t.Fatalf("%s is out of order", e.GetId())
		}
		if s := e.GetSessionId(); s != "" && s != "-" && owners[s] != "" && owners[s] != e.GetUserId() {
			t.Fatalf("session %s belongs to %s and %s", s, owners[s], e.GetUserId())
		}
		owners[e.GetSessionId()] = e.GetUserId()
	}
	chosen, err := settings.Parse(SettingsFile, r.Settings)
	if err != nil || len(chosen) != small.Orgs {
		t.Errorf("%d settings, %v", len(chosen), err)
	}
}

// TestClientsAreWhatTheyClaim keeps the invented user agents like those that are known.
func TestClientsAreWhatTheyClaim(t *testing.T) {
	all := slices.Concat(onWindows, onMac, onLinux, []program{slackIOS, slackAndroid, safariIPad, headless, axios, torBrowser}, libraries)
	for _, p := range all {
		m := &machine{program: p}
		if got := useragent.Classify(m.userAgent(p.releases[0].version)); got.OS != p.os || got.Family != p.family {
			t.Errorf("%s: classified as %+v, want %s on %s", m.userAgent(p.releases[0].version), got, p.family, p.os)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []QualityConfig{{Orgs: MinOrgs - 1}, {Scale: 2}, {Orgs: MaxOrgs + 1}, {Each: -1}, {Each: MaxEach + 1}} {
		if _, err := Quality(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
