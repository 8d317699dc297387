package settings

import (
	"bytes"
	"errors"
	"fmt"
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
	// maxErrors are reported of one file; whoever has more has the wrong file.
	maxErrors = 50
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

// decoder walks one file's nodes and collects every mistake instead of stopping at the first.
type decoder struct {
	file string
	errs []error
	// bad is what is wrong with single persons of a directory.
	bad badPeople
}

// parse reads the file as one YAML document; nil means that it is empty.
func (d *decoder) parse(data []byte) ast.Node {
	if problem := tooMuch(data); problem != "" {
		d.failAt(1, "", problem, "split the file")
		return nil
	}
	if !utf8.Valid(data) {
		d.failAt(1+bytes.Count(data[:validPrefix(data)], []byte("\n")), "", "not valid UTF-8", "save the file as UTF-8")
		return nil
	}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		d.failSyntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			d.fail(doc.Body, "", "a second document begins here", "put everything into one")
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

func (d *decoder) failSyntax(err error) {
	line, message := 1, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		message = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
	}
	d.failAt(line, "", "not valid YAML: "+message, "")
}

// tooMuch names the limit that data exceeds.
func tooMuch(data []byte) string {
	if len(data) > MaxFileBytes {
		return fmt.Sprintf("the file has more than %d MiB", MaxFileBytes>>20)
	}
	depth := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(line) > maxLineBytes {
			return fmt.Sprintf("line %d has more than %d KiB", i+1, maxLineBytes>>10)
		}
		depth += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{"))
		depth -= bytes.Count(line, []byte("]")) + bytes.Count(line, []byte("}"))
		if depth = max(depth, 0); depth > maxDepth || openBrackets(line) > maxDepth || bytes.Count(line, []byte("- ")) > maxDepth {
			return fmt.Sprintf("line %d is nested more than %d deep", i+1, maxDepth)
		}
	}
	return ""
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

func (d *decoder) fail(n ast.Node, key, problem, right string) {
	d.failAt(lineOf(n), key, problem, right)
}

func (d *decoder) failAt(line int, key, problem, right string) {
	if len(d.errs) < maxErrors {
		d.errs = append(d.errs, &Error{File: d.file, Line: line, Key: key, Problem: problem, Right: right})
	}
}

func lineOf(n ast.Node) int {
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		return n.GetToken().Position.Line
	}
	return 1
}

// field is one key of a mapping with its value.
type field struct {
	name  string
	key   string
	value ast.Node
	// at carries the line of the key.
	at ast.Node
}

// fields returns a mapping's entries in the order of the file; right describes the mapping that is expected.
func (d *decoder) fields(n ast.Node, key, right string) []field {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		d.fail(n, key, "expected a mapping, found "+kind(n), right)
		return nil
	}
	var out []field
	seen := map[string]bool{}
	for _, v := range m.Values {
		name, ok := keyName(v.Key)
		if !ok {
			d.fail(v.Key, key, "this kind of key is not supported", "write a plain or quoted word")
			continue
		}
		f := field{name: name, key: join(key, name), value: v.Value, at: v.Key}
		if seen[name] {
			d.fail(v.Key, f.key, "given twice", "keep one")
			continue
		}
		seen[name] = true
		out = append(out, f)
	}
	return out
}

// unknown reports a key that has no meaning here.
func (d *decoder) unknown(f field, what string, known []string) {
	d.fail(f.at, f.key, "unknown "+what, "known are "+strings.Join(known, ", ")+suggest(f.name, known))
}

// items returns a list's entries.
func (d *decoder) items(n ast.Node, key, right string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n, key, "expected a list, found "+kind(n), right)
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

func index(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// kind names a node's kind for people.
func kind(n ast.Node) string {
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
		return fmt.Sprintf("%q", clip(n.GetToken().Value))
	}
}

// clip keeps messages short.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
