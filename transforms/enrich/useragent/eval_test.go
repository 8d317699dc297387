package useragent

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
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

// TestSharedCollection measures Classify on a public collection and holds it to floors: AER_UA_MISSES=N also prints N misses of each kind.
func TestSharedCollection(t *testing.T) {
	samples := readSamples(t, "data/ua_dev.ndjson.gz")
	confusion := map[string]map[string]int{}
	count, wrong := map[string]int{}, map[string][]string{}
	for _, s := range samples {
		c := Classify(s.UA)
		if confusion[s.Label] == nil {
			confusion[s.Label] = map[string]int{}
		}
		confusion[s.Label][c.Class]++
		count[s.Expect]++
		flag := slices.Contains(flagged, c.Class)
		if s.Expect == "ok" && flag || s.Expect == "flag" && !flag {
			wrong[s.Expect] = append(wrong[s.Expect], fmt.Sprintf("%s → %s %s: %s", s.Label, c.Class, c.Family, s.UA))
		}
		if s.Label == "slack_client" && c.Class != aerv1.ClassOfficial {
			t.Errorf("Slack client is %s: %s", c.Class, s.UA)
		}
	}
	logConfusion(t, confusion)
	logMisses(t, wrong)
	flagRecall := 1 - float64(len(wrong["flag"]))/float64(count["flag"])
	okError := float64(len(wrong["ok"])) / float64(count["ok"])
	t.Logf("programs recognised: %.2f %% of %d; people taken for programs: %.3f %% of %d", 100*flagRecall, count["flag"], 100*okError, count["ok"])
	if flagRecall < 0.97 {
		t.Errorf("recognised %.4f of programs, want at least 0.97", flagRecall)
	}
	if okError > 0.005 {
		t.Errorf("took %.4f of people's clients for programs, want at most 0.005", okError)
	}
}

func readSamples(t *testing.T, path string) []sample {
	t.Helper()
	f, err := os.Open(filepath.Join(repoRoot(t), "..", "shared", filepath.FromSlash(path)))
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

func logMisses(t *testing.T, wrong map[string][]string) {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(os.Getenv("AER_UA_MISSES"), &n); err != nil {
		return
	}
	for _, expect := range []string{"flag", "ok"} {
		for _, w := range wrong[expect][:min(n, len(wrong[expect]))] {
			t.Logf("want %s: %s", expect, w)
		}
	}
}
