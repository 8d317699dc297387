// SPDX-License-Identifier: Apache-2.0

// Package kind chooses the adapter that a configuration names: every purpose has one table with a line for each
// adapter.
package kind

import (
	"context"

	"github.com/aer-project/aer/transforms/strict"
)

// Of is one kind of adapter. C is the configuration of the purpose, O what adapters are given besides it, A what they
// are.
type Of[C, O, A any] struct {
	Name string
	// Validate checks the part of the configuration that belongs to the kind. Its errors have the whole key.
	Validate func(C) error
	Open     func(context.Context, C, O) (A, error)
}

// Part is the kind whose configuration is the part of C under its name.
func Part[C, O, A any, P interface{ Validate() error }](name string, part func(C) P,
	open func(context.Context, P, O) (A, error)) Of[C, O, A] {
	return Of[C, O, A]{
		Name: name,
		Validate: func(c C) error {
			var k strict.Check
			k.Under(name, part(c).Validate())
			return k.Err()
		},
		Open: func(ctx context.Context, c C, o O) (A, error) {
			a, err := open(ctx, part(c), o)
			if err != nil {
				var k strict.Check
				k.Under(name, err)
				return *new(A), k.Err() // a is a nil pointer within an interface
			}
			return a, nil
		},
	}
}

// Plain is the kind that has nothing to configure.
func Plain[C, O, A any](name string, open func(context.Context, O) (A, error)) Of[C, O, A] {
	return Of[C, O, A]{
		Name:     name,
		Validate: func(C) error { return nil },
		Open:     func(ctx context.Context, _ C, o O) (A, error) { return open(ctx, o) },
	}
}

// Table is all kinds of a purpose.
type Table[C, O, A any] []Of[C, O, A]

// Validate checks the key "kind", and the configuration of that kind. Nobody looks at those of the others.
func (t Table[C, O, A]) Validate(name string, c C) error {
	var names []string
	for _, k := range t {
		if k.Name == name {
			return k.Validate(c)
		}
		names = append(names, k.Name)
	}
	var k strict.Check
	strict.Choice(&k, "kind", name, names...)
	return k.Err()
}

// Open validates and opens.
func (t Table[C, O, A]) Open(ctx context.Context, name string, c C, o O) (a A, err error) {
	if err := t.Validate(name, c); err != nil {
		return a, err
	}
	for _, k := range t {
		if k.Name == name {
			a, err = k.Open(ctx, c, o)
		}
	}
	return a, err
}
