// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/cmd/bench/child"
)

// echo is a subject that finds what it is told to print.
func echo(name, same, text string) Subject {
	return Subject{
		Name: name, Stream: "s", Same: same, Command: child.Command{Args: []string{"echo", text}},
		Finds: func(out []byte) (Found, error) {
			if strings.HasPrefix(text, "broken") {
				return Found{}, errors.New("is broken")
			}
			return Found{Events: 100, Findings: strings.TrimSpace(string(out))}, nil
		},
	}
}

func TestRoundsAlternate(t *testing.T) {
	var order []string
	results, err := Rounds(t.Context(), []Subject{echo("a", "x", "1"), echo("broken", "x", "broken"), echo("b", "y", "2")}, 2,
		func(_ int, s Subject) { order = append(order, s.Name) })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "a broken b a b a b" {
		t.Errorf("ran %s", got)
	}
	if len(results[0].Runs) != 2 || results[1].Err == nil || len(results[2].Runs) != 2 {
		t.Errorf("results are %+v", results)
	}
}

func TestRoundsStopWhereFindingsDiffer(t *testing.T) {
	_, err := Rounds(t.Context(), []Subject{echo("a", "x", "7 anomalies"), echo("b", "x", "8 anomalies")}, 1,
		func(int, Subject) {})
	if err == nil || !strings.Contains(err.Error(), "8 anomalies\nnot\n7 anomalies") {
		t.Errorf("error %v", err)
	}
}

func run(cpu, wall time.Duration, objects float64) Run {
	return Run{child.Taken{CPU: cpu, Wall: wall, MemoryMax: 5e6}, Found{Events: 1000, Objects: objects, Bytes: 10 * objects}}
}

func TestRowsAreMedians(t *testing.T) {
	const ms = time.Millisecond
	results := []Result{
		{Subject: Subject{Name: "limit", Stream: "s"}, Runs: []Run{run(3*ms, ms, 0), run(1*ms, ms, 0), run(2*ms, ms, 0)}},
		{Subject: Subject{Name: growing, Stream: "s", Limit: "limit"},
			Runs: []Run{run(8*ms, 4*ms, 5000), run(99*ms, 50*ms, 5002), run(7*ms, 5*ms, 4998)}},
		{Subject: Subject{Name: growing2, Stream: "s"}, Runs: []Run{run(8*ms, 2*ms, 5000)}},
		{Subject: Subject{Name: "gone", Stream: "s"}, Err: errors.New("starting: first\nno such file")},
	}
	rows := Rows(results)
	if a := rows[1]; a.CPUMicros != 8 || a.OfLimit != 4 || math.Round(a.EventsPerSecond) != 200_000 || a.Objects != 5 || a.Bytes != 50 {
		t.Errorf("row is %+v", a)
	}
	var out strings.Builder
	Print(term.New(&out), rows)
	for _, want := range []string{"4.0 ×", "200,000", "no such file", "s: two cores take in 2.50 times what one does"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len([]rune(line)) > 120 {
			t.Errorf("wider than 120 columns: %s", line)
		}
	}
}

func TestAERFinds(t *testing.T) {
	dir := t.TempDir()
	write := func(anomalies, decisions string) string {
		t.Helper()
		for name, text := range map[string]string{"anomalies.ndjson": anomalies, "decisions.ndjson": decisions} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, err := aerFinds(dir)([]byte(`{"events": 7, "allocated": {"objects": 70, "bytes": 700}}`))
		if err != nil || f.Events != 7 || f.Objects != 70 || f.Bytes != 700 {
			t.Fatalf("%+v, %v", f, err)
		}
		return f.Findings
	}
	anomalies := `{"id":"a","summary":"x"}` + "\n" + `{"id":"b"}` + "\n"
	first := write(anomalies, `{"id":"1","anomaly_id":"a","outcome":"RESPOND"}`)
	if again := write(`{"id":"b"}`+"\n"+`{"id":"a"}`, `{"anomaly_id":"a","id":"1","outcome":"RESPOND","x":1}`); again != first {
		t.Errorf("the same in another order differs: %s and %s", first, again)
	}
	if other := write(anomalies, `{"id":"1","anomaly_id":"a","outcome":"LOG_ONLY"}`); other == first {
		t.Error("another outcome is not seen")
	}
}

func TestLimitFinds(t *testing.T) {
	const line = `{"mode":"scan","par":1,"det":"local","events":500,"wall":%,"eps":%,"ns_core":%,"tor":62,"users":9}`
	first, err := limitFinds([]byte(strings.ReplaceAll(line, "%", "1")))
	if err != nil || first.Events != 500 || !strings.Contains(first.Findings, "tor 62") {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := limitFinds([]byte(strings.ReplaceAll(line, "%", "2.5"))); err != nil || again != first {
		t.Errorf("%+v and %+v, %v", first, again, err)
	}
}
