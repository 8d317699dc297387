// SPDX-License-Identifier: Apache-2.0

package event

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
	d.reject(raw,
		problemf(ReasonUnknownFormat,
			"the object looks like the envelope of %s, but what is in it is no JSON: want an event in it", refused))
	return true
}

// open decodes what is in an envelope. False means that the member at offset at is not what this envelope has there.
func (d *decoder) open(e *envelope, raw []byte, at int, f frame) bool {
	value := raw[at:valueEnd(raw, at)]
	if e.within != "" {
		if value[0] != '{' {
			return false
		}
		i := member(value, e.within)
		if i < 0 {
			return false
		}
		at, value = at+i, value[i:valueEnd(value, i)]
	}
	switch {
	case e.as == asList && value[0] == '[':
		d.list(e, raw, at, f)
	case e.as == asObject && value[0] == '{':
		d.inside(e.name, value, func() { d.wrapped(value) })
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
		d.reject(raw, problemf(ReasonTooDeep, "envelopes in envelopes more than %d deep: want an event in at most that many",
			envelopeDepthMax))
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

// wrapped decodes the object that an envelope holds.
func (d *decoder) wrapped(raw []byte) {
	if ev, end := d.quick(raw, 0); ev != nil {
		d.accept(raw[:end], ev, nil)
		return
	}
	d.object(raw, 0, frameObject(raw, 0))
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
		d.reject(data,
			problemf(ReasonTooLarge, "the envelopes of the message have more than %d bytes in them: want at most that",
				d.opt.MaxMessageBytes))
		return
	}
	d.plain(plain)
}
