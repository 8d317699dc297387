// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAllowed(t *testing.T) {
	for lines, want := range map[int]int{0: 3, 60: 3, 300: 3, 399: 3, 400: 4, 1350: 13, 100_000: 1000} {
		if got := Allowed(lines); got != want {
			t.Errorf("%d of %d lines, want %d", got, lines, want)
		}
	}
}

func TestEach(t *testing.T) {
	var p Problems
	var seen []string
	err := Each(strings.NewReader("\xef\xbb\xbf a \r\n\n# b\n;c\n//d\nbad\n e # f\r\n"), &p, func(line string) error {
		seen = append(seen, line)
		if line == "bad" {
			return errors.New("is bad")
		}
		return nil
	})
	if err != nil || !slices.Equal(seen, []string{"a", "bad", "e # f"}) || p.Lines != 3 || p.Bad != 1 ||
		p.First[0] != "6: is bad" {
		t.Errorf("%q, %+v, %v", seen, p, err)
	}
}

// What comes in is read, left out with a word, or the list is refused.
func TestEachCountsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"good", "good", "good", "bad", "", "# comment"}), 0,
			500).Draw(t, "lines")
		good, bad := 0, 0
		for _, l := range lines {
			switch l {
			case "good":
				good++
			case "bad":
				bad++
			}
		}
		var p Problems
		err := Each(strings.NewReader(strings.Join(lines, "\r\n")), &p, func(line string) error {
			if line == "bad" {
				return errors.New("is bad")
			}
			return nil
		})
		if p.Lines != good+bad || p.Bad != bad || (err != nil) != (bad > Allowed(good+bad)) {
			t.Fatalf("%d good, %d bad: %+v, %v", good, bad, p, err)
		}
		if w := p.Warnings("f"); len(w) != min(bad, SaidMax+1) {
			t.Fatalf("%d warnings about %d bad lines", len(w), bad)
		}
	})
}

func TestUncomment(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a # b": "a", "a;b": "a", "a ; b # c": "a", "": ""} {
		if got := Uncomment(in); got != want {
			t.Errorf("%q is %q without its comment, want %q", in, got, want)
		}
	}
}
