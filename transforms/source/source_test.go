package transforms

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

const good = `{"id":"e-%d","time":"2026-11-22T10:00:%02dZ","org_id":"O1","user_id":"U1","action":"user_login"}`

// garbage is one piece of each kind of input that is not an event.
var garbage = []string{
	"", "\x00\x01\x02\xff", `{"id":"e`, `{"id":"e","id":"f"}`, `{"id":NaN}`, `{"id":1,"time":2}`, "[1,2,3]", `{"id":"\xff"}`,
	`{"id":"e","time":"yesterday","org_id":"O","user_id":"U","action":"a"}`, "\x28\xb5\x2f\xfdnot zstd", "\x1f\x8bnot gzip",
	strings.Repeat("[", 1000), `{"id":"` + strings.Repeat("x", 2<<20) + `"}`,
}

// Garbage never stops a run, and each piece of it is accounted for.
func TestIngestAccountsForEverything(t *testing.T) {
	var messages []any
	for i, g := range garbage {
		messages = append(messages,
			Message{Data: []byte(g), Source: "test", Offset: fmt.Sprint("bad", i)},
			Message{Data: fmt.Appendf(nil, good, i, i), Source: "test", Offset: fmt.Sprint("good", i)})
	}
	got := newSink(t.Name())
	p, s := beam.NewPipelineWithRoot()
	events, dead := decode(s, beam.Reshuffle(s, beam.Create(s, messages...)), event.Options{}, Keep{})
	into(s, &eventSinkFn{t.Name()}, events)
	into(s, &deadSinkFn{t.Name()}, dead)
	n := runCounted(t, p)

	if evs := collected[*aerv1.Event](got); len(evs) != len(garbage) {
		t.Errorf("%d events, want %d", len(evs), len(garbage))
	}
	offsets := map[string]bool{}
	for _, d := range collected[*aerv1.DeadLetter](got) {
		offsets[strings.SplitN(d.Offset, "#", 2)[0]] = true
		if d.Reason == "" || d.Source != "test" {
			t.Errorf("dead letter without reason or source: %v", d)
		}
	}
	for i := range garbage {
		if !offsets[fmt.Sprint("bad", i)] {
			t.Errorf("%.40q is not accounted for", garbage[i])
		}
	}
	if len(offsets) != len(garbage) {
		t.Errorf("dead letters of %d messages, want %d", len(offsets), len(garbage))
	}
	if n["messages"] != int64(len(messages)) || n["events"] != int64(len(garbage)) || n["dead_letters"] < int64(len(garbage)) {
		t.Errorf("counters are %v", n)
	}
}

// Files are read a claim at a time, merged by time; another process goes on where one has stopped.
func TestFilesAreReadOnceAndInOrder(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for f := range 2 {
		var b strings.Builder
		for i := range 25 {
			line := fmt.Sprintf(good+"\n", f*100+i, 2*i+f)
			if i%10 == 3 {
				line = strings.Replace(line, `"action"`, `"client":{"country":"Germany"},"action"`, 1)
			}
			b.WriteString(line)
		}
		b.WriteString("garbage\n")
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%d.ndjson", f)))
		if err := os.WriteFile(paths[f], []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := newSink(t.Name())
	p, s := beam.NewPipelineWithRoot()
	events, dead := Ingest(s, Source{Kind: SourceFiles, RunID: t.Name(), Files: Files{Paths: paths, Claim: 7}})
	into(s, &eventSinkFn{t.Name()}, events)
	into(s, &deadSinkFn{t.Name()}, dead)
	counts := runCounted(t, p)
	ids := map[string]bool{}
	for _, ev := range collected[*aerv1.Event](got) {
		ids[ev.Id] = true
	}
	if n := len(collected[*aerv1.Event](got)); n != 50 || len(ids) != 50 {
		t.Errorf("%d events, %d different: want 50 of each", n, len(ids))
	}
	if n := len(collected[*aerv1.DeadLetter](got)); n != 2 {
		t.Errorf("%d dead letters, want 2", n)
	}

	if got := counts["unreadable_client_country"]; got != 6 { // i is 3, 13 or 23
		t.Errorf("%d countries that cannot be read, want 6", got)
	}

	fn := &filesFn{Files: Files{Paths: paths}, RunID: t.Name() + "-resumed"}
	r, err := fn.reader(2 + 10) // the two dead letters come first, before the events that wait to be put in order
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if ev, _, _ := r.next(); ev.GetId() != "e-5" {
		t.Errorf("the eleventh event is %q, want e-5", ev.GetId())
	}
}

// lines writes events of ten users a minute apart, and those at the given minutes at the places where they are put.
func lines(t *testing.T, n int, odd map[int]int) string {
	t.Helper()
	var b strings.Builder
	line := func(id string, minute int) {
		fmt.Fprintf(&b, `{"id":%q,"time":%q,"org_id":"O","user_id":"U%d","action":"post"}`+"\n", id, testStart.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339), minute%10)
	}
	for i := range n {
		line(fmt.Sprint("e", i), i)
		if minute, is := odd[i]; is {
			line(fmt.Sprint("odd", i), minute)
		}
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An event from years ahead makes nobody late; one from hours before is counted, because its window is gone.
func TestFilesCountWhatIsLate(t *testing.T) {
	for name, c := range map[string]struct {
		odd  map[int]int
		late int64
	}{
		"in order":                         {nil, 0},
		"one from the future":              {map[int]int{3: 10_000_000}, 0},
		"two from the future, of one user": {map[int]int{3: 10_000_000, 50: 10_000_010}, 0},
		"a little out of order":            {map[int]int{60: 55, 90: 82}, 0},
		"one from the past":                {map[int]int{150: 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := newSink(t.Name())
			p, s := beam.NewPipelineWithRoot()
			events, dead := Ingest(s, Source{Kind: SourceFiles, RunID: t.Name(), Files: Files{Paths: []string{lines(t, 200, c.odd)}, Claim: 7},
				Keep: Keep{WindowMS: 10_000, Lateness: 10 * time.Minute}})
			into(s, &sliceSinkFn{t.Name()}, Activity(s, Slices(s, events, 4, 10_000, 10*time.Minute)))
			into(s, &deadSinkFn{t.Name()}, dead)
			n := runCounted(t, p)
			if n[LateCounter] != c.late {
				t.Errorf("%d events are late, want %d", n[LateCounter], c.late)
			}
			in := 0
			for _, sl := range collected[*aerv1.Slice](got) {
				in += int(sl.Events)
			}
			// An engine that is behind its source may still take in what the source counts as late.
			if all := 200 + len(c.odd); in < all-int(c.late) || in > all {
				t.Errorf("slices hold %d events, want %d to %d", in, all-int(c.late), all)
			}
		})
	}
}
