// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines/capacity"
)

var large = capacity.Load{EventsPerDay: 10e9, Users: 47e6, PeakPerSecond: 350e3}

func estimate() Estimate { return For(large, DefaultPrices(), capacity.DefaultMeasured()) }

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// TestABillAddsUp: what is printed can be checked with a pocket calculator.
func TestABillAddsUp(t *testing.T) {
	e := estimate()
	for _, b := range []Bill{e.Naive, e.Recommended} {
		sum := 0.0
		for _, i := range b.Items {
			if !near(i.USD, i.Quantity*i.Price) || i.Quantity < 0 {
				t.Errorf("%s: %v x %v is not %v", i.Name, i.Quantity, i.Price, i.USD)
			}
			sum += i.USD
		}
		if !near(sum, b.USD) || !near(b.PerBillion, b.USD/(10*730/24.0)) {
			t.Errorf("in all %v, items add up to %v; a billion %v", b.USD, sum, b.PerBillion)
		}
	}
	if e.Recommended.USD >= e.Naive.USD {
		t.Error("what is recommended costs more than what is naive")
	}
}

// TestBillByHand follows one bill from the figures to the dollars, with figures that are easy to follow.
func TestBillByHand(t *testing.T) {
	m, err := capacity.ParseMeasured("round.yaml", []byte(round))
	if err != nil {
		t.Fatal(err)
	}
	l := capacity.Load{EventsPerDay: 86.4e6, Users: 1e6, PeakPerSecond: 3000}
	events := 86.4e6 * 730 / 24
	profiles := 1e6*10240/float64(1<<30) - 2 // GiB, beside half of the memory of the one vCPU
	idle := (4+profiles)/8 - 1
	want := map[string]float64{
		"published": events * 1000 / (1 << 40), "delivered": events * 1000 / (1 << 40),
		"vCPU": 730, "memory": 4 * 730, "disk": 30 * (1 + idle) / 4 * 730, // 3000 events x 100 µs / 0.5 is 0.6 of one
		"memory of profiles": profiles * 730, "vCPUs that bring it": idle * 730,
		"Streaming Engine, by data": events * (1000 + 100 + 100 + 200 + 400) / (1 << 30), "Streaming Engine, by units": 0,
		"activity written":  events * 300 / (1 << 30),
		"activity kept":     (events*300/(1<<30))*365*24/730 + 1e6*365*1000/(1<<30),
		"baselines derived": (events*(3*20+8*10+80*5) + 1e6*730/24*(2000+365*10)) / (1 << 40),
	}
	b := BillFor(l, Naive(), DefaultPrices(), m)
	for _, i := range b.Items {
		if w, ok := want[i.Name]; !ok || !near(i.Quantity, w) {
			t.Errorf("%s %s: %v %s, want %v", i.Group, i.Name, i.Quantity, i.Unit, w)
		}
	}
}

const round = `
wire: {json: {value: 960}}
packed: {steps: [{events: 1, bytes: 100}]}
cpu: {decode: {value: 20}, enrich: {value: 20}, slices: {value: 20}, profiles: {value: 20}, beam: {value: 20}, batch: {value: 0.000001}}
state: {profile_heap: {value: 5120}, gc_factor: {value: 2}, writes: {value: 2}}
rows: {slices: {value: 1}, row_bytes: {value: 300}, hourly_read: {value: 20}, daily_read: {value: 10},
  objects_read: {value: 5}, user_day_bytes: {value: 1000}, user_day_read: {value: 2000}, clients_read: {value: 10}}
assumed: {message_bytes: {value: 40}, utilisation: {value: 0.5}, gib_per_vcpu: {value: 4}, gib_per_vcpu_max: {value: 8}}
`

// TestLeversSaveWhatTheySay: what a lever saves is the difference of two bills, and the path never leads upwards.
func TestLeversSaveWhatTheySay(t *testing.T) {
	p, m := DefaultPrices(), capacity.DefaultMeasured()
	e := For(large, p, m)
	found := map[string]Lever{}
	last := e.Recommended.PerBillion
	for _, l := range e.Levers {
		found[l.Name] = l
		if l.After > 0 {
			if l.After > last {
				t.Errorf("%s makes the way dearer: %v after %v", l.Name, l.After, last)
			}
			last = l.After
		}
	}
	if last > TargetPerBillion {
		t.Errorf("all levers together lead to %v, above the target", last)
	}
	s := Recommended(large.Users)
	s.Commit = p.Dataflow.Commit1Y.USD
	want := e.Recommended.PerBillion - BillFor(large, s, p, m).PerBillion
	if got := found["commitment for one year"]; !near(got.Saves, want) || want <= 0 {
		t.Errorf("a commitment saves %v, want %v", got.Saves, want)
	}
	if dear := found["events as JSON, one a message"]; dear.Saves >= 0 {
		t.Errorf("JSON saves %v", dear.Saves)
	}
	if _, ok := found["one machine and the plain-Go driver"]; ok {
		t.Error("the profiles of 47 million users are said to fit into one machine")
	}
	small := For(capacity.Load{EventsPerDay: 20e6, Users: 50e3, PeakPerSecond: 700}, p, m)
	var names []string
	for _, l := range small.Levers {
		names = append(names, l.Name)
	}
	if !strings.Contains(strings.Join(names, "\n"), "one machine") {
		t.Errorf("20 million events a day are not said to fit into one machine: %q", names)
	}
}

// TestTheTargetIsJudged in both directions.
func TestTheTargetIsJudged(t *testing.T) {
	p := DefaultPrices()
	if text := printed(For(large, p, capacity.DefaultMeasured())); !strings.Contains(text, "is missed by $") ||
		!strings.Contains(text, "It is met by all levers down to") {
		t.Error(text)
	}
	p.BigQuery.Write.USD, p.BigQuery.Kept.USD, p.BigQuery.Query.USD = 0, 0, 0
	p.Dataflow.VCPU.USD = 0
	if text := printed(For(large, p, capacity.DefaultMeasured())); !strings.Contains(text, "is met.") {
		t.Error(text)
	}
}

func printed(e Estimate) string {
	var b bytes.Buffer
	e.Print(term.New(&b))
	return b.String()
}

// TestPrintFits a terminal of 120 columns, for loads of all sizes.
func TestPrintFits(t *testing.T) {
	for _, l := range []capacity.Load{large, {EventsPerDay: 1000, Users: 1, PeakPerSecond: 1},
		{EventsPerDay: 1e13, Users: 1e10, PeakPerSecond: 3e8}} {
		text := printed(For(l, DefaultPrices(), capacity.DefaultMeasured()))
		for _, line := range strings.Split(text, "\n") {
			if n := len([]rune(line)); n > 120 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Error(text)
		}
	}
}

func TestEstimateIsJSON(t *testing.T) {
	raw, err := json.Marshal(estimate())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"usd_per_billion_events"`, `"source"`, `"saves_usd_per_billion"`, `"how"`, `"assumptions"`} {
		if !bytes.Contains(raw, []byte(key)) {
			t.Errorf("no %s", key)
		}
	}
}

func TestPricesOfOnesOwn(t *testing.T) {
	p, err := ParsePrices("ours.yaml", []byte("pubsub: {tib: {usd: 32, unit: TiB, date: 2026-11-01, source: our contract}}"))
	if err != nil || p.PubSub.TiB.USD != 32 || p.Dataflow != DefaultPrices().Dataflow {
		t.Errorf("%v, %v", p.PubSub, err)
	}
	for text, want := range map[string]string{
		"pubsub:\n  tib: {usd: -1}":                 "ours.yaml:2: pubsub.tib.usd: -1 is not possible; use a number from zero on",
		"pubsub: {gib: {}}":                         "did you mean tib?",
		"currency: EUR":                             `currency: "EUR" is not possible; use USD`,
		"bigquery: {query: {date: 1.11.}}":          "a day as 2026-11-27",
		"dataflow: {commit_1y: {usd: 20}}":          "dataflow.commit_1y.usd: 20 is not possible; use a share below 1",
		"bigquery: {kept: {usd: two, unit: month}}": "use a number",
	} {
		if _, err := ParsePrices("ours.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
