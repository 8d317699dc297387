// SPDX-License-Identifier: Apache-2.0

package useragent

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// sample is a labelled user agent. Expect is ok (a person's client), flag (a program) or any.
type sample struct {
	UA     string `json:"ua"`
	Label  string `json:"label"`
	Expect string `json:"expect"`
}

// flagged are the classes that are not a person's client.
var flagged = []string{aerv1.ClassLibrary, aerv1.ClassHeadless, aerv1.ClassBot, aerv1.ClassEmpty}

// TestSharedCollection measures Classify on a public collection and holds it to floors, each for two halves of it, told
// apart by hash: rules are written after looking at the first half only. AER_UA_MISSES=N also prints N misses of each
// label of that half.
func TestSharedCollection(t *testing.T) {
	samples := readSamples(t, "data/ua_dev.ndjson.gz")
	for half := range 2 {
		t.Run([]string{"looked at", "held out"}[half], func(t *testing.T) {
			s := newScore()
			for _, x := range samples {
				if int(fnvHash(x.UA)%2) == half {
					s.add(x)
				}
			}
			s.log(t, half == 0)
			s.judge(t)
		})
	}
}

// score counts, by label, what became of the agents of a half.
type score struct {
	confusion map[string]map[string]int
	wrong     map[string][]string
}

func newScore() *score {
	return &score{confusion: map[string]map[string]int{}, wrong: map[string][]string{}}
}

// saysMore is the label of programs that give more than a name and a version.
const saysMore = "bot, library or headless with more than a name"

func (s *score) add(x sample) {
	if x.Expect == "flag" && strings.ContainsAny(x.UA, "()[];,+@:") {
		more := x
		more.Label = saysMore
		s.note(more)
	}
	s.note(x)
}

func (s *score) note(x sample) {
	c := Classify(x.UA)
	if s.confusion[x.Label] == nil {
		s.confusion[x.Label] = map[string]int{}
	}
	s.confusion[x.Label][c.Class]++
	automated := slices.Contains(flagged, c.Class)
	if x.Expect == "ok" && automated || x.Expect == "flag" && !automated || x.Label == "slack_client" &&
		c.Class != aerv1.ClassOfficial {
		s.wrong[x.Label] = append(s.wrong[x.Label], fmt.Sprintf("%s is %s %s: %s", x.Label, c.Class, c.Family, x.UA))
	}
}

// share is how many of the labels' agents are wrong, and of how many.
func (s *score) share(labels ...string) (wrong float64, of int) {
	var n int
	for _, l := range labels {
		n += len(s.wrong[l])
		for _, count := range s.confusion[l] {
			of += count
		}
	}
	return float64(n) / float64(max(of, 1)), of
}

func (s *score) judge(t *testing.T) {
	for _, floor := range []struct {
		what   string
		labels []string
		most   float64
	}{
		{"people's browsers and desktop applications taken for programs", []string{"browser", "electron_app"}, 0.001},
		{"mobile applications taken for programs", []string{"mobile_app"}, 0.01},
		{"Slack clients not known as official", []string{"slack_client"}, 0},
		// most of what is missed gives a name and nothing else
		{"programs missed", []string{"bot", "library", "headless"}, 0.1},
		{"programs missed that say more than a name", []string{saysMore}, 0.05},
	} {
		got, of := s.share(floor.labels...)
		t.Logf("%s: %.2f %% of %d", floor.what, 100*got, of)
		if got > floor.most {
			t.Errorf("%s: %.4f, want at most %v", floor.what, got, floor.most)
		}
	}
}

func (s *score) log(t *testing.T, misses bool) {
	logConfusion(t, s.confusion)
	var n int
	if _, err := fmt.Sscan(os.Getenv("AER_UA_MISSES"), &n); err != nil || !misses {
		return
	}
	for _, list := range s.wrong {
		for _, w := range list[:min(n, len(list))] {
			t.Log(w)
		}
	}
}

func fnvHash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

func readSamples(t *testing.T, path string) []sample {
	t.Helper()
	shared := cmp.Or(os.Getenv("AER_SHARED"), filepath.Join(repoRoot(t), "..", "shared"))
	f, err := os.Open(filepath.Join(shared, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	sc := bufio.NewScanner(zr)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var s sample
		if err := json.Unmarshal(sc.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test's directory")
	}
}

func logConfusion(t *testing.T, confusion map[string]map[string]int) {
	t.Helper()
	classes := []string{
		aerv1.ClassOfficial, aerv1.ClassBrowser, aerv1.ClassMobileApp, aerv1.ClassOther,
		aerv1.ClassLibrary, aerv1.ClassHeadless, aerv1.ClassBot, aerv1.ClassEmpty,
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s", "label \\ class")
	for _, c := range classes {
		fmt.Fprintf(&b, "%11s", c)
	}
	labels := make([]string, 0, len(confusion))
	for l := range confusion {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	for _, l := range labels {
		fmt.Fprintf(&b, "\n%-14s", l)
		for _, c := range classes {
			fmt.Fprintf(&b, "%11d", confusion[l][c])
		}
	}
	t.Log("\n" + b.String())
}
