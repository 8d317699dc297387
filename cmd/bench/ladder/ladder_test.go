// SPDX-License-Identifier: Apache-2.0

package ladder

import "testing"

func TestParse(t *testing.T) {
	for line, want := range map[string]Rung{
		"BenchmarkDecode/slack-2   \t  235  5048 ns/op  135.30 MB/s  1250 B/op  13 allocs/op": {
			Name: "Decode/slack", Nanoseconds: 5048, Objects: 13, Bytes: 1250},
		"BenchmarkAccumulator/sparse  5  1000000 ns/op  100.0 ns/event  46.1 B/event  2500000 B/op  140000 allocs/op": {
			Name: "Accumulator/sparse", Per: "event", Nanoseconds: 100, Objects: 14, Bytes: 250},
	} {
		got, ok, err := parse(line)
		if err != nil || !ok || got != want {
			t.Errorf("%q: %+v, %v, %v, want %+v", line, got, ok, err, want)
		}
	}
}

func TestParsePassesOver(t *testing.T) {
	for _, line := range []string{
		"", "goos: linux", "PASS", "ok  \tgithub.com/aer-project/aer/transforms/event\t3.4s", "BenchmarkDecode", "?   \tx\t[no test files]",
	} {
		if got, ok, err := parse(line); ok || err != nil {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
	if _, ok, err := parse("BenchmarkX 1 fast ns/op 3 B/op"); ok || err == nil {
		t.Error("a number that is none passed")
	}
}
