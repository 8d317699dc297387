package event

import (
	"bytes"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// shape is how an envelope holds what is in it.
type shape uint8

const (
	// asObject: a JSON object.
	asObject shape = iota
	// asText: a string that is JSON.
	asText
	// asBase64: a string that is base64, of plain or compressed data.
	asBase64
	// asList: an array of records, envelopes or texts.
	asList
)

// envelope is one way in which collectors wrap records: what is in the member, or in that member's member within.
type envelope struct {
	member, within string
	as             shape
	name           string
}

// envelopes are the known ones, in the order in which they are tried: a collector may leave a member of another kind beside its own.
var envelopes = []envelope{
	{"awslogs", "data", asBase64, "a CloudWatch Logs subscription"},
	{"logEvents", "", asList, "CloudWatch Logs"},
	{"Records", "", asList, "a batch of AWS"},
	{"records", "", asList, "a batch of records"},
	{"entries", "", asList, "a page of the Slack API"},
	{"logs", "", asList, "a batch of logs"},
	{"events", "", asList, "a batch of events"},
	{"Sns", "Message", asText, "an SNS record"},
	{"kinesis", "data", asBase64, "a Kinesis record"},
	{"message", "data", asBase64, "a Pub/Sub push"},
	{"message", "", asText, "Elastic or Beats (message)"},
	{"Message", "", asText, "an SNS notification"},
	{"body", "", asText, "an SQS message"},
	{"event", "original", asText, "Elastic (event.original)"},
	{"event", "", asObject, "Splunk's HTTP event collector (event)"},
	{"event", "", asText, "Splunk's HTTP event collector (event)"},
	{"detail", "", asObject, "EventBridge (detail)"},
	{"detail", "", asText, "EventBridge (detail)"},
	{"result", "_raw", asText, "an export of Splunk"},
	{"_raw", "", asText, "an export of Splunk"},
	{"jsonPayload", "", asObject, "Cloud Logging"},
	{"textPayload", "", asText, "Cloud Logging"},
	{"log", "", asText, "a container's log"},
	{"data", "", asBase64, "a message in base64"},
}

const (
	// envelopeDepthMax is how many envelopes may be around a record. Three are seen: SQS around SNS around EventBridge.
	envelopeDepthMax = 3
	quotedJSON       = "a JSON string"
)

// one decodes a value of a message: a record, or an envelope with records in it.
func (d *decoder) one(raw []byte, f frame) {
	switch {
	case len(raw) > 0 && raw[0] == '"':
		if text, ok := unquote(raw); ok && isJSON(text) {
			d.inside(quotedJSON, text, func() { d.values(text) })
			return
		}
	case len(raw) > 0 && raw[0] == '{' && f.native < 2 && f.slack < 2:
		// A record has three names that only such a record has; an envelope may have a time of its own.
		if d.unwrap(raw, f) {
			return
		}
	}
	d.record(raw, f)
}

// unwrap decodes what is in an envelope, or refuses the envelope by its name. False means that raw is none.
func (d *decoder) unwrap(raw []byte, f frame) bool {
	refused := ""
	for i := range envelopes {
		e := &envelopes[i]
		at := member(raw, e.member)
		if at < 0 {
			continue
		}
		if d.open(e, raw, at, f) {
			return true
		}
		if refused == "" && (e.within == "" || raw[at] == '{' && member(raw[at:], e.within) >= 0) {
			refused = e.name
		}
	}
	if refused == "" {
		return false
	}
	d.reject(raw, problemf(ReasonUnknownFormat, "the object looks like the envelope of %s, but what is in it is no JSON: want an event in it", refused))
	return true
}

// open decodes what is in an envelope. False means that the member at offset at is not what this envelope has there.
func (d *decoder) open(e *envelope, raw []byte, at int, f frame) bool {
	value := raw[at:valueEnd(raw, at)]
	if e.within != "" {
		if value[0] != '{' {
			return false
		}
		if at = member(value, e.within); at < 0 {
			return false
		}
		value = value[at:valueEnd(value, at)]
	}
	switch {
	case e.as == asList && value[0] == '[':
		d.list(e, raw, at, f)
	case e.as == asObject && value[0] == '{':
		d.inside(e.name, value, func() { d.object(value, 0, frameObject(value, 0)) })
	case e.as == asText && value[0] == '"':
		text, ok := unquote(value)
		if !ok || !isJSON(text) {
			return false
		}
		d.inside(e.name, text, func() { d.values(text) })
	case e.as == asBase64 && value[0] == '"':
		text, ok := unquote(value)
		if !ok {
			return false
		}
		data, err := decode64(text)
		if err != nil || len(data) == 0 {
			return false
		}
		d.inside(e.name, data, func() { d.packed(data) })
	default:
		return false
	}
	return true
}

// list decodes the array of an envelope.
func (d *decoder) list(e *envelope, raw []byte, at int, f frame) {
	if d.lists == envelopeDepthMax {
		d.reject(raw, problemf(ReasonTooDeep, "lists in lists more than %d deep: want a list of events", envelopeDepthMax))
		return
	}
	d.lists++
	d.limit = max(d.limit, slackPageMax)
	if end := d.array(raw, at); !f.closed && end < len(raw) {
		d.reject(raw[end:], problemf(ReasonBadJSON, "the envelope of %s is cut off or broken after its list", e.name))
	}
	d.lists--
}

// inside decodes what an envelope holds, which must give something.
func (d *decoder) inside(name string, raw []byte, decode func()) {
	if d.depth == envelopeDepthMax {
		d.reject(raw, problemf(ReasonTooDeep, "envelopes in envelopes more than %d deep: want an event in at most that many", envelopeDepthMax))
		return
	}
	around, before := d.envelope, d.count
	d.envelope = name
	d.depth++
	decode()
	if d.count == before {
		d.reject(raw, problemf(ReasonUnknownFormat, "there is nothing in it: want an event"))
	}
	d.depth--
	d.envelope = around
}

// packed decodes data that may be compressed. All that a message has in it is bounded like the message.
func (d *decoder) packed(data []byte) {
	plain, buf, p := decompress(data, d.opt.MaxMessageBytes-d.inflated)
	defer buf.release()
	if p != nil {
		d.reject(data, p)
		return
	}
	if d.inflated += len(plain); d.inflated > d.opt.MaxMessageBytes {
		d.reject(data, problemf(ReasonTooLarge, "the envelopes of the message have more than %d bytes in them: want at most that", d.opt.MaxMessageBytes))
		return
	}
	d.plain(plain)
}

// isJSON tells whether a text can be a record or several.
func isJSON(text []byte) bool {
	text = trimSpace(bytes.TrimPrefix(text, bom))
	return len(text) > 1 && (text[0] == '{' || text[0] == '[' || text[0] == '"')
}

// unquote gives the text of a JSON string, mended where it can be.
func unquote(quoted []byte) ([]byte, bool) {
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		quoted, _ = mendText(quoted)
		text, err = jsontext.AppendUnquote(nil, quoted)
	}
	return text, err == nil
}

// decode64 reads base64 of either alphabet, padded or not.
func decode64(text []byte) ([]byte, error) {
	text = bytes.TrimRight(trimSpace(text), "=")
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	data := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(data, text)
	return data[:n], err
}

// member gives the offset of the value of an object's member of that name, -1 if it has none. The object need not be valid.
func member(object []byte, name string) int {
	for i := skipSpace(object, 1); i < len(object) && object[i] == '"'; {
		end, _ := stringEnd(object, i)
		if end < 0 {
			return -1
		}
		at := skipSpace(object, end)
		if at >= len(object) || object[at] != ':' {
			return -1
		}
		if at = skipSpace(object, at+1); at >= len(object) {
			return -1
		}
		if string(object[i+1:end-1]) == name {
			return at
		}
		if i = skipSpace(object, valueEnd(object, at)); i < len(object) && object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
	return -1
}

// valueEnd gives the offset after the value of a member that starts at raw[at]; it is at least one byte long.
func valueEnd(raw []byte, at int) int {
	switch raw[at] {
	case '{', '[':
		return frameObject(raw, at).end
	case '"':
		if end, _ := stringEnd(raw, at); end >= 0 {
			return end
		}
		return len(raw)
	}
	if i := bytes.IndexAny(raw[at:], ",}"); i > 0 {
		return at + i
	}
	return min(at+1, len(raw))
}
