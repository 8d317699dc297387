// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// values decodes a text of one JSON value or several after one another, each a record, an array of records, or a Slack
// page.
func (d *decoder) values(raw []byte) {
	for i := skipSpace(raw, 0); i < len(raw); i = skipSpace(raw, i) {
		if d.full(raw[i:]) {
			return
		}
		switch raw[i] {
		case '[':
			i = d.array(raw, i)
		case '{':
			if ev, end := d.quick(raw, i); ev != nil {
				d.many = d.many || skipSpace(raw, end) < len(raw)
				d.accept(raw[i:end], ev, nil)
				i = end
				continue
			}
			f := frameObject(raw, i)
			if !f.closed && !f.page() {
				d.resync(raw[i:])
				return
			}
			d.many = d.many || skipSpace(raw, f.end) < len(raw)
			d.object(raw[:f.end], i, f)
			i = f.end
		default:
			f := frameScalar(raw, i, "\n")
			if d.count == 0 && !utf8.Valid(raw) {
				f.end = len(raw) // not a text, so not lines either
			}
			d.many = d.many || skipSpace(raw, f.end) < len(raw)
			d.one(trimSpace(raw[i:f.end]), f)
			i = f.end
		}
	}
}

// resync decodes NDJSON whose first object does not close, so that brackets cannot be trusted any more: a record then
// starts wherever a line starts with '{'.
func (d *decoder) resync(raw []byte) {
	for len(raw) > 0 && !d.full(raw) {
		chunk, rest := raw, []byte(nil)
		if n := bytes.Index(raw, []byte("\n{")); n >= 0 {
			chunk, rest, d.many = raw[:n], raw[n+1:], true
		}
		chunk = trimSpace(chunk)
		d.object(chunk, 0, frameObject(chunk, 0))
		raw = rest
	}
}

// object decodes the object that starts at raw[start] and reaches to the end of raw: a record, an envelope, or a page
// of the Slack API.
func (d *decoder) object(raw []byte, start int, f frame) {
	if !f.page() || d.opt.Format == Native {
		d.one(raw[start:], f)
		return
	}
	at := skipSpace(raw, f.entries)
	if at < len(raw) && raw[at] == ':' {
		at = skipSpace(raw, at+1)
	}
	switch {
	case f.pages > 1:
		d.reject(raw[start:], problemf(ReasonDuplicateKey, "the page has \"entries\" %d times: want it once", f.pages))
	case at >= len(raw) || raw[at] != '[':
		d.reject(raw[start:], problemf(ReasonBadField, "entries is not an array: want an array of audit log entries"))
	default:
		d.limit = max(d.limit, slackPageMax)
		if end := d.array(raw, at); !f.closed && end < len(raw) {
			d.reject(raw[end:], problemf(ReasonBadJSON, "the page is cut off or broken after its entries"))
		}
	}
}

// array decodes the array of records that starts at raw[start] and returns the offset after it. Each element stands for
// itself; only where the brackets do not tell where an element ends, the rest of raw is one dead letter.
func (d *decoder) array(raw []byte, start int) int {
	d.many = true
	i := skipSpace(raw, start+1)
	if i < len(raw) && raw[i] == ']' {
		return i + 1
	}
	for {
		if d.full(raw[min(i, len(raw)):]) {
			return len(raw)
		}
		end, closed := d.element(raw, i)
		i = skipSpace(raw, end)
		switch {
		case !closed:
			return len(raw)
		case i == len(raw):
			d.reject(raw[start:], problemf(ReasonBadJSON, "the array is cut off after %d records", d.count))
			return i
		case raw[i] == ']':
			return i + 1
		case raw[i] != ',':
			d.reject(raw[i:],
				problemf(ReasonBadJSON, "%q after a record of an array: want ',' or ']'; this is the rest of the message", raw[i]))
			return len(raw)
		}
		i = skipSpace(raw, i+1)
	}
}

// element decodes the element of an array at raw[i] and gives the offset after it and whether it was closed.
func (d *decoder) element(raw []byte, i int) (end int, closed bool) {
	if i < len(raw) && raw[i] == '{' {
		if ev, end := d.quick(raw, i); ev != nil {
			d.accept(raw[i:end], ev, nil)
			return end, true
		}
	}
	f := frameElement(raw, i)
	d.one(raw[i:f.end], f)
	return f.end, f.closed
}

// frameElement frames the element of an array at raw[i].
func frameElement(raw []byte, i int) frame {
	if i < len(raw) && (raw[i] == '{' || raw[i] == '[') {
		return frameObject(raw, i)
	}
	if i < len(raw) && raw[i] == '"' {
		if end, _ := stringEnd(raw, i); end >= 0 {
			return frame{end: end, closed: true}
		}
	}
	return frameScalar(raw, i, ",]")
}

// record decodes one JSON record and takes the outcome.
func (d *decoder) record(raw []byte, f frame) {
	format := d.opt.Format
	if format == Auto {
		format = f.format()
	}
	switch {
	case len(raw) > d.opt.MaxBytes:
		d.reject(raw, problemf(ReasonTooLarge, "the record has %d bytes: want at most %d", len(raw), d.opt.MaxBytes))
	case f.depth > d.opt.MaxDepth:
		d.reject(raw, problemf(ReasonTooDeep, "the record is nested %d levels deep: want at most %d",
			f.depth, d.opt.MaxDepth))
	case len(raw) == 0 || raw[0] != '{':
		d.reject(raw, d.noObject(raw))
	case format == Native, format == Slack:
		ev, err := d.strict(raw, format)
		d.accept(raw, ev, err)
	default:
		d.reject(raw, d.noFormat(raw))
	}
}

// noObject explains a record that is no object. Text that is not even JSON is of an unknown format, unless other
// records or the options say that JSON was meant.
func (d *decoder) noObject(raw []byte) *problem {
	if jsontext.Value(raw).IsValid() {
		return problemf(ReasonUnknownFormat, "the record is a JSON %s: want an object", kindName(jsontext.Value(raw).Kind()))
	}
	if d.many || d.opt.Format != Auto {
		return problemf(ReasonBadJSON, "the record starts with %q: want a JSON object", cut(string(raw), 16))
	}
	return problemf(ReasonUnknownFormat, "the message starts with %q: want a JSON object or array, protobuf, gzip or zstd",
		cut(string(raw), 16))
}

// noFormat explains an object that is of no known format.
func (d *decoder) noFormat(raw []byte) *problem {
	if err := d.check(raw); err != nil {
		return asProblem(err)
	}
	return problemf(ReasonUnknownFormat,
		"the object has neither time, org_id and user_id (native) nor date_create, actor and context (Slack)")
}
