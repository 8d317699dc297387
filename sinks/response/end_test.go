// SPDX-License-Identifier: Apache-2.0

package response_test

import "testing"

// Who has the sessions ended first has the rest done later, by another call or another process, and all of it once.
func TestEndLeavesTheRest(t *testing.T) {
	for name, rest := range map[string]func(f *fixture){
		"to another call": func(f *fixture) { f.mustRespond() },
		"to a new process": func(f *fixture) {
			f.restart()
			if n, err := f.Resume(t.Context()); n != 1 || err != nil {
				t.Errorf("%d responses resumed, %v", n, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			a, d := respondTo("O1", "U1", "D1")
			for range 2 {
				if err := f.End(t.Context(), a, d); err != nil {
					t.Fatal(err)
				}
			}
			if alive := f.world.Alive("O1", "U1"); len(alive) > 0 || len(f.world.Messages()) > 0 {
				t.Errorf("sessions %v live, %d messages were sent: want none of either", alive, len(f.world.Messages()))
			}
			rest(f)
			f.wantOnce()
			if err := f.End(t.Context(), a, d); err != nil {
				t.Error(err)
			}
		})
	}
}
