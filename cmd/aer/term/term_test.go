// SPDX-License-Identifier: Apache-2.0

package term

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func TestTableAligns(t *testing.T) {
	var out bytes.Buffer
	NewTable("kind", ">n", "note").Row("a", 5, "x").Row("longer", 12345, "y\x1b[31m").Print(New(&out))
	want := "kind        n  note\na           5  x\nlonger  12345  y.[31m\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestColourPadsByWhatIsSeen(t *testing.T) {
	var plain, colour bytes.Buffer
	tab := NewTable("a", "b").Row("é", "z").Style(Red)
	tab.Print(&Printer{w: &plain})
	tab.Print(&Printer{w: &colour, colour: true})
	seen := colour.String()
	for _, code := range []string{"\x1b[1m", "\x1b[31m", "\x1b[0m"} {
		seen = strings.ReplaceAll(seen, code, "")
	}
	if seen != plain.String() {
		t.Errorf("without codes %q, want %q", seen, plain.String())
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(Wrap("one two  three fourteen", 9), "|")
	if want := "one two|three|fourteen"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0ms", 12300 * time.Millisecond: "12.3s", 220 * time.Second: "3m40s", 125 * time.Minute: "2h05m",
		76 * time.Hour: "3d04h", -time.Second: "-1.0s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestCutTakesOutControls(t *testing.T) {
	if got, want := Cut("ab\x1bcdef\u202e", 5), "ab.c…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColoursOnlyWhereTheyAreSeen(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	defer func() { _ = tty.Close() }()
	for _, env := range []struct {
		term, noColor string
		coloured      bool
	}{{"xterm", "", true}, {"xterm", "1", false}, {"dumb", "", false}} {
		t.Setenv("TERM", env.term)
		t.Setenv("NO_COLOR", env.noColor)
		if got := New(tty).Style("x", Red) != "x"; got != env.coloured {
			t.Errorf("%+v: coloured %v", env, got)
		}
	}
	if got := New(&bytes.Buffer{}).Style("x", Red); got != "x" {
		t.Errorf("a file gets %q", got)
	}
}
