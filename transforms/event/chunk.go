// SPDX-License-Identifier: Apache-2.0

package event

import "sync"

// chunk is a piece of a file: its records, and what they were decoded to.
type chunk struct {
	buf    *[chunkSize]byte // what most of pieces are in
	pieces []piece
	last   bool  // the file ends with it
	err    error // why that is, unless it is the end

	records    []record
	unreadable Unreadable
	ready      chan struct{} // gets a value once the chunk is decoded
}

// piece is the text of a record in a file: a message of its own, an Event of a batch, or something bad.
type piece struct {
	text  []byte
	line  int
	proto bool // an Event of a batch
	bad   *problem
	size  int64 // of something bad: the full length, of which text may be only the beginning
}

var chunks = sync.Pool{New: func() any { return &chunk{ready: make(chan struct{}, 1)} }}

func (k *chunk) add(p piece) { k.pieces = append(k.pieces, p) }

// recycle makes the chunk fit for use again. Nobody may hold anything of it.
func (k *chunk) recycle() {
	if k.buf != nil {
		chunkBuffers.Put(k.buf)
	}
	clear(k.pieces)
	clear(k.records)
	*k = chunk{pieces: k.pieces[:0], records: k.records[:0], ready: k.ready}
	chunks.Put(k)
}

// decode decodes all pieces of the file called name.
func (k *chunk) decode(d *decoder, name string, opt *Options) {
	d.unreadable = &k.unreadable
	for i := range k.pieces {
		k.records = d.piece(&k.pieces[i], name, opt, k.records)
	}
}

// piece decodes one piece of a file and appends what comes of it, events before dead letters.
func (d *decoder) piece(p *piece, name string, opt *Options, to []record) []record {
	d.evs, d.dead = d.evs[:0], d.dead[:0]
	d.begin(Source{Name: name}, p.line, *opt)
	switch {
	case p.bad != nil:
		d.rejectSize(p.text, p.size, p.bad)
	case p.proto:
		d.protoRecord(p.text)
	default:
		d.message(p.text)
	}
	for _, ev := range d.evs {
		to = append(to, record{ev: ev})
	}
	for _, dead := range d.dead {
		to = append(to, record{dead: dead})
	}
	return to
}
