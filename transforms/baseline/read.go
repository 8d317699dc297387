// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Limits of a file: what is larger was not written by this program, and must not fill the memory of a worker.
const (
	// maxVersionBytes is one version, unpacked: a million people in a thousand organisations stay below it.
	maxVersionBytes = 256 << 20
	// maxVersionRows is one version's rows: a hundred thousand people with the habits of each.
	maxVersionRows = 4 << 20
	// maxRowBytes is one row, and all that is not a row: names are what is long in it.
	maxRowBytes = 64 << 10
	// maxVersions is a version for each day of 27 years.
	maxVersions = 10_000
	// maxWindowBytes is how far back the compression may refer; Write uses 8 MB.
	maxWindowBytes = 64 << 20
)

// Read reads what Write wrote. Rows that do not change from one version to the next become the same message in both,
// and equal names the same string, so that years of daily versions take little more memory than the changes between
// them: the messages must not be changed.
func Read(r io.Reader) ([]*aerv1.Baseline, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindowBytes), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("decompressing baselines: %w", err)
	}
	defer z.Close()
	in := &reader{in: bufio.NewReaderSize(z, 1<<16), names: map[string]string{}}
	var out []*aerv1.Baseline
	for {
		v, err := in.version()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		switch {
		case err != nil:
		case len(out) == maxVersions:
			err = fmt.Errorf("more than %d versions", maxVersions)
		default:
			err = current(v)
		}
		if err != nil {
			return nil,
				fmt.Errorf("reading version %d (want zstd-compressed, length-delimited aer.v1.Baseline messages): %w", len(out)+1,
					err)
		}
		out = append(out, v)
	}
}

// current refuses what an older release wrote, whose fingerprints do not say which organisation showed them: without
// that they would have to be believed, or silently be forgotten.
func current(v *aerv1.Baseline) error {
	for _, r := range v.Fingerprints {
		if r.GetOrgId() == "" {
			return fmt.Errorf("version %s is of an older release: its fingerprints are not kept by organisation; build the "+
				"file anew (aer baseline build)", v.Version)
		}
	}
	return nil
}

// reader takes versions apart row by row, so that it never holds one as bytes.
type reader struct {
	in    *bufio.Reader
	buf   []byte
	names map[string]string
	// before and now are the rows of the previous and of this version by their bytes, for each field of Baseline.
	before, now map[protowire.Number]map[string]sharedRow
}

type sharedRow struct {
	raw string // the key of the map, kept so that it is not copied from version to version
	msg protoreflect.Message
}

// version reads one message. The error is io.EOF only where the file ends between two.
func (r *reader) version() (*aerv1.Baseline, error) {
	size, err := binary.ReadUvarint(r.in)
	if err != nil {
		return nil, err
	}
	if size > maxVersionBytes {
		return nil, fmt.Errorf("%d bytes, want at most %d", size, maxVersionBytes)
	}
	r.before, r.now = r.now, map[protowire.Number]map[string]sharedRow{}
	v := &aerv1.Baseline{}
	var rest []byte
	for left, rows := int(size), 0; left > 0; rows++ {
		if rows > maxVersionRows {
			return nil, fmt.Errorf("more than %d rows", maxVersionRows)
		}
		tag, raw, n, err := r.field(left)
		if err != nil {
			return nil, ended(err)
		}
		left -= n
		list := listOf(v, tag)
		if list == nil {
			if rest = append(rest, r.tagged(tag, raw)...); len(rest) > maxRowBytes {
				return nil, fmt.Errorf("more than %d bytes that are no rows", maxRowBytes)
			}
			continue
		}
		row, err := r.row(tag.number, raw, list)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", rows+1, err)
		}
		list.Append(protoreflect.ValueOfMessage(row))
	}
	return v, proto.UnmarshalOptions{Merge: true}.Unmarshal(rest, v)
}

// ended turns the end of the file within a message into an error that says so.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

type fieldTag struct {
	raw    uint64
	number protowire.Number
	kind   protowire.Type
}

// field reads one field of at most left bytes: its tag, its content (for bytes: without the length) and the bytes it
// took. The content is valid until the next call.
func (r *reader) field(left int) (tag fieldTag, content []byte, n int, err error) {
	tag.raw, n, err = r.uvarint()
	if err != nil {
		return tag, nil, 0, err
	}
	if tag.number, tag.kind = protowire.DecodeTag(tag.raw); tag.number < protowire.MinValidNumber {
		return tag, nil, 0, fmt.Errorf("field number %d", tag.number)
	}
	switch tag.kind {
	case protowire.VarintType:
		var x uint64
		var m int
		if x, m, err = r.uvarint(); err != nil {
			return tag, nil, 0, err
		}
		r.buf, n = protowire.AppendVarint(r.buf[:0], x), n+m
	case protowire.Fixed32Type, protowire.Fixed64Type:
		size := 4
		if tag.kind == protowire.Fixed64Type {
			size = 8
		}
		err, n = r.fill(size), n+size
	case protowire.BytesType:
		var size uint64
		var m int
		if size, m, err = r.uvarint(); err != nil {
			return tag, nil, 0, err
		}
		if size > maxRowBytes {
			return tag, nil, 0, fmt.Errorf("field %d has %d bytes, want at most %d", tag.number, size, maxRowBytes)
		}
		err, n = r.fill(int(size)), n+m+int(size)
	default:
		return tag, nil, 0, fmt.Errorf("field %d has wire type %d", tag.number, tag.kind)
	}
	if err == nil && n > left {
		err = fmt.Errorf("field %d ends %d bytes behind its message", tag.number, n-left)
	}
	return tag, r.buf, n, err
}

func (r *reader) fill(size int) error {
	if cap(r.buf) < size {
		r.buf = make([]byte, size)
	}
	r.buf = r.buf[:size]
	_, err := io.ReadFull(r.in, r.buf)
	return err
}

// uvarint reads a number and tells how many bytes it took.
func (r *reader) uvarint() (x uint64, n int, err error) {
	for shift := 0; ; shift += 7 {
		b, err := r.in.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		n++
		if n == binary.MaxVarintLen64 && b > 1 {
			return 0, 0, errors.New("a number is longer than 64 bits")
		}
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x, n, nil
		}
	}
}

// tagged puts a field together again.
func (*reader) tagged(tag fieldTag, content []byte) []byte {
	out := protowire.AppendVarint(nil, tag.raw)
	if tag.kind == protowire.BytesType {
		return protowire.AppendBytes(out, content)
	}
	return append(out, content...)
}

// listOf is the list of rows that a field of Baseline adds to, or nil if it is another field.
func listOf(v *aerv1.Baseline, tag fieldTag) protoreflect.List {
	m := v.ProtoReflect()
	fd := m.Descriptor().Fields().ByNumber(tag.number)
	if fd == nil || !fd.IsList() || fd.Message() == nil || tag.kind != protowire.BytesType {
		return nil
	}
	return m.Mutable(fd).List()
}

// row is the message of these bytes, the previous version's if it had the same.
func (r *reader) row(field protowire.Number, raw []byte, list protoreflect.List) (protoreflect.Message, error) {
	if r.now[field] == nil {
		r.now[field] = make(map[string]sharedRow, len(r.before[field]))
	}
	if known, ok := r.now[field][string(raw)]; ok {
		return known.msg, nil
	}
	known, ok := r.before[field][string(raw)]
	if !ok {
		msg := list.NewElement().Message()
		if err := proto.Unmarshal(raw, msg.Interface()); err != nil {
			return nil, err
		}
		r.share(msg)
		known = sharedRow{string(raw), msg}
	}
	r.now[field][known.raw] = known
	return known.msg, nil
}

// maxNames bounds the strings that are looked for among those known; ids of users and methods recur from version to
// version.
const maxNames = 1 << 20

// share replaces the strings of a row by those that an earlier row has already.
func (r *reader) share(msg protoreflect.Message) {
	msg.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Kind() != protoreflect.StringKind || fd.IsList() {
			return true
		}
		name, ok := r.names[v.String()]
		if !ok {
			if name = v.String(); len(r.names) < maxNames {
				r.names[name] = name
			}
		}
		msg.Set(fd, protoreflect.ValueOfString(name))
		return true
	})
}
