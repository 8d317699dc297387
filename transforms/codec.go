package transforms

import (
	"encoding/binary"
	"errors"
)

// errShort means that encoded bytes end before their content does.
var errShort = errors.New("encoded value is cut short")

// packer builds the small binary records of this package: varints and length-prefixed bytes, one after the other.
type packer struct{ buf []byte }

func (p *packer) int(v int64)    { p.buf = binary.AppendVarint(p.buf, v) }
func (p *packer) bytes(b []byte) { p.int(int64(len(b))); p.buf = append(p.buf, b...) }

// unpacker reads what a packer wrote. After an error every read returns the zero value; err is checked once at the end.
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
