// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"fmt"
)

// Format is the form of the records in a message.
type Format uint8

const (
	// Auto detects the format of each record.
	Auto Format = iota
	// Native is the JSON form of aer.v1.Event.
	Native
	// Slack is an entry of the Slack Audit Logs API.
	Slack
	// Proto is a protobuf aer.v1.Event or aer.v1.EventBatch.
	Proto
)

var formatNames = [...]string{Auto: "auto", Native: "native", Slack: "slack", Proto: "proto"}

// String gives the name that ParseFormat reads.
func (f Format) String() string {
	if int(f) < len(formatNames) {
		return formatNames[f]
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// ParseFormat reads a format's name: auto, native, slack or proto.
func ParseFormat(name string) (Format, error) {
	for f, n := range formatNames {
		if n == name {
			return Format(f), nil
		}
	}
	return Auto, fmt.Errorf("format %q: want auto, native, slack or proto", name)
}

// UnmarshalText reads a format's name in a flag or a configuration file.
func (f *Format) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFormat(string(text))
	return err
}

// MarshalText is the inverse of UnmarshalText.
func (f Format) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// bom is the UTF-8 byte order mark that some tools put before JSON. It says nothing and is not part of a record.
var bom = []byte("\xef\xbb\xbf")

// isProto tells whether a message is protobuf rather than JSON.
//
// The tag of the first field of an Event (0x0a) is also a line feed, and the length after it may be the byte of '{' or
// '[', so the first bytes alone do not decide. JSON starts with '{' or '[' after white space. Anything else, and
// anything where one of the two follows a line feed, is protobuf if it is a whole sequence of fields that includes one
// that events must have.
func isProto(raw []byte) bool {
	text := trimSpace(bytes.TrimPrefix(raw, bom))
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') && raw[0] != fieldIDTag {
		return false
	}
	return isBatch(raw) || hasProtoFields(raw)
}

// trimSpace cuts what JSON calls white space from both ends.
func trimSpace(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
