// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"strings"
)

// Field is an optional field of an event, for counting what could not be read.
type Field uint8

// The optional fields.
const (
	FieldSession Field = iota
	FieldMethod
	FieldObject
	FieldBytes
	FieldOutcome
	FieldClient
	FieldIP
	FieldUserAgent
	FieldDevice
	FieldJA4
	FieldJA3
	FieldPlatform
	FieldASN
	FieldCountry
	FieldCookieTime
	FieldUserType
	FieldApp
	FieldActorKind
	FieldDetails
	fieldCount
)

var fieldNames = [fieldCount]string{
	FieldSession: "session_id", FieldMethod: "api_method", FieldObject: "object", FieldBytes: "bytes",
	FieldOutcome: "outcome",
	FieldClient:  "client", FieldIP: "client.ip", FieldUserAgent: "client.user_agent", FieldDevice: "client.device_id",
	FieldJA4: "client.ja4", FieldJA3: "client.ja3", FieldPlatform: "client.platform", FieldASN: "client.asn",
	FieldCountry: "client.country", FieldCookieTime: "cookie_time", FieldUserType: "user_type", FieldApp: "app_id",
	FieldActorKind: "actor_kind", FieldDetails: "details",
}

// String gives the field's name in the native form.
func (f Field) String() string { return fieldNames[f] }

// Fields lists every field, in the order of the native form.
func Fields() []Field {
	all := make([]Field, fieldCount)
	for i := range all {
		all[i] = Field(i)
	}
	return all
}

// exampleMax bounds the text of an example in bytes.
const exampleMax = 64

// Unreadable counts, by field, the events of which an optional field could not be read or not wholly. Placeholders such
// as "-" say that nothing is known and are not counted. The zero value is ready to use.
type Unreadable struct {
	Counts [fieldCount]int
	// First is an example: the first one met.
	First Example
}

// Example is one value that could not be read; Value is empty where it was no text.
type Example struct {
	Field                 string
	Value, Source, Offset string
}

// Total is the number of unreadable fields.
func (u *Unreadable) Total() (n int) {
	for _, c := range u.Counts {
		n += c
	}
	return n
}

// Add adds what another counted.
func (u *Unreadable) Add(more *Unreadable) {
	for f, n := range more.Counts {
		u.Counts[f] += n
	}
	if u.First.Field == "" {
		u.First = more.First
	}
}

// Map gives the counts that are not zero by the fields' names.
func (u *Unreadable) Map() map[string]int {
	m := map[string]int{}
	for f, n := range u.Counts {
		if n > 0 {
			m[fieldNames[f]] = n
		}
	}
	return m
}

// Fields are the counts that are not zero, for people: "client.ip 12, client.country 3".
func (u *Unreadable) Fields() string {
	var parts []string
	for f, n := range u.Counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", fieldNames[f], n))
		}
	}
	return strings.Join(parts, ", ")
}

// String says where the value is: `client.ip "1.2" (events.ndjson 17)`. The value is quoted, since it is somebody
// else's text.
func (x Example) String() string {
	text := x.Field
	if x.Value != "" {
		text += fmt.Sprintf(" %q", x.Value)
	}
	if at := strings.TrimSpace(x.Source + " " + x.Offset); at != "" {
		text += " (" + at + ")"
	}
	return text
}

// String is one line for operators: `client.ip 12, client.country 3; first: client.ip "1.2" (events.ndjson 17)`. It is
// empty if everything could be read.
func (u *Unreadable) String() string {
	if u.First.Field == "" {
		return u.Fields()
	}
	return u.Fields() + "; first: " + u.First.String()
}

// unread is what could not be read of one record. It counts only once the record has become an event.
type unread struct {
	fields uint32 // bit set of Field
	first  Field
	value  string
}

// note takes down that a field could not be read; value is its text, if it has one.
func (u *unread) note(f Field, value string) {
	if u.fields == 0 {
		u.first, u.value = f, value
	}
	u.fields |= 1 << f
}

// take adds what one record had.
func (u *Unreadable) take(r *unread, source, offset string) {
	for f := range u.Counts {
		if r.fields&(1<<f) != 0 {
			u.Counts[f]++
		}
	}
	if u.First.Field == "" {
		u.First = Example{
			Field: fieldNames[r.first], Value: strings.Clone(strings.ToValidUTF8(cut(r.value, exampleMax), "\uFFFD")),
			Source: source, Offset: offset,
		}
	}
}
