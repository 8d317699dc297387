package transforms

import (
	"errors"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
)

func init() {
	beam.RegisterType(reflect.TypeOf((*cursor)(nil)).Elem())
	beam.RegisterCoder(reflect.TypeOf((*cursor)(nil)).Elem(), encodeCursor, decodeCursor)
}

// cursor is the restriction of our sources: where the next bundle goes on. There is one per source and it is never
// split, only handed on: Prism loses data behind a source that splits and sets its own watermark.
type cursor struct {
	State []byte
	Done  bool
}

func encodeCursor(c cursor) []byte {
	var p packer
	if c.Done {
		p.int(1)
	} else {
		p.int(0)
	}
	p.bytes(c.State)
	return p.buf
}

func decodeCursor(b []byte) (cursor, error) {
	u := unpacker{buf: b}
	c := cursor{Done: u.int() == 1, State: u.bytes()}
	return c, u.err
}

// finished is claimed by a source that has nothing more to give.
type finished struct{}

// cursorTracker tracks a cursor. A claim is either the state to go on from ([]byte) or finished.
type cursorTracker struct {
	rest    cursor
	next    []byte
	claimed bool
	err     error
}

func newCursorTracker(c cursor) *sdf.LockRTracker {
	return sdf.NewLockRTracker(&cursorTracker{rest: c})
}

// TryClaim implements sdf.RTracker.
func (t *cursorTracker) TryClaim(pos any) bool {
	if t.rest.Done {
		return false
	}
	switch p := pos.(type) {
	case []byte:
		t.next, t.claimed = p, true
	case finished:
		t.rest.Done = true
	default:
		t.err = errors.New("claiming in a source: neither a state nor finished")
		return false
	}
	return true
}

// TrySplit implements sdf.RTracker: it gives up the rest only at a checkpoint (fraction 0), never on the runner's wish.
func (t *cursorTracker) TrySplit(fraction float64) (primary, residual any, err error) {
	if fraction > 0 || t.rest.Done {
		return t.rest, nil, nil
	}
	next := t.rest.State
	if t.claimed {
		next = t.next
	}
	t.rest.Done = true
	return t.rest, cursor{State: next}, nil
}

// GetError implements sdf.RTracker.
func (t *cursorTracker) GetError() error { return t.err }

// GetProgress implements sdf.RTracker.
func (t *cursorTracker) GetProgress() (done, remaining float64) {
	if t.rest.Done {
		return 1, 0
	}
	return 0, 1
}

// IsDone implements sdf.RTracker.
func (t *cursorTracker) IsDone() bool { return t.rest.Done }

// GetRestriction implements sdf.RTracker.
func (t *cursorTracker) GetRestriction() any { return t.rest }

// IsBounded implements sdf.RTracker.
func (t *cursorTracker) IsBounded() bool { return false }
