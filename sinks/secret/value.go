// SPDX-License-Identifier: Apache-2.0

// Package secret holds secrets that cannot be shown by accident, and reads them from where they are kept.
//
// A Value shows itself as [redacted] to everything that prints, logs or marshals; only Reveal gives the bytes. A Ref is
// what configurations contain instead of a secret: where to read it. A Followed reads it again from time to time, so
// that a secret can be rotated without a restart.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Value shows instead of itself.
const Redacted = "[redacted]"

// Value is a secret. The zero Value is the empty secret. Values are safe to copy.
type Value struct {
	// A function, because printers that walk through unexported fields by reflection call no methods: they would show a
	// string or bytes here, of a function they show at most its address.
	reveal func() string
}

// New returns a secret.
func New(s string) Value { return Value{reveal: func() string { return s }} }

// Reveal returns the secret itself. Call it only where it is used.
func (v Value) Reveal() string {
	if v.reveal == nil {
		return ""
	}
	return v.reveal()
}

// Empty says that there is no secret.
func (v Value) Empty() bool { return v.Reveal() == "" }

// Equal compares without telling by its duration where two secrets of one length differ.
func (v Value) Equal(other Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(other.Reveal())) == 1
}

// String implements fmt.Stringer.
func (Value) String() string { return Redacted }

// GoString implements fmt.GoStringer.
func (Value) GoString() string { return Redacted }

// Format implements fmt.Formatter: every verb, also those that know nothing of strings.
func (Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue implements slog.LogValuer.
func (Value) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText implements encoding.TextMarshaler, and with it JSON keys, XML, flags and gob.
func (Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON implements json.Marshaler.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalYAML implements the interface of YAML libraries.
func (Value) MarshalYAML() (any, error) { return Redacted, nil }
