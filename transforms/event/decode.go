// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"strconv"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode turns one message into its events and dead letters, each in the order of the message. It does not keep raw.
func Decode(raw []byte, src Source, opt Options) (evs []*aerv1.Event, dead []*aerv1.DeadLetter) {
	return DecodeCounting(raw, src, opt, nil)
}

// DecodeCounting is Decode that adds to u what could not be read of the events; u may be nil.
func DecodeCounting(raw []byte, src Source, opt Options, u *Unreadable) (evs []*aerv1.Event, dead []*aerv1.DeadLetter) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.begin(src, 0, opt.withDefaults())
	d.unreadable = u
	d.message(raw)
	evs, dead = d.evs, d.dead
	d.evs, d.dead, d.unreadable = nil, nil, nil
	return evs, dead
}

// decoders keeps parsers between messages: a parser and its word cache are dearer than a record.
var decoders = sync.Pool{New: func() any { return newDecoder() }}

// decoder decodes one message at a time.
type decoder struct {
	reader
	src  Source
	line int // when positive, the line of a file, which replaces src.Offset
	opt  Options

	many  bool // the message is a batch: offsets get an index
	count int  // records seen in it
	limit int  // records allowed in it

	envelope     string // what the record is wrapped in, if in anything
	depth, lists int    // how many envelopes and lists are around it
	inflated     int    // bytes that were in envelopes of this message

	// lately is the format that quick tries first, spare a block that it did not use.
	lately Format
	spare  *aerv1.EventBlock

	evs  []*aerv1.Event
	dead []*aerv1.DeadLetter
	// unreadable, if set, counts what could not be read of evs.
	unreadable *Unreadable
}

func newDecoder() *decoder {
	return &decoder{reader: reader{dec: jsontext.NewDecoder(new(bytes.Buffer))}, lately: Slack}
}

// begin prepares for one message. The results of the last one are kept and added to.
func (d *decoder) begin(src Source, line int, opt Options) {
	d.src, d.line, d.opt = src, line, opt
	d.many, d.count, d.limit = false, 0, opt.MaxBatch
	d.envelope, d.depth, d.lists, d.inflated = "", 0, 0, 0
}

// message decodes a whole message.
func (d *decoder) message(raw []byte) {
	plain, buf, p := decompress(raw, d.opt.MaxMessageBytes)
	defer buf.release()
	switch {
	case p != nil:
		d.reject(raw, p)
	case len(plain) > d.opt.MaxMessageBytes:
		d.reject(plain, problemf(ReasonTooLarge, "the message has %d bytes: want at most %d", len(plain),
			d.opt.MaxMessageBytes))
	default:
		d.plain(plain)
	}
}

// plain decodes a message, or what an envelope holds, that is not compressed.
func (d *decoder) plain(plain []byte) {
	switch {
	case d.opt.Format != Proto && len(plain) > 0 && plain[0] == '{': // at a glance, most messages
		d.values(plain)
	case d.opt.Format != Proto && len(trimSpace(bytes.TrimPrefix(plain, bom))) == 0:
		d.reject(plain, problemf(ReasonUnknownFormat, "the message is empty: want an event"))
	case d.opt.Format == Proto, d.opt.Format == Auto && isProto(plain):
		d.protos(plain)
	default:
		d.values(bytes.TrimPrefix(plain, bom))
	}
}

// accept takes the outcome of decoding the record raw.
func (d *decoder) accept(raw []byte, ev *aerv1.Event, err error) {
	if err == nil {
		err = d.ahead(ev)
	}
	if err != nil {
		Release(ev)
		d.reject(raw, asProblem(err))
		return
	}
	d.evs = append(d.evs, ev)
	if d.unreadable != nil && d.bad.fields != 0 {
		d.unreadable.take(&d.bad, d.src.Name, d.offset())
	}
	d.count++
}

// ahead refuses an event from the future of its own publication.
func (d *decoder) ahead(ev *aerv1.Event) error {
	if d.opt.FutureMax <= 0 || d.src.PublishedAt.IsZero() {
		return nil
	}
	t := ev.Time.AsTime()
	if t.Sub(d.src.PublishedAt) <= d.opt.FutureMax {
		return nil
	}
	return problemf(ReasonBadField,
		"the time %s is more than %s after the message was published (%s): want the clock of its source set right",
		t.Format(time.RFC3339), d.opt.FutureMax, d.src.PublishedAt.UTC().Format(time.RFC3339))
}

// reject makes raw a dead letter.
func (d *decoder) reject(raw []byte, p *problem) { d.rejectSize(raw, int64(len(raw)), p) }

// rejectSize is reject for input of which raw is only the beginning.
func (d *decoder) rejectSize(raw []byte, size int64, p *problem) {
	src := d.src
	src.Offset = d.offset()
	if d.envelope != "" {
		p = &problem{p.reason, p.detail + " (in the envelope of " + d.envelope + ")"}
	}
	d.dead = append(d.dead, deadLetter(raw, size, p, src, d.opt))
	d.count++
}

// offset is where the record is that is being decoded.
func (d *decoder) offset() string {
	at := d.src.Offset
	if d.line > 0 {
		at = strconv.Itoa(d.line)
	}
	if d.many {
		at += "#" + strconv.Itoa(d.count)
	}
	return at
}

// full makes the rest of a batch a dead letter if the batch has reached its limit.
func (d *decoder) full(rest []byte) bool {
	if d.count < d.limit {
		return false
	}
	d.reject(rest,
		problemf(ReasonTooLarge, "the message has more than %d records: want smaller batches; this is the rest of it",
			d.limit))
	return true
}
