package transforms

import (
	"encoding/binary"
	"errors"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// States were written without a version once, as varints and length-prefixed bytes one after the other. They begin
// with a number that is not negative, and so with an even byte; what has a version begins with the odd tag of that. They are read
// for as long as one may rest in a cell: nothing writes them, so a state is of the new form once it was written again.

func beforeVersions(raw []byte) bool { return len(raw) > 0 && raw[0]&1 == 0 }

// readPending reads an element of a buffer of what is due.
func readPending(raw []byte) ([]*aerv1.PendingThing, error) {
	var p aerv1.Pending
	if !beforeVersions(raw) {
		err := aerv1.UnmarshalState(raw, &p)
		return p.Things, err
	}
	return oldThings(raw)
}

func oldThings(raw []byte) ([]*aerv1.PendingThing, error) {
	u := unpacker{buf: raw}
	things := make([]*aerv1.PendingThing, u.count())
	for i := range things {
		things[i] = &aerv1.PendingThing{DueMs: u.int(), Data: u.bytes()}
	}
	return things, u.err
}

// readHeld reads what a stage holds: the first one once held findings and not pairs.
func readHeld(raw []byte, stage int) (Decided, error) {
	if !beforeVersions(raw) {
		return decodeDecided(raw)
	}
	if stage == 0 {
		d := Decided{Anomaly: &aerv1.Anomaly{}}
		return d, d.Anomaly.UnmarshalVT(raw)
	}
	u := unpacker{buf: raw}
	a, v := u.bytes(), u.bytes()
	if u.err != nil {
		return Decided{}, u.err
	}
	d := Decided{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{}}
	if err := d.Anomaly.UnmarshalVT(a); err != nil {
		return d, err
	}
	return d, d.Decision.UnmarshalVT(v)
}

// readHead reads the head of a shard.
func readHead(raw []byte) (*aerv1.ShardHead, error) {
	h := &aerv1.ShardHead{}
	if !beforeVersions(raw) {
		return h, aerv1.UnmarshalState(raw, h)
	}
	u := unpacker{buf: raw}
	h.Chain, h.Entries, h.SnapshotBytes, h.LogBytes = u.bytes(), u.int(), u.int(), u.int()
	return h, u.err
}

// readEntry reads an entry of a shard's log.
func readEntry(raw []byte) (*aerv1.ShardEntry, error) {
	e := &aerv1.ShardEntry{}
	if !beforeVersions(raw) {
		return e, aerv1.UnmarshalState(raw, e)
	}
	u := unpacker{buf: raw}
	e.Seq, e.Snapshot = u.int(), u.bytes()
	batches := u.bytes()
	if u.err != nil || len(batches) == 0 {
		return e, u.err
	}
	things, err := oldThings(batches)
	for _, t := range things {
		e.Batches = append(e.Batches, &aerv1.PackedBatch{EndMs: t.DueMs, Data: t.Data})
	}
	return e, err
}

// errShort means that encoded bytes end before their content does.
var errShort = errors.New("encoded value is cut short")

// unpacker reads varints and length-prefixed bytes, one after the other. After an error every read returns the zero value; err is checked once at the end.
type unpacker struct {
	buf []byte
	err error
}

func (u *unpacker) int() int64 {
	v, n := binary.Varint(u.buf)
	if n <= 0 || u.err != nil {
		u.fail()
		return 0
	}
	u.buf = u.buf[n:]
	return v
}

// bytes returns a part of the buffer, not a copy.
func (u *unpacker) bytes() []byte {
	n := u.int()
	if u.err != nil || n < 0 || n > int64(len(u.buf)) {
		u.fail()
		return nil
	}
	b := u.buf[:n:n]
	u.buf = u.buf[n:]
	return b
}

// count reads the length of a list whose entries take at least one byte each, so that a damaged length cannot make the
// reader allocate more than the buffer could hold.
func (u *unpacker) count() int {
	n := u.int()
	if n < 0 || n > int64(len(u.buf)) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *unpacker) fail() {
	if u.err == nil {
		u.err = errShort
	}
	u.buf = nil
}
