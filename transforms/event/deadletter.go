// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Reasons of a dead letter (DeadLetter.reason).
const (
	// ReasonTooLarge: a record, a message or a batch is over its limit.
	ReasonTooLarge = "too_large"
	// ReasonBadCompression: gzip or zstd data is broken or cut off.
	ReasonBadCompression = "bad_compression"
	// ReasonBadEncoding: text is not valid UTF-8.
	ReasonBadEncoding = "bad_encoding"
	// ReasonDuplicateKey: a JSON object has a name twice.
	ReasonDuplicateKey = "duplicate_key"
	// ReasonBadJSON: the JSON is broken or cut off.
	ReasonBadJSON = "bad_json"
	// ReasonBadProto: the protobuf is broken or cut off.
	ReasonBadProto = "bad_proto"
	// ReasonMissingField: a required field is absent or empty.
	ReasonMissingField = "missing_field"
	// ReasonBadField: a field has the wrong type or an impossible value.
	ReasonBadField = "bad_field"
	// ReasonTooDeep: the JSON is nested too deeply.
	ReasonTooDeep = "too_deep"
	// ReasonUnknownFormat: neither native nor Slack nor protobuf.
	ReasonUnknownFormat = "unknown_format"
)

const (
	// rawMax is how much of a dead letter's bytes is kept: enough to see what it was, little enough to store thousands.
	rawMax = 64 << 10
	// detailMax bounds DeadLetter.detail in bytes; parser messages quote names from the input.
	detailMax = 500
)

// problem is why a record is no event.
type problem struct{ reason, detail string }

func (p *problem) Error() string { return p.reason + ": " + p.detail }

func problemf(reason, format string, args ...any) *problem {
	return &problem{reason, fmt.Sprintf(format, args...)}
}

// deadLetter makes the dead letter of raw, of which size bytes existed; raw may already be cut.
func deadLetter(raw []byte, size int64, p *problem, src Source, opt Options) *aerv1.DeadLetter {
	kept := bytes.Clone(raw[:min(len(raw), rawMax)])
	d := &aerv1.DeadLetter{
		Id:        aerv1.NewID("dead_letter", src.Name, src.Offset, string(kept)),
		Raw:       kept,
		Size:      uint32(min(size, math.MaxUint32)),
		Truncated: size > int64(len(kept)),
		Reason:    p.reason,
		Detail:    cut(strings.ToValidUTF8(p.detail, "\uFFFD"), detailMax),
		Source:    strings.ToValidUTF8(src.Name, "\uFFFD"),
		Offset:    strings.ToValidUTF8(src.Offset, "\uFFFD"),
	}
	if !opt.ReceivedAt.IsZero() {
		d.ReceivedAt = aerv1.Time(opt.ReceivedAt)
	}
	return d
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
