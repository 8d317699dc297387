package local_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
)

// stream is events in order of time with the exit list that belongs to them.
type stream struct {
	events []*aerv1.Event
	enrich func(*aerv1.Event)
}

// simulated is three weeks of the people of the simulation to whom something happens on the last day.
var simulated = sync.OnceValues(func() (stream, error) {
	r, err := simulate.Run(simulate.Config{Seed: 1, Days: simulate.MinDays})
	if err != nil {
		return stream{}, err
	}
	keep := map[string]bool{}
	for _, i := range r.Incidents {
		keep[i.OrgID+"/"+i.UserID] = true
	}
	s := stream{events: slices.DeleteFunc(r.Events, func(ev *aerv1.Event) bool { return !keep[ev.OrgId+"/"+ev.UserId] })}
	dir, err := os.MkdirTemp("", "aer-local-test")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	var list bytes.Buffer
	if err := r.WriteTor(&list); err != nil {
		return s, err
	}
	path := filepath.Join(dir, "tor.tsv")
	if err := os.WriteFile(path, list.Bytes(), 0o600); err != nil {
		return s, err
	}
	s.enrich, err = enricher(path)
	return s, err
})

func enricher(torList string) (func(*aerv1.Event), error) {
	cfg := enrich.DefaultConfig()
	cfg.Tor = []tor.Source{{Path: torList}}
	e, err := enrich.New(cfg)
	if err != nil {
		return nil, err
	}
	return e.Enrich, nil
}

func simulation(t testing.TB) stream {
	t.Helper()
	s, err := simulated()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// devset is the path of a file of the labelled set beside the repository; without it the test is skipped.
func devset(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the test")
		}
	}
	path := filepath.Join(dir, "..", "shared", "data", "devset", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the labelled set is not here: %v", err)
	}
	return path
}

// attack is a labelled attack.
type attack struct {
	Org       string    `json:"org_id"`
	User      string    `json:"user_id"`
	Start     time.Time `json:"start"`
	Anomalous bool      `json:"anomalous"`
}

// excerpt is the two weeks of the labelled set in which most attacks begin, with all that came before of those attacked.
func excerpt(t testing.TB) stream {
	t.Helper()
	attacks := readAttacks(t, devset(t, "truth.ndjson.gz"))
	const fortnight = 14 * 24 * time.Hour
	from, most := time.Time{}, 0
	for _, a := range attacks {
		n := 0
		for _, b := range attacks {
			if d := b.Start.Sub(a.Start); d >= 0 && d < fortnight {
				n++
			}
		}
		if n > most {
			from, most = a.Start, n
		}
	}
	from = from.Add(-time.Hour)
	attacked := map[string]bool{}
	for _, a := range attacks {
		if d := a.Start.Sub(from); d >= 0 && d < fortnight {
			attacked[a.Org+"/"+a.User] = true
		}
	}
	files, err := event.OpenFiles([]string{devset(t, "events.ndjson.gz")}, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var s stream
	for ev, dead := range files.All() {
		if dead != nil {
			t.Fatalf("dead letter: %v", dead.Detail)
		}
		at := ev.Time.AsTime()
		if at.Before(from.Add(fortnight)) && (!at.Before(from) || attacked[ev.OrgId+"/"+ev.UserId]) {
			s.events = append(s.events, ev)
		}
	}
	if s.enrich, err = enricher(devset(t, "tor_exits.tsv.gz")); err != nil {
		t.Fatal(err)
	}
	return s
}

func readAttacks(t testing.TB, path string) []attack {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []attack
	for d := json.NewDecoder(z); d.More(); {
		var a attack
		if err := d.Decode(&a); err != nil {
			t.Fatal(err)
		}
		if a.Anomalous {
			out = append(out, a)
		}
	}
	return out
}

// shuffled brings the events out of order by less than by.
func (s stream) shuffled(seed uint64, by time.Duration) stream {
	r := rand.New(rand.NewPCG(seed, 0))
	type arrival struct {
		ev *aerv1.Event
		at time.Time
	}
	list := make([]arrival, len(s.events))
	for i, ev := range s.events {
		list[i] = arrival{ev, ev.Time.AsTime().Add(time.Duration(r.Int64N(int64(by))))}
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	out := stream{enrich: s.enrich, events: make([]*aerv1.Event, len(list))}
	for i, a := range list {
		out.events[i] = a.ev
	}
	return out
}

// run judges a stream in pieces of the sizes that split gives, and renders the anomalies and decisions as lines.
func (s stream) run(t testing.TB, cfg local.Config, split func() int) (anomalies, decisions string) {
	t.Helper()
	cfg.Enrich, cfg.Detectors = s.enrich, detector.NewSet(detector.All(), nil)
	e, d := local.NewEngine(cfg), decision.NewStream(decision.Config{Mode: aerv1.ModeReplay})
	var a, b bytes.Buffer
	var order decision.Ordered
	write := func(decided []decision.Decided) {
		for _, p := range decided {
			line(t, &a, p.Anomaly)
			line(t, &b, p.Decision)
		}
	}
	take := func(found []*aerv1.Anomaly) {
		for _, f := range found {
			write(order.Add(d.Add(f), f.GetKnownAt().AsTime()))
		}
	}
	for rest := s.events; len(rest) > 0; {
		n := min(split(), len(rest))
		take(e.Add(rest[:n]))
		rest = rest[n:]
	}
	take(e.Close())
	write(append(order.Add(d.Flush(), time.UnixMilli(0)), order.Flush()...))
	return a.String(), b.String()
}

func line(t testing.TB, to *bytes.Buffer, m interface {
	MarshalVT() ([]byte, error)
}) {
	t.Helper()
	var raw []byte
	var err error
	switch m := m.(type) {
	case *aerv1.Anomaly:
		raw, err = aerv1.MarshalJSONLine(m)
	case *aerv1.Decision:
		raw, err = aerv1.MarshalJSONLine(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(to, "%s\n", raw)
}

func pieces(n int) func() int { return func() int { return n } }

func randomPieces(seed uint64, most int) func() int {
	r := rand.New(rand.NewPCG(seed, 1))
	return func() int { return 1 + r.IntN(most) }
}
