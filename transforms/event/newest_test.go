// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// order reads a file of events at the given minutes and says in which order they come.
func order(t *testing.T, minutes []int) []int {
	t.Helper()
	var b strings.Builder
	for i, m := range minutes {
		b.WriteString(timed(fmt.Sprint(i), 60*m) + "\n")
		if i == 1 {
			b.WriteString("no event\n")
		}
	}
	f, err := OpenFiles([]string{writeFile(t, "events.ndjson", b.String())}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got []int
	dead := 0
	for ev, d := range f.All() {
		if d != nil {
			dead++
			continue
		}
		got = append(got, int(ev.Time.AsTime().Sub(at("2026-11-22T10:00:00Z")).Minutes()))
	}
	if dead != 1 || f.Err() != nil {
		t.Errorf("%d dead letters, error %v", dead, f.Err())
	}
	return got
}

func TestNewestFirstIsTurned(t *testing.T) {
	up := make([]int, 3000)
	for i := range up {
		up[i] = i
	}
	down := slices.Clone(up)
	slices.Reverse(down)
	pages := slices.Clone(down)
	for i := 50; i < len(pages); i += 50 { // pages that overlap by an event
		pages[i], pages[i-1] = pages[i-1], pages[i]
	}
	if got := order(t, down); !slices.Equal(got, up) {
		t.Error("a file that is newest first does not come in order")
	}
	if got := order(t, pages); !slices.Equal(got, up) {
		t.Error("pages that overlap do not come in order")
	}
	for name, as := range map[string][]int{
		"in order":       up,
		"one event":      {5, 5},
		"the same time":  {7, 7, 7, 7},
		"disorder":       {9, 8, 7, 6, 5, 4}, // Reorder's business
		"a late arrival": append(slices.Clone(up[100:]), 3),
	} {
		if got := order(t, as); !slices.Equal(got, as) {
			t.Errorf("%s: does not come as it is", name)
		}
	}
}

// A file that is too long to be turned around comes without loss.
func TestNewestFirstIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		b.WriteString(timed(fmt.Sprint(i), 60*(2000-i)) + "\n")
	}
	in := &turned{in: NewLines(strings.NewReader(b.String()), "f", Options{}), max: 1000}
	var ids []string
	for {
		ev, _, ok := in.Next()
		if !ok {
			break
		}
		ids = append(ids, ev.Id)
	}
	if len(ids) != 2000 || ids[0] != "999" || ids[999] != "0" || ids[1000] != "1000" {
		t.Errorf("%d events, %s to %s, then %s", len(ids), ids[0], ids[999], ids[1000])
	}
}
