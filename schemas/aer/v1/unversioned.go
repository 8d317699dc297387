// SPDX-License-Identifier: Apache-2.0

package aerv1

import (
	"encoding/binary"
	"errors"
)

// errShort means that encoded bytes end before their content does.
var errShort = errors.New("encoded value is cut short")

// BeforeVersions says whether state was written before there were versions. It then begins with a number that is not
// negative, and so with an even byte; what has a version begins with the odd tag of that.
func BeforeVersions(raw []byte) bool { return len(raw) > 0 && raw[0]&1 == 0 }

// Unversioned reads state that was written before there were versions: varints and length-prefixed bytes, one after the
// other. After an error every read returns the zero value; Err is checked once at the end.
type Unversioned struct {
	Rest []byte
	Err  error
}

// Int reads a varint.
func (u *Unversioned) Int() int64 {
	v, n := binary.Varint(u.Rest)
	if n <= 0 || u.Err != nil {
		u.fail()
		return 0
	}
	u.Rest = u.Rest[n:]
	return v
}

// Bytes returns a part of the buffer, not a copy.
func (u *Unversioned) Bytes() []byte {
	n := u.Count()
	if u.Err != nil {
		return nil
	}
	b := u.Rest[:n:n]
	u.Rest = u.Rest[n:]
	return b
}

// Count reads the length of what follows, each of which takes at least one byte, so that a damaged length cannot make
// the reader allocate more than the buffer could hold.
func (u *Unversioned) Count() int {
	n := u.Int()
	if n < 0 || n > int64(len(u.Rest)) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *Unversioned) fail() {
	if u.Err == nil {
		u.Err = errShort
	}
	u.Rest = nil
}
