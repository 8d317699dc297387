// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/aer-project/aer/cmd/aer/term"
)

// floors hold for the labelled set as it stands: every attack of every kind is found, nobody innocent is acted on. A
// user-day is five per 10,000.
var floors = Bounds{Found: 1, Kind: 1, Acted: 0, Respond: 0, Log: 0}

// TestFloors: a change which spoils detection fails in every clone. make quality measures many worlds, all larger.
func TestFloors(t *testing.T) {
	s := labelled(t)
	r, err := score(s.world, filepath.Join(s.dir, Results))
	if err != nil {
		t.Fatal(err)
	}
	totals := NewTotals()
	totals.Add(s.Seed, r)
	var b bytes.Buffer
	totals.Print(term.New(&b), floors, "DIR", 200)
	t.Log(b.String())
	for _, v := range totals.Check(floors) {
		if !v.Holds {
			t.Errorf("%s: %s, want %s", v.Bound, v.Got, v.Want)
		}
	}
}
