// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Decode fills the struct that into points to, by the yaml tags of its fields, and validates it if it has a method
// Validate() error. Keys that the file leaves out, or gives no value, keep theirs; a list or map replaces what is
// there. A text that unmarshals itself is never repeated in an error, because it may be a secret.
//
// The error joins an *Error for every mistake. What Validate says of a key is told with the line of that key, or of the
// nearest above it in the file.
func Decode(file string, data []byte, into any) error {
	d := &structs{Reader: Reader{File: file}, lines: map[string]int{}}
	if root := d.Parse(data); root != nil {
		d.value(reflect.ValueOf(into).Elem(), root, "")
	}
	if err := d.Err(); err != nil {
		return err
	}
	if v, ok := into.(interface{ Validate() error }); ok {
		d.locate(v.Validate())
	}
	return d.Err()
}

// structs is a Reader that remembers where the keys were.
type structs struct {
	Reader
	lines map[string]int
}

// locate notes the mistakes of a Validate with their lines.
func (d *structs) locate(err error) {
	var c Check
	c.Under("", err)
	for _, e := range c.errs {
		d.failAt(d.line(e.Key), e.Key, e.Problem, e.Right)
	}
}

// line is where a key is, or what is above it.
func (d *structs) line(key string) int {
	for key != "" {
		if n := d.lines[key]; n > 0 {
			return n
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return 1
}

var durationType = reflect.TypeFor[time.Duration]()

func (d *structs) value(v reflect.Value, n ast.Node, key string) {
	if IsNull(n) {
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.unmarshal(u, n, key)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(v, n, key)
	case reflect.Slice:
		d.list(v, n, key)
	case reflect.Map:
		d.words(v, n, key)
	case reflect.Bool:
		v.SetBool(d.Boolean(n, key))
	case reflect.String:
		if s, ok := d.Text(n, key, ""); ok {
			v.SetString(s)
		}
	default:
		d.number(v, n, key)
	}
}

func (d *structs) mapping(v reflect.Value, n ast.Node, key string) {
	var known []string
	at := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			known = append(known, name)
			at[name] = v.Field(i)
		}
	}
	right := "known keys are " + strings.Join(known, ", ")
	if d.single(n, key, "a mapping", right) {
		return
	}
	for _, f := range d.Fields(n, key, right) {
		d.lines[f.Key] = LineOf(f.At)
		if to, ok := at[f.Name]; ok {
			d.value(to, f.Value, f.Key)
		} else {
			d.Unknown(f, "key", known)
		}
	}
}

func (d *structs) list(v reflect.Value, n ast.Node, key string) {
	const right = "write [...], or each entry on a line of its own after a -"
	if d.single(n, key, "a list", right) {
		return
	}
	items := d.Items(n, key, right)
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, it := range items {
		d.lines[Index(key, i)] = LineOf(it)
		d.value(out.Index(i), it, Index(key, i))
	}
	v.Set(out)
}

// words reads a map of texts.
func (d *structs) words(v reflect.Value, n ast.Node, key string) {
	out := reflect.MakeMap(v.Type())
	for _, f := range d.Fields(n, key, "write {key: value}") {
		d.lines[f.Key] = LineOf(f.At)
		if s, ok := d.Text(f.Value, f.Key, ""); ok {
			out.SetMapIndex(reflect.ValueOf(f.Name), reflect.ValueOf(s))
		}
	}
	v.Set(out)
}

func (d *structs) unmarshal(u encoding.TextUnmarshaler, n ast.Node, key string) {
	s, ok := d.Text(n, key, "")
	if !ok {
		return
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		d.Fail(n, key, err.Error(), "")
	}
}

func (d *structs) number(v reflect.Value, n ast.Node, key string) {
	switch {
	case v.Type() == durationType:
		x, _ := parsed(&d.Reader, n, key, "use a duration such as 90s, 10m or 24h", fallible(time.ParseDuration))
		v.SetInt(int64(x))
	case v.CanInt():
		x, _ := parsed(&d.Reader, n, key, "use a whole number", fallible(strconv.Atoi))
		v.SetInt(int64(x))
	case v.CanFloat():
		x, _ := parsed(&d.Reader, n, key, "use a number", func(s string) (float64, bool) {
			x, err := strconv.ParseFloat(s, 64)
			return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
		})
		v.SetFloat(x)
	default:
		panic("reading YAML into " + v.Type().String() + ": a mistake in the program")
	}
}

func fallible[T any](parse func(string) (T, error)) func(string) (T, bool) {
	return func(s string) (T, bool) {
		v, err := parse(s)
		return v, err == nil
	}
}

// single notes a value where a mapping or list must be, without repeating it: a secret may have been written there.
func (d *structs) single(n ast.Node, key, want, right string) bool {
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false
	}
	d.Fail(n, key, "expected "+want+", found a single value", right)
	return true
}
