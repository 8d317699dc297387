// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exceptions are what may break a rule for now: the rule and what breaks it, with the reason. One that is not needed
// any more fails the test.
var exceptions = map[string]string{}

// The limits that files and functions keep to.
const (
	fileLinesMax     = 350
	functionLinesP90 = 45
	readmeBytesMax   = 14 << 10
)

// broken collects what breaks a rule. Each rule of TestLayout says "rule: what breaks it".
type broken []string

func (b *broken) add(rule, format string, args ...any) {
	*b = append(*b, rule+": "+fmt.Sprintf(format, args...))
}

// TestLayout checks the rules of .github/CONTRIBUTING.md that can be checked.
func TestLayout(t *testing.T) {
	var found broken
	files := tree(t)
	upwards(&found, files)
	pure(&found, files)
	small(&found, files)
	tested(t, &found, files)
	folders(t, &found, files)
	documents(t, &found)
	links(t, &found)
	for _, f := range found {
		if exceptions[f] == "" {
			t.Error(f)
		}
	}
	for e, reason := range exceptions {
		if !slices.Contains(found, e) {
			t.Errorf("no exception is needed any more for %q (%s)", e, reason)
		}
	}
}

// level is how high a folder stands: imports go from higher to lower, or stay on a level.
func level(dir string) int {
	top, below, _ := strings.Cut(dir, "/")
	n, known := map[string]int{"schemas": 0, "transforms": 2, "sinks": 4, "pipelines": 5, "cmd": 6}[top]
	if !known {
		return -1
	}
	if below != "" && below != "source" && (top == "transforms" || top == "sinks") {
		n--
	}
	return n
}

func upwards(b *broken, files []source) {
	seen := map[string]bool{}
	for _, f := range files {
		for _, i := range f.imports {
			to, ok := strings.CutPrefix(i, module)
			if key := f.dir + " imports " + to; ok && !f.test && level(to) > level(f.dir) && !seen[key] {
				seen[key] = true
				b.add("upwards", "%s", key)
			}
		}
	}
}

// beamDirs are the packages that may import Beam; cmd may use them, and whatever else uses them is not pure either.
var beamDirs = []string{
	"transforms", "transforms/source", "sinks", "pipelines", "pipelines/prism", "pipelines/flink", "pipelines/dataflow", "pipelines/job",
	"cmd/aer", "cmd/aer/setup",
}

func ofBeam(path string) bool { return strings.HasPrefix(path, "github.com/apache/beam/") }

// pure checks that packages import Beam or are pure, be it through others of the module.
func pure(b *broken, files []source) {
	imports := map[string]map[string]bool{}
	for _, f := range files {
		if f.test {
			continue
		}
		if imports[f.dir] == nil {
			imports[f.dir] = map[string]bool{}
		}
		for _, i := range f.imports {
			imports[f.dir][strings.TrimPrefix(i, module)] = true
		}
	}
	known := map[string]bool{}
	var touches func(dir string) bool
	touches = func(dir string) bool {
		if ofBeam(dir) {
			return true
		}
		if is, done := known[dir]; done {
			return is
		}
		known[dir] = false
		for i := range imports[dir] {
			known[dir] = touches(i) || known[dir]
		}
		return known[dir]
	}
	for dir := range imports {
		direct := slices.ContainsFunc(slices.Collect(maps.Keys(imports[dir])), ofBeam)
		through := touches(dir) && !strings.HasPrefix(dir, "cmd/")
		if !slices.Contains(beamDirs, dir) && (direct || through) {
			b.add("pure", "%s imports Beam", dir)
		}
	}
}

func small(b *broken, files []source) {
	var lengths []int
	for _, f := range files {
		if f.lines > fileLinesMax {
			b.add("small", "%s is too long", f.path)
		}
		for _, fn := range f.functions {
			if !f.test {
				lengths = append(lengths, fn.lines)
			}
		}
	}
	slices.Sort(lengths)
	if p90 := lengths[len(lengths)*9/10]; p90 >= functionLinesP90 {
		b.add("small", "a tenth of all functions have %d lines or more", p90)
	}
}

// tested checks that there are as many lines of tests as of code where people are signed out.
func tested(t *testing.T, b *broken, files []source) {
	for _, part := range []string{"sinks", "transforms/decision"} {
		lines := map[bool]int{}
		if part == "transforms/decision" { // its scenarios are read and run as tests
			lines[true] = scenarioLines("gates")
		}
		for _, f := range files {
			if strings.HasPrefix(f.dir+"/", part+"/") {
				lines[f.test] += f.lines
			}
		}
		if lines[true] < lines[false] {
			b.add("tested", "%s has fewer lines of tests than of code", part)
			t.Logf("%s: %d lines of code, %d of tests", part, lines[false], lines[true])
		}
	}
}

func scenarioLines(folder string) (n int) {
	files, _ := filepath.Glob(filepath.Join(root, "testdata/scenario", folder, "*.txtar"))
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		n += strings.Count(string(raw), "\n")
	}
	return n
}

// topLevel is all that stands at the top, beside what begins with a dot and what is built.
var topLevel = []string{
	"pipelines", "transforms", "sinks", "schemas", "cmd", "testdata",
	"go.mod", "go.sum", "Makefile", "README.md", "LICENSE",
}

// drawnBelow are the folders whose folders are drawn as well.
var drawnBelow = []string{"pipelines", "transforms", "sinks"}

var folder = regexp.MustCompile(`([a-z]+)/`)

// folders compares the tree with the drawing in .github/CONTRIBUTING.md: its names at the top, and beneath pipelines,
// transforms and sinks every folder with Go files.
func folders(t *testing.T, b *broken, files []source) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && n != "bin" && n != "aer-out" && !slices.Contains(topLevel, n) {
			b.add("folders", "%s is no name of the top level", n)
		}
	}
	raw, err := os.ReadFile(filepath.Join(root, ".github/CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, drawing, _ := strings.Cut(string(raw), "## Where things live\n\n```\n")
	drawing, _, _ = strings.Cut(drawing, "```")
	drawn, top := map[string]bool{}, ""
	for line := range strings.Lines(drawing) {
		if !strings.HasPrefix(line, " ") {
			top, _, _ = strings.Cut(line, "/")
		}
		for _, m := range folder.FindAllStringSubmatch(line, -1) {
			if m[1] != top {
				drawn[top+"/"+m[1]] = true
			}
		}
	}
	have := map[string]bool{}
	for _, f := range files {
		if parts := strings.Split(f.dir, "/"); len(parts) > 1 && slices.Contains(drawnBelow, parts[0]) {
			have[parts[0]+"/"+parts[1]] = true
		}
	}
	for dir := range have {
		if !drawn[dir] {
			b.add("folders", "%s is not in the drawing", dir)
		}
	}
	for dir := range drawn {
		if _, err := os.Stat(filepath.Join(root, dir)); err != nil && !have[dir] {
			b.add("folders", "%s is in the drawing only", dir)
		}
	}
}

// documents checks that README.md is short, that the list of packages is current, and that each says what it is for.
func documents(t *testing.T, b *broken) {
	info, err := os.Stat(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > readmeBytesMax {
		b.add("documents", "README.md is too long")
	}
	table, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(root, ".github/CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), table) {
		b.add("documents", "the list of packages in .github/CONTRIBUTING.md is not current: go generate ./cmd/readme")
	}
	for _, line := range strings.Split(table, "\n") {
		if strings.HasSuffix(line, "|  |") {
			b.add("documents", "a package without a purpose: %s", line)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// links checks that what documents of the module point to is there.
func links(t *testing.T, b *broken) {
	var docs []string
	for _, pattern := range []string{"*.md", ".github/*.md", "*/*/*.md", "*/*/*/*.md"} {
		some, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, some...)
	}
	for _, doc := range docs {
		raw, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(raw), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1])); err != nil {
				b.add("links", "%s points to %s", strings.TrimPrefix(filepath.ToSlash(doc), root+"/"), m[1])
			}
		}
	}
}
