// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// word unmarshals itself, as references to secrets do.
type word struct{ s string }

func (w *word) UnmarshalText(b []byte) error {
	if strings.Contains(string(b), "bad") {
		return errors.New("no word")
	}
	w.s = string(b)
	return nil
}

type inner struct {
	Words []word            `yaml:"words"`
	Every time.Duration     `yaml:"every"`
	Share float64           `yaml:"share"`
	Names map[string]string `yaml:"names"`
	Low   int               `yaml:"low"`
	High  int               `yaml:"high"`
}

func (i inner) Validate() error {
	var k Check
	k.Want(i.High >= i.Low, "high", i.High, "at least low")
	return k.Err()
}

type outer struct {
	Text  string   `yaml:"text"`
	On    bool     `yaml:"on"`
	List  []string `yaml:"list"`
	Inner inner    `yaml:"inner"`
	// no key in the file
	other int
}

func (o outer) Validate() error {
	var k Check
	Choice(&k, "text", o.Text, "", "red", "green")
	k.Under("inner", o.Inner.Validate())
	return k.Err()
}

func TestDecode(t *testing.T) {
	got := outer{On: true, List: []string{"default"}, other: 1}
	err := Decode("a.yaml", []byte(`
text: red
on:
list: [a, "b: c", 7]
inner: {words: [env:A, file:/b, 'c'], every: 90s, share: 0.5, names: {T1: E1}, high: 3}
`), &got)
	want := outer{Text: "red", On: true, List: []string{"a", "b: c", "7"}, other: 1,
		Inner: inner{Words: []word{{"env:A"}, {"file:/b"}, {"c"}}, Every: 90 * time.Second, Share: .5,
			Names: map[string]string{"T1": "E1"}, High: 3}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{}, word{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestDecodeTellsWhere(t *testing.T) {
	for text, want := range map[string]string{
		"text: rde":  `a.yaml:1: text: "rde" is not possible; use red, green`,
		"text: gren": `a.yaml:1: text: "gren" is not possible; use red, green; did you mean green?`,
		"\nlists: []": "a.yaml:2: lists: unknown key; known are text, on, list, inner; did you mean " +
			"list?",
		"list: a": "a.yaml:1: list: expected a list, found a single value; write [...], or each " +
			"entry on a line of its own after a -",
		"list: {a: b}": "a.yaml:1: list: expected a list, found a mapping; write [...], or each " +
			"entry on a line of its own after a -",
		"inner: 1": "a.yaml:1: inner: expected a mapping, found a single value; known keys are " +
			"words, every, share, names, low, high",
		"inner:\n  words:\n  - a\n  - bad":   "a.yaml:4: inner.words[1]: no word",
		"inner:\n  every: 3":                 `a.yaml:2: inner.every: "3" is not possible; use a duration such as 90s, 10m or 24h`,
		"inner: {share: .nan}":               `a.yaml:1: inner.share: ".nan" is not possible; use a number`,
		"inner: {low: 99999999999999999999}": `a.yaml:1: inner.low: "99999999999999999999" is not possible; use a whole number`,
		"text: {red: }":                      "a.yaml:1: text: expected a text, found a mapping",
		"list: [a, {env:}]":                  "a.yaml:1: list[1]: expected a text, found a mapping",
		"inner: {names: [a]}":                "a.yaml:1: inner.names: expected a mapping, found a list; write {key: value}",
		"inner:\n  high: 1\n  low: 2":        "a.yaml:2: inner.high: 1 is not possible; use at least low",
		"on: true\ninner:\n  low: 2":         "a.yaml:2: inner.high: 0 is not possible; use at least low",
		// begins with a byte order mark
		"\ufefftext: rde":                `a.yaml:1: text: "rde" is not possible; use red, green`,
		"\n" + strings.Repeat("[", 1000): "a.yaml:2: the line is nested more than 200 deep; split the file, or a line",
		"on: 1\non: true": "a.yaml:1: on: expected true or false, found \"1\"\na.yaml:2: on: given twice; " +
			"keep one",
	} {
		err := Decode("a.yaml", []byte(text), &outer{})
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestUnder: errors of several packages become one list, with whole keys.
func TestUnder(t *testing.T) {
	var entry, all Check
	entry.Wrong("path", "must not be empty", "")
	all.Under("files[0]", entry.Err())
	all.Under("files", errors.Join(&Error{Key: "[1]", Problem: "is one too many"}, errors.New("other")))
	all.Under("no", nil)
	want := "files[0].path: must not be empty\nfiles[1]: is one too many\nfiles: other"
	if err := all.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("text: red\nlist: [a]\ninner: {every: 90s, words: [env:A]}\n"))
	f.Add([]byte("inner: {words: [{a:b}, a:b:c], names: {a: {b: c}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *Error
		if err := Decode("a.yaml", data, &outer{}); err != nil && !errors.As(err, &e) {
			t.Errorf("%v is no *Error", err)
		}
	})
}
