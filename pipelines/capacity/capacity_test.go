// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aer-project/aer/transforms/activity"
)

var update = flag.Bool("update", false, "rewrite the page in doc.go from measured.yaml")

// page is the load that doc.go looks at.
var page = Load{EventsPerDay: 10e9, Users: 47e6, PeakPerSecond: 350e3}

var generated = regexp.MustCompile(`(?m)^//\n(//\t.*\n)+//\n`)

// TestPage holds the numbers of doc.go to what the code computes.
func TestPage(t *testing.T) {
	m := DefaultMeasured()
	var want strings.Builder
	want.WriteString("//\n")
	for _, l := range PlanFor(page, LayoutFor(page.Users), m).Lines(m) {
		fmt.Fprintf(&want, "//\t%-39s  %-19s  %s\n", l.What, l.Value, l.How)
	}
	want.WriteString("//\n")
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), want.String()) {
		return
	}
	if !*update {
		t.Fatalf("doc.go does not say what the code computes: go test ./pipelines/capacity -update; want\n%s", want.String())
	}
	next := generated.ReplaceAllLiteralString(string(raw), want.String())
	if err := os.WriteFile("doc.go", []byte(next), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBytesBetweenSteps(t *testing.T) {
	p := Packed{Steps: []Step{{1, 400}, {10, 200}, {100, 100}}}
	for events, want := range map[float64]float64{0.5: 400, 1: 400, 10: 200, 100: 100, 1000: 100, math.Sqrt(10): 300} {
		if got := p.Bytes(events); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v events take %v B each, want %v", events, got, want)
		}
	}
}

// TestPlanByHand checks a plan whose numbers can be computed in one's head.
func TestPlanByHand(t *testing.T) {
	m := DefaultMeasured()
	for f, v := range map[*Figure]float64{&m.CPU.Decode: 1, &m.CPU.Enrich: 1, &m.CPU.Slices: 1, &m.CPU.Profiles: 1,
		&m.CPU.Beam: 6, &m.CPU.Batch: 1000, &m.Assumed.Utilisation: 0.5, &m.State.ProfileBytes: 1000,
		&m.State.ProfileHeap: 2000, &m.State.GCFactor: 2, &m.Assumed.GiBPerVCPUMax: 8} {
		f.Value = v
	}
	p := PlanFor(Load{EventsPerDay: 864e6, Users: 1e6, PeakPerSecond: 20e3}, LayoutFor(1e6), m)
	for what, x := range map[string][2]float64{
		"shards": {p.Layout.Shards, 100}, "users a shard": {p.UsersPerShard, 10e3},
		"batches a second": {p.BatchesPerSecond, 10}, "events in a batch": {p.EventsPerBatch, 1000},
		"at the peak": {p.EventsPerBatchPeak, 2000}, "CPU": {p.CPUMicros, 11}, "vCPUs": {p.VCPUMean, 0.22},
		"vCPUs at the peak": {p.VCPUPeak, 0.44}, "state": {p.StateBytes, 1e9}, "of a shard": {p.SnapshotBytes, 1e7},
		"heap": {p.HeapBytes, 4e9}, "workers": {p.Workers, 1}, "a shard's CPU": {p.ShardCPUPeak, 0.0022},
	} {
		if math.Abs(x[0]-x[1]) > 1e-9*x[1] {
			t.Errorf("%s: %v, want %v", what, x[0], x[1])
		}
	}
}

// TestFullestShard compares the estimate with users that are really spread.
func TestFullestShard(t *testing.T) {
	const users, shards = 200_000, 200
	count := make([]float64, shards)
	for i := range users {
		count[activity.Shard("O1", userID(i), shards)]++
	}
	most := 0.0
	for _, n := range count {
		most = max(most, n)
	}
	if want := fullest(users/shards, shards); math.Abs(most-want) > 0.05*want {
		t.Errorf("the fullest shard has %v users, want about %v", most, want)
	}
}

func TestQuietLoadMakesFewerBatches(t *testing.T) {
	p := PlanFor(Load{EventsPerDay: 8640, Users: 1e6, PeakPerSecond: 1}, LayoutFor(1e6), DefaultMeasured())
	if p.BatchesPerSecond != 0.1 || p.EventsPerBatch != 1 || p.EventsPerBatchPeak != 1 {
		t.Errorf("%v batches a second of %v events", p.BatchesPerSecond, p.EventsPerBatch)
	}
}

func TestLoadIsChecked(t *testing.T) {
	for name, l := range map[string]Load{
		"--events-per-day: 0 is not possible; use a number from 1":             {0, 1, 1},
		"--users: -1 is not possible; use a number from 1":                     {86400, -1, 1},
		"--peak: 5 is not possible; use events a second, at least the mean of": {864_000, 1, 5},
	} {
		err := l.Validate()
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `"`, ""), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	if err := page.Validate(); err != nil {
		t.Error(err)
	}
}

func TestFiguresOfOnesOwn(t *testing.T) {
	m, err := ParseMeasured("ours.yaml", []byte("wire: {json: {value: 500, date: 2026-12-01, how: ours}}"))
	if err != nil || m.Wire.JSON.Value != 500 || m.Wire.Protobuf != DefaultMeasured().Wire.Protobuf {
		t.Errorf("%v, %v", m.Wire, err)
	}
	for text, want := range map[string]string{
		"wire: {json: {value: 0}}":                "ours.yaml:1: wire.json.value: 0 is not possible; use a number above zero",
		"cpu:\n  decode: {date: soon}":            `ours.yaml:2: cpu.decode.date: "soon" is not possible; use a day as 2026-11-27`,
		"cpu:\n  decod: {}":                       "did you mean decode?",
		"packed: {steps: []}":                     "packed.steps:",
		"packed: {steps: [{events: 0}]}":          "packed.steps[0].events: 0 is not possible",
		"assumed: {utilisation: {value: 1.5}}":    "assumed.utilisation.value: 1.5 is not possible; use a share, at most 1",
		"state: {profile_heap: {value: a lot}}":   "use a number",
		"rows: {findings: {value: 1, how: \"\"}}": "rows.findings.how",
	} {
		if _, err := ParseMeasured("ours.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1", 0.0381: "0.0381", 12.345: "12.3", 999.6: "1,000", 1234567: "1,234,567",
		47e6: "47,000,000", -12345: "-12,345", 0.5: "0.5", 100: "100", 101.2: "101", 8.1e-10: "8.1e-10",
		2e15: "2e+15"} {
		if got := Number(x); got != want {
			t.Errorf("%v reads %s, want %s", x, got, want)
		}
	}
	for x, want := range map[float64]string{12: "12 B", 2900: "2.9 KB", 136.3e9: "136 GB", 1e15: "1 PB"} {
		if got := Bytes(x); got != want {
			t.Errorf("%v reads %s, want %s", x, got, want)
		}
	}
}
