// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of a file, so that hostile input cannot exhaust the parser.
const (
	// MaxFileBytes is about 100,000 people. The YAML parser takes quadratic time over long mappings: write directories of
	// more than 10,000 people as lists (0.5 s for 10,000).
	MaxFileBytes = 8 << 20
	maxLineBytes = 64 << 10
	maxDepth     = 200
	// MaxErrors are reported of one file; whoever has more has the wrong file.
	MaxErrors = 50
)

// Error is one mistake in a file.
type Error struct {
	File string
	// Line counts from 1.
	Line int
	// Key is the path to the value, as in orgs.O1.detectors.tor.mode.
	Key string
	// Problem says what is wrong, Right what would be right (may be empty).
	Problem, Right string
}

// Error reads "file:line: key: problem; right"; without a file it begins with the key.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" { // not so on the command line
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Problem)
	if e.Right != "" {
		b.WriteString("; " + e.Right)
	}
	return b.String()
}

// Reader walks one file's nodes and collects every mistake instead of stopping at the first.
type Reader struct {
	File string
	// Errs has every mistake, up to 50.
	Errs []*Error
}

// Err joins the mistakes, by line.
func (r *Reader) Err() error {
	slices.SortStableFunc(r.Errs, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
	return join(r.Errs)
}

func join(all []*Error) error {
	var errs []error
	for _, e := range all {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// Parse reads the file as one YAML document; nil means that it is empty.
func (r *Reader) Parse(data []byte) ast.Node {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // the mark that some editors begin a file with
	if line, problem := tooMuch(data); problem != "" {
		r.failAt(line, "", problem, "split the file, or a line")
		return nil
	}
	if !utf8.Valid(data) {
		r.failAt(1+bytes.Count(data[:validPrefix(data)], []byte("\n")), "", "not valid UTF-8", "save the file as UTF-8")
		return nil
	}
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey()) // Fields tells them with their key
	if err != nil {
		r.failSyntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.Fail(doc.Body, "", "a second document begins here", "put everything into one")
			return nil
		}
		body = doc.Body
	}
	return body
}

// validPrefix is the number of bytes before the first that is not UTF-8.
func validPrefix(data []byte) int {
	n := 0
	for n < len(data) {
		r, size := utf8.DecodeRune(data[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}

func (r *Reader) failSyntax(err error) {
	line, message := 1, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		message = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
	}
	r.failAt(line, "", "not valid YAML: "+message, "")
}

// tooMuch names the limit that data exceeds, and the line where.
func tooMuch(data []byte) (line int, problem string) {
	if len(data) > MaxFileBytes {
		return 1, fmt.Sprintf("the file has more than %d MiB", MaxFileBytes>>20)
	}
	depth := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(line) > maxLineBytes {
			return i + 1, fmt.Sprintf("the line has more than %d KiB", maxLineBytes>>10)
		}
		depth += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{"))
		depth -= bytes.Count(line, []byte("]")) + bytes.Count(line, []byte("}"))
		if depth = max(depth, 0); depth > maxDepth || openBrackets(line) > maxDepth ||
			bytes.Count(line, []byte("- ")) > maxDepth {
			return i + 1, fmt.Sprintf("the line is nested more than %d deep", maxDepth)
		}
	}
	return 0, ""
}

// openBrackets is the deepest nesting of brackets within a line.
func openBrackets(line []byte) int {
	depth, deepest := 0, 0
	for _, c := range line {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	return deepest
}

// Fail notes a mistake at a node.
func (r *Reader) Fail(n ast.Node, key, problem, right string) {
	r.failAt(LineOf(n), key, problem, right)
}

func (r *Reader) failAt(line int, key, problem, right string) {
	if len(r.Errs) < MaxErrors {
		r.Errs = append(r.Errs, &Error{File: r.File, Line: line, Key: key, Problem: problem, Right: right})
	}
}

// LineOf is the line of a node, or 1.
func LineOf(n ast.Node) int {
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		return n.GetToken().Position.Line
	}
	return 1
}

// Field is one key of a mapping with its value.
type Field struct {
	Name string
	// Key is the path to the value.
	Key   string
	Value ast.Node
	// At carries the line of the key.
	At ast.Node
}

// Fields returns a mapping's entries in the order of the file; right describes the mapping that is expected.
func (r *Reader) Fields(n ast.Node, key, right string) []Field {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		r.Fail(n, key, "expected a mapping, found "+Kind(n), right)
		return nil
	}
	var out []Field
	seen := map[string]bool{}
	for _, v := range m.Values {
		name, ok := keyName(v.Key)
		if !ok {
			r.Fail(v.Key, key, "this kind of key is not supported", "write a plain or quoted word")
			continue
		}
		f := Field{Name: name, Key: Join(key, name), Value: v.Value, At: v.Key}
		if seen[name] {
			r.Fail(v.Key, f.Key, "given twice", "keep one")
			continue
		}
		seen[name] = true
		out = append(out, f)
	}
	return out
}

// Unknown reports a key that has no meaning here.
func (r *Reader) Unknown(f Field, what string, known []string) {
	r.Fail(f.At, f.Key, "unknown "+what, "known are "+strings.Join(known, ", ")+suggest(f.Name, known))
}

// Items returns a list's entries.
func (r *Reader) Items(n ast.Node, key, right string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.Fail(n, key, "expected a list, found "+Kind(n), right)
		return nil
	}
	return s.Values
}

func keyName(k ast.MapKeyNode) (string, bool) {
	switch k.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// Index is the key of an entry of a list.
func Index(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

// Join is the key of a field beneath another key.
func Join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// IsNull says that a key has no value.
func IsNull(n ast.Node) bool {
	_, null := n.(*ast.NullNode)
	return n == nil || null
}

// Kind names a node's kind for people.
func Kind(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias (write the value out)"
	case *ast.TagNode:
		return "a tag (leave it out)"
	case *ast.LiteralNode:
		return "a block of text"
	default:
		if n.GetToken() == nil {
			return "something else"
		}
		return fmt.Sprintf("%q", Clip(n.GetToken().Value))
	}
}

// Clip keeps messages short.
func Clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
