// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/warehouse"
)

// crash is what a dying process panics with: it unwinds everything, and no call of it reaches the outside any more.
type crash struct{}

// dieAt returns a point at which the process dies: the nth it passes, counted from 1. Once dead it stays so.
func dieAt(n int) func(string) error {
	passed := 0
	return func(string) error {
		if passed++; passed >= n {
			panic(crash{})
		}
		return nil
	}
}

// respondUntilDeath responds and says whether the process survived.
func (f *fixture) respondUntilDeath() (err error, survived bool) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
		}
	}()
	return f.respond(), true
}

// TestCrashAtEveryPoint lets the process die before and after every single call of a sink, starts another that goes on,
// and demands that the outside has seen everything exactly once.
func TestCrashAtEveryPoint(t *testing.T) {
	twice := 0
	for n := 1; ; n++ {
		f := newFixture(t)
		f.point = dieAt(n)
		_, survived := f.respondUntilDeath()
		if survived {
			if n < 50 {
				t.Fatalf("only %d points: are the sinks still wrapped?", n)
			}
			f.wantOnce()
			if twice != 6 { // from the end of the first append to the record that all three are done
				t.Errorf("after %d deaths some rows were there twice, want 6", twice)
			}
			return
		}
		f.point = failing("", 0, nil)
		f.restart()
		f.world.SignIn("O1", "U1", "S3") // the person is back before AER is
		revoked := len(f.world.Effects()) > 0
		if _, err := f.Resume(context.Background()); err != nil {
			t.Fatalf("point %d: %v", n, err)
		}
		f.mustRespond() // and the source delivers again what was not acknowledged
		f.wantOnce()
		if f.wantRows() > 0 {
			twice++
		}
		for _, m := range f.rows.Of(warehouse.Responses) {
			if !proto.Equal(m, f.rows.Of(warehouse.Responses)[0]) {
				t.Errorf("point %d: two rows of the response differ", n)
			}
		}
		if alive := f.world.Alive("O1", "U1"); revoked && !cmp.Equal(alive, []string{"S3"}) {
			t.Errorf("point %d: the new login was ended by a repeated reset", n)
		}
		if t.Failed() {
			t.Fatalf("died at point %d", n)
		}
	}
}

// TestCrashTwice lets the process that goes on die as well, at every pair of points.
func TestCrashTwice(t *testing.T) {
	for n := 1; ; n++ {
		for m := 1; ; m++ {
			f := newFixture(t)
			f.point = dieAt(n)
			if _, survived := f.respondUntilDeath(); survived {
				return
			}
			f.point = dieAt(m)
			f.restart()
			_, survived := f.respondUntilDeath()
			f.point = failing("", 0, nil)
			f.restart()
			f.mustRespond()
			f.wantOnce()
			if t.Failed() {
				t.Fatalf("died at points %d and %d", n, m)
			}
			if survived {
				break
			}
		}
	}
}

// TestAnyMixOfFaults: whatever fails, however often, in whatever order of errors, deaths and deliveries: once all is
// well again, everything has happened once.
func TestAnyMixOfFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t)
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{"ok", "ok", "ok", "ok", "error", "death"}), 0,
			60).Draw(rt, "faults")
		f.point = func(string) error {
			if len(faults) == 0 {
				return nil
			}
			fault := faults[0]
			faults = faults[1:]
			switch fault {
			case "error":
				return errServer
			case "death":
				faults = append([]string{"death"}, faults...) // until it is restarted
				panic(crash{})
			}
			return nil
		}
		for range 100 {
			err, survived := f.respondUntilDeath()
			if survived && err == nil {
				f.wantOnce()
				if t.Failed() {
					rt.FailNow()
				}
				return
			}
			if survived && !errors.Is(err, response.ErrPending) && !errors.Is(err, response.ErrNotTaken) &&
				!errors.Is(err, errServer) {
				rt.Fatal(err)
			}
			if !survived && len(faults) > 0 {
				faults = faults[1:]
			}
			f.restart()
		}
		rt.Fatal("never done")
	})
}

// TestOutcomeDoesNotDependOnCrashes: what is reported after a crash is what would have been reported without.
func TestOutcomeDoesNotDependOnCrashes(t *testing.T) {
	want := newFixture(t).mustRespond()
	for _, n := range []int{3, 9, 17, 25, 33} {
		f := newFixture(t)
		f.point = dieAt(n)
		_, _ = f.respondUntilDeath()
		f.point = failing("", 0, nil)
		f.restart()
		got := f.mustRespond()
		for _, r := range []*result{want, got} {
			for _, s := range r.Response.GetSteps() {
				s.Attempts = 0 // the one thing that rightly differs
			}
		}
		wantSame(t, want, got)
	}
}
