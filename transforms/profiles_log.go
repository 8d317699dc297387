package transforms

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// version identifies the state of a shard: the first 128 bits of sha256(previous version ‖ batch), a chain over every
// batch that was ever applied, in order. Equal versions mean equal profiles.
type version [16]byte

func (v version) next(p Packed) version {
	h := sha256.New()
	h.Write(v[:])
	h.Write(p.Data)
	return version(h.Sum(nil)[:16])
}

// head is the small durable cell beside the log. Its zero value is a shard that has never seen a batch.
type head struct {
	version       version
	entries       int64 // entries in the log
	snapshotBytes int64 // size of the snapshot the log starts with
	logBytes      int64 // size of what follows it
}

func (h head) encode() []byte {
	var p packer
	p.bytes(h.version[:])
	for _, v := range []int64{h.entries, h.snapshotBytes, h.logBytes} {
		p.int(v)
	}
	return p.buf
}

func decodeHead(b []byte) (head, error) {
	var h head
	u := unpacker{buf: b}
	copy(h.version[:], u.bytes())
	for _, v := range []*int64{&h.entries, &h.snapshotBytes, &h.logBytes} {
		*v = u.int()
	}
	if u.err != nil {
		return h, fmt.Errorf("reading the head of a shard: %w", u.err)
	}
	return h, nil
}

// logEntry is one entry of the changelog: either a snapshot of the whole shard (only as the first entry) or batches in
// the order in which they were applied.
type logEntry struct {
	seq      int64
	snapshot []byte // nil in an entry of batches
	batches  []byte // encoded Batches
}

func (e logEntry) encode() []byte {
	p := packer{buf: make([]byte, 0, len(e.snapshot)+len(e.batches)+16)}
	p.int(e.seq)
	p.bytes(e.snapshot)
	p.bytes(e.batches)
	return p.buf
}

// readLog puts the entries of a log in order and checks that none is missing: a Bag promises no order.
func readLog(raw [][]byte, h head) (snapshot []byte, batches []Packed, err error) {
	entries := make([]logEntry, len(raw))
	for i, b := range raw {
		u := unpacker{buf: b}
		entries[i] = logEntry{seq: u.int(), snapshot: u.bytes(), batches: u.bytes()}
		if u.err != nil {
			return nil, nil, fmt.Errorf("reading entry %d of a shard's log: %w", i, u.err)
		}
	}
	slices.SortFunc(entries, func(a, b logEntry) int { return cmp.Compare(a.seq, b.seq) })
	if int64(len(entries)) != h.entries {
		return nil, nil, fmt.Errorf("reading a shard's log: it has %d entries and its head says %d", len(entries), h.entries)
	}
	for i, e := range entries {
		if e.seq != int64(i) {
			return nil, nil, fmt.Errorf("reading a shard's log: entry %d is missing", i)
		}
		if len(e.snapshot) > 0 {
			if i != 0 {
				return nil, nil, errors.New("reading a shard's log: a snapshot that is not its first entry")
			}
			snapshot = e.snapshot
			continue
		}
		b, err := decodeBatches(e.batches)
		if err != nil {
			return nil, nil, fmt.Errorf("reading entry %d of a shard's log: %w", i, err)
		}
		batches = append(batches, b.List...)
	}
	return bytes.Clone(snapshot), batches, nil
}

const (
	compactFactor = 2        // the log is rewritten when it exceeds so many snapshots
	compactSlack  = 64 << 10 // and this many bytes
)

// full says whether the log should be replaced by a snapshot: rebuilding then never reads more than about three
// snapshots, and writing snapshots costs at most half of what the log itself costs.
func (h head) full() bool { return h.logBytes > compactFactor*h.snapshotBytes+compactSlack }
