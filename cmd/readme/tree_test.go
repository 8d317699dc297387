// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/aer-project/aer/"
	root   = "../.."
)

// source is one Go file that somebody wrote, by its slash-separated path in the module.
type source struct {
	path, dir string
	test      bool // a test, or of a package that only tests use
	lines     int
	imports   []string
	functions []function
}

type function struct {
	name  string
	lines int
}

// tree reads all Go files of the module that are not generated. Modules of their own, as schemas/googlesql, are left
// out.
func tree(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(file, "go.mod")); file != root && (err == nil || skipped(d.Name())) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		s, generated, err := read(file)
		if err == nil && !generated {
			all = append(all, s)
		}
		return err
	})
	if err != nil || len(all) < 100 {
		t.Fatalf("%d Go files, %v", len(all), err)
	}
	return all
}

func skipped(dir string) bool {
	return dir == "testdata" || dir == "bin" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

func read(file string) (s source, generated bool, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return s, false, err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, raw, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return s, false, err
	}
	rel, err := filepath.Rel(root, file)
	s.path = filepath.ToSlash(rel)
	s.dir, s.lines = path.Dir(s.path), strings.Count(string(raw), "\n")
	s.test = strings.HasSuffix(s.path, "_test.go") || strings.Contains(s.dir+"/", "test/")
	for _, i := range parsed.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		s.imports = append(s.imports, name)
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			s.functions = append(s.functions, function{f.Name.Name, set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1})
		}
	}
	return s, ast.IsGenerated(parsed), err
}
