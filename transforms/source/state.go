package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func init() {
	beam.RegisterType(reflect.TypeFor[aerv1.SourceState]())
	beam.RegisterCoder(reflect.TypeFor[*aerv1.SourceState](), encodeState, decodeState)
}

// stateFormat is the format in which sources write their state.
const stateFormat = 1

func encodeState(s *aerv1.SourceState) ([]byte, error) {
	out := &aerv1.SourceState{Format: stateFormat, Done: s.Done, Read: s.Read, End: s.End, Pull: s.Pull}
	return out.MarshalVT()
}

// decodeState reads what encodeState wrote, and what was written before there was a format: no protobuf starts with the
// first byte of that, which is 0, or 2 for a source that is done.
func decodeState(b []byte) (*aerv1.SourceState, error) {
	if len(b) > 0 && (b[0] == 0 || b[0] == 2) {
		return decodeUnversioned(b)
	}
	s := &aerv1.SourceState{}
	if err := s.UnmarshalVT(b); err != nil {
		return nil, fmt.Errorf("reading where a source goes on: %w", err)
	}
	if s.Format == 0 || s.Format > stateFormat {
		return nil, fmt.Errorf("reading where a source goes on: it was written in format %d and this version knows 1 to %d; "+
			"go on with the version that wrote it, or a newer one", s.Format, stateFormat)
	}
	return s, nil
}

// decodeUnversioned reads varints and length-prefixed bytes: done, then a block of either nothing, the number of records
// read, or a pull state.
func decodeUnversioned(b []byte) (*aerv1.SourceState, error) {
	outer := varints{buf: b}
	s := &aerv1.SourceState{Done: outer.next() != 0}
	u := varints{buf: outer.bytes(), failed: outer.failed}
	if len(u.buf) > 0 {
		first := u.next()
		if len(u.buf) == 0 {
			s.Read = first
		} else {
			s.Pull = &aerv1.PullState{Pulled: first, WatermarkMs: u.next(), RecentMs: u.list(), Ahead: u.list()}
			for n := u.count(); n > 0; n-- {
				s.Pull.Acks = append(s.Pull.Acks, string(u.bytes()))
			}
		}
	}
	if u.failed {
		return nil, errors.New("reading where a source goes on, written without a format: it is cut short")
	}
	return s, nil
}

// varints reads what was written before there was a format. After an error every read returns nothing.
type varints struct {
	buf    []byte
	failed bool
}

func (u *varints) next() int64 {
	v, n := binary.Varint(u.buf)
	if n <= 0 {
		u.buf, u.failed = nil, true
		return 0
	}
	u.buf = u.buf[n:]
	return v
}

// count is the length of what follows, each of which takes a byte at least.
func (u *varints) count() int {
	n := u.next()
	if n < 0 || n > int64(len(u.buf)) {
		u.buf, u.failed = nil, true
		return 0
	}
	return int(n)
}

func (u *varints) bytes() []byte {
	n := u.count()
	b := u.buf[:n]
	u.buf = u.buf[n:]
	return b
}

func (u *varints) list() []int64 {
	list := make([]int64, u.count())
	for i := range list {
		list[i] = u.next()
	}
	return list
}
