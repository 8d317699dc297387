// SPDX-License-Identifier: Apache-2.0

package feedback

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
)

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func anomaly(org, id string) *aerv1.Anomaly {
	return &aerv1.Anomaly{Id: id, OrgId: org, UserId: "U1", Type: aerv1.TypeTor, Time: aerv1.Time(at.Add(-time.Hour))}
}

func give(t *testing.T, dir string, a *aerv1.Anomaly, verdict, author, reason string, when time.Time) *aerv1.Feedback {
	t.Helper()
	f, err := New(a, verdict, author, reason, when)
	if err != nil {
		t.Fatal(err)
	}
	if err := Append(dir, f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheLatestWordOfEachAuthorCounts(t *testing.T) {
	dir := t.TempDir()
	a := anomaly("O1", "A1")
	give(t, dir, a, "true-positive", "kim", "looked bad", at)
	olu := give(t, dir, a, "true_positive", "olu", "asked her", at.Add(time.Minute))
	kim := give(t, dir, a, "false-positive", "kim", "it was a test", at.Add(2*time.Minute))
	give(t, dir, anomaly("O2", "A1"), "true-positive", "kim", "another organisation's", at)
	all, err := Read(dir)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d, %v", len(all), err)
	}
	on := Of(all, "O1", "A1")
	if len(on) != 2 || !proto.Equal(on[0], olu) || !proto.Equal(on[1], kim) {
		t.Errorf("got %v", on)
	}
	if kim.GetVerdict() != aerv1.VerdictFalsePositive || !proto.Equal(kim.GetAnomalyTime(), a.GetTime()) ||
		kim.GetUserId() != "U1" {
		t.Errorf("got %v", kim)
	}
}

func TestOrganisationsAndHostileIDsAreApart(t *testing.T) {
	dir := t.TempDir()
	for i, org := range sinktest.HostileIDs {
		give(t, dir, anomaly(org, sinktest.HostileIDs[len(sinktest.HostileIDs)-1-i]), "true-positive", "kim\n",
			"r\n"+fmt.Sprint(i), at)
	}
	all, err := Read(dir)
	if err != nil || len(all) != len(sinktest.HostileIDs) {
		t.Fatalf("%d of %d, %v", len(all), len(sinktest.HostileIDs), err)
	}
	ids := map[string]bool{}
	for i, org := range sinktest.HostileIDs {
		on := Of(all, org, sinktest.HostileIDs[len(sinktest.HostileIDs)-1-i])
		if len(on) != 1 || on[0].GetReason() != "r\n"+fmt.Sprint(i) {
			t.Errorf("feedback of %q: %v", org, on)
			continue
		}
		ids[on[0].GetId()] = true
	}
	if len(ids) != len(all) {
		t.Errorf("%d ids for %d", len(ids), len(all))
	}
}

func TestManyAtOnceAndATornLine(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			give(t, dir, anomaly("O1", fmt.Sprint(i)), "true-positive", "kim", strings.Repeat("r", 900), at)
		})
	}
	wg.Wait()
	if all, err := Read(dir); err != nil || len(all) != 20 {
		t.Fatalf("%d, %v", len(all), err)
	}
	path := filepath.Join(dir, File)
	raw, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(raw, `{"id":"cut`...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	give(t, dir, anomaly("O1", "new"), "true-positive", "kim", "r", at)
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), File+":21") {
		t.Errorf("a torn line must be named: %v", err)
	}
	if raw, err := os.ReadFile(path); err != nil || strings.Count(string(raw), "\n") != 22 {
		t.Errorf("the line after a torn one is glued to it: %v", err)
	}
}

func TestFeedbackNeedsAVerdictAnAuthorAndAReason(t *testing.T) {
	for _, c := range []struct{ verdict, author, reason, want string }{
		{"maybe", "kim", "r", `verdict "maybe" is unknown: want true-positive or false-positive`},
		{"true-positive", " ", "r", "author is empty"},
		{"true-positive", "kim", "", "reason is empty"},
		{"true-positive", "kim", "\xff", "reason is not valid UTF-8"},
		{"true-positive", "kim", strings.Repeat("r", 1001), "at most 1000"},
	} {
		if _, err := New(anomaly("O1", "A1"), c.verdict, c.author, c.reason, at); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v", c, err)
		}
	}
}
