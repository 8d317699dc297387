// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

// A runnerOfParts runs the file source as a runner may: it checkpoints between any two records, hands the rest to the
// next bundle, here or in another process, and may run again what it had given up the rest of.
type runnerOfParts struct {
	t       *rapid.T
	paths   []string
	claim   int
	process *process.Process
	drain   bool
}

func (r *runnerOfParts) restart() {
	r.end()
	r.process = process.Start("parts", nil, nil)
}

func (r *runnerOfParts) end() {
	if r.process != nil {
		r.process.End()
	}
}

// bundle processes a restriction and splits it before the record of that number, counted in the bundle (-1 = never). It
// gives what was emitted, what is left of the restriction and what was split off (nil = nothing).
func (r *runnerOfParts) bundle(in *aerv1.SourceState,
	splitAt int) (out []string, primary, residual *aerv1.SourceState) {
	fn := &filesFn{Files: Files{Paths: r.paths, Claim: r.claim}, Intake: intake{Run: process.Run{ID: "parts"}}}
	if err := fn.Setup(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	rt := fn.CreateTracker(handOn(r.t, in))
	split := func() {
		p, rest, err := rt.TrySplit(0)
		if err != nil || !rt.IsDone() {
			r.t.Fatalf("after a checkpoint there is more to do, %v", err)
		}
		if rest != nil {
			primary, residual = p.(*aerv1.SourceState), rest.(*aerv1.SourceState)
		}
	}
	emit := func(what string) {
		if out = append(out, what); len(out) == splitAt {
			split()
		}
	}
	if splitAt == 0 {
		split()
	}
	events := func(_ beam.EventTime, ev *aerv1.Event) { emit(ev.Id) }
	dead := func(_ beam.EventTime, l *aerv1.DeadLetter) { emit(l.Offset) }
	more, err := fn.ProcessElement(r.t.Context(), fn.CreateWatermarkEstimator(0), rt, nil, events, dead)
	if err != nil || rt.GetError() != nil {
		r.t.Fatal(err, rt.GetError())
	}
	if more.ShouldResume() {
		split()
	} else if !rt.IsDone() {
		r.t.Fatal("a bundle stops before it is done: Beam fails it")
	}
	return out, primary, residual
}

// run is everything that comes of the files over all bundles.
func (r *runnerOfParts) run() (out []string) {
	defer r.end()
	r.restart()
	rest := &aerv1.SourceState{}
	for bundle := 0; rest != nil; bundle++ {
		if bundle > 1000 {
			r.t.Fatal("the source never ends")
		}
		splitAt := rapid.IntRange(-1, r.claim).Draw(r.t, "split at")
		got, primary, residual := r.bundle(rest, splitAt)
		if out = append(out, got...); r.drain && len(out) > 0 {
			r.process.Drain()
		}
		if rest = residual; rest == nil || r.drain {
			continue // another process would know nothing of a drain
		}
		if primary != nil && rapid.IntRange(0, 4).Draw(r.t, "again") == 0 {
			r.restart()
			again, _, _ := r.bundle(primary, -1)
			if !slices.Equal(again, got[:len(again)]) || len(again) != len(got) {
				r.t.Fatalf("what was left of a bundle gives %v when it is tried again, want %v", again, got)
			}
		}
		if rapid.IntRange(0, 3).Draw(r.t, "another process") == 0 {
			r.restart()
		}
	}
	return out
}

// records writes some files of events that are out of order, and of garbage, and gives what must come of them.
func records(t *rapid.T, dir string, files int) (paths, want []string) {
	for f := range files {
		var b strings.Builder
		for i := range rapid.IntRange(0, 12).Draw(t, "records") {
			id := fmt.Sprintf("%d-%d", f, i)
			if rapid.IntRange(0, 5).Draw(t, "garbage") == 0 {
				b.WriteString("garbage\n")
				want = append(want, fmt.Sprint(i+1))
				continue
			}
			at := time.Date(2026, 11, 22, 10, rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.UTC)
			fmt.Fprintf(&b, `{"id":%q,"time":%q,"org_id":"O","user_id":"U%d","action":"post"}`+"\n", id,
				at.Format(time.RFC3339), i%5)
			want = append(want, id)
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", f))
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths, want
}

// Wherever bundles end, every record comes exactly once over all of them.
func TestEveryRecordComesOnceOverAllBundles(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		paths, want := records(t, dir, rapid.IntRange(1, 3).Draw(t, "files"))
		got := (&runnerOfParts{t: t, paths: paths, claim: rapid.IntRange(1, 8).Draw(t, "claim")}).run()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("records are\n%v, want\n%v", got, want)
		}
	})
}

// inTheirOrder is the records of files as they are read: of a file that is newest first, from its end.
func inTheirOrder(t *rapid.T, paths []string) (ids []string) {
	files, err := event.OpenFiles(paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	for ev, letter := range files.All() {
		ids = append(ids, cmp.Or(ev.GetId(), letter.GetOffset()))
	}
	return ids
}

// A drain ends the file where it was read to: what was read before comes exactly once, also what waits to be put in
// order.
func TestADrainDropsNothingThatWasRead(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		paths, _ := records(t, dir, 1)
		all := inTheirOrder(t, paths)
		got := (&runnerOfParts{t: t, paths: paths, claim: rapid.IntRange(1, 8).Draw(t, "claim"), drain: true}).run()
		want := slices.Clone(all[:len(got)])
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("records are\n%v, want the first %d of\n%v", got, len(got), all)
		}
	})
}
