// SPDX-License-Identifier: Apache-2.0

package event

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// quickDepthMax bounds the nesting of what is read in one pass, which goes down by recursion.
const quickDepthMax = 100

// quick decodes the object at raw[start] in one pass if it is a record as it should be, and gives the event and the
// offset after it. Otherwise the event is nil: whatever is not quite right, has its names twice or escaped, belongs to
// no known format, may be an envelope or gives no event is left to strict, of whose answer a quick one is never
// different.
func (d *decoder) quick(raw []byte, start int) (ev *aerv1.Event, end int) {
	if d.opt.Format == Proto {
		return nil, 0
	}
	format := d.opt.Format
	if format == Auto {
		format = d.lately
	}
	ev, end = d.quickly(raw, start, format)
	if ev != nil || d.opt.Format != Auto || !d.other {
		return ev, end
	}
	d.lately = Native + Slack - format
	return d.quickly(raw, start, d.lately)
}

// quickly is quick for one format.
func (d *decoder) quickly(raw []byte, start int, format Format) (ev *aerv1.Event, end int) {
	d.start(raw, start, min(d.opt.MaxDepth, quickDepthMax))
	b := d.block()
	if err := d.read(b, format); err != nil || d.doubt || d.pos-start > d.opt.MaxBytes || !d.proves(format) {
		d.takeBack(b)
		return nil, 0
	}
	return b.Lend(), d.pos
}

// read reads a record of a format.
func (d *decoder) read(b *aerv1.EventBlock, format Format) error {
	if format == Slack {
		return d.slack(b, &d.opt)
	}
	return d.native(b)
}

// proves tells whether the names at the first level leave no doubt that the record is of the format and no envelope,
// which may have a name of a record for one of its own.
func (r *reader) proves(format Format) bool {
	if format == Slack {
		return r.ofSlack >= 2 && r.ofSlack > r.ofNative
	}
	return r.ofNative >= 2 && r.ofNative > r.ofSlack
}

// foreign passes over a member at the first level that the format does not know. What begins with the names of the
// other format, or of a page of the Slack API, is not read on.
func (r *reader) foreign(name []byte) error {
	own := r.ofNative + r.ofSlack
	switch string(name) {
	case "time", "org_id", "user_id":
		r.ofNative++
		r.other = own == 0
	case "date_create", "actor", "entity", "context":
		r.ofSlack++
		r.other = own == 0
	case "entries":
	default:
		return r.skip()
	}
	if own == 0 && !r.checked {
		r.unsure()
	}
	return r.skip()
}

// strict decodes a record with the parser, mended if need be.
func (d *decoder) strict(raw []byte, format Format) (*aerv1.Event, error) {
	if err := d.check(raw); err != nil {
		return nil, err
	}
	b := d.block()
	if err := d.read(b, format); err != nil {
		d.takeBack(b)
		return nil, d.refusal(err)
	}
	return b.Lend(), nil
}

// block gives an empty block.
func (d *decoder) block() *aerv1.EventBlock {
	if b := d.spare; b != nil {
		d.spare = nil
		return b
	}
	return blocks.Get().(*aerv1.EventBlock)
}

// takeBack keeps a block that has not become an event.
func (d *decoder) takeBack(b *aerv1.EventBlock) {
	b.Clear()
	d.spare = b
}
