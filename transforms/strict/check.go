// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Check gathers what is wrong with values, each with its key. The zero Check is ready for use.
type Check struct{ errs []*Error }

// Wrong notes a mistake; right may be empty.
func (c *Check) Wrong(key, problem, right string) {
	c.errs = append(c.errs, &Error{Key: key, Problem: problem, Right: right})
}

// Want notes that a value is not possible, unless ok; want says what is.
func (c *Check) Want(ok bool, key string, got any, want string) {
	if ok {
		return
	}
	c.Wrong(key, notPossible(got), "use "+want)
}

// Filled notes that a text is empty.
func (c *Check) Filled(key, got, want string) { c.Want(got != "", key, got, want) }

// Choice notes that a word is none of those that are known. The empty word may be among them.
func Choice[W ~string](c *Check, key string, got W, words ...W) {
	if slices.Contains(words, got) {
		return
	}
	var known []string
	for _, w := range words {
		if w != "" {
			known = append(known, string(w))
		}
	}
	c.Wrong(key, notPossible(got), "use "+strings.Join(known, ", ")+suggest(string(got), known))
}

// Under notes the mistakes that another Validate found, beneath the key of what it validated.
func (c *Check) Under(key string, err error) {
	for _, e := range split(err) {
		var one *Error
		if !errors.As(e, &one) {
			one = &Error{Problem: e.Error()}
		}
		moved := *one
		moved.Key = beneath(key, one.Key)
		c.errs = append(c.errs, &moved)
	}
}

// beneath is the key of a value by its key in what stands at the key above.
func beneath(above, key string) string {
	if above == "" || key == "" || key[0] == '[' {
		return above + key
	}
	return Join(above, key)
}

// Err joins what was noted.
func (c *Check) Err() error { return join(c.errs) }

// split is the errors that err joins.
func split(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, split(e)...)
		}
		return all
	}
	return []error{err}
}

func notPossible(got any) string {
	switch v := got.(type) {
	case time.Duration:
		return Duration(v) + " is not possible"
	default:
		if reflect.ValueOf(got).Kind() != reflect.String {
			return fmt.Sprintf("%v is not possible", got)
		}
	}
	if text := fmt.Sprint(got); text != "" {
		return fmt.Sprintf("%q is not possible", Clip(text))
	}
	return "must not be empty"
}
