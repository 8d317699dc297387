// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

const (
	// zstdMessageWindow is the largest window a zstd message may ask for. A message is at most as long as that by default,
	// so no encoder needs more; the decoder allocates what is asked for before it has seen any data.
	zstdMessageWindow = DefaultMaxMessageBytes
	// zstdFileWindow is the same for files: what zstd's command line decompresses without being told to allow more.
	zstdFileWindow = 128 << 20
	// bufferKeep is the largest buffer that is kept for the next message.
	bufferKeep = 4 << 20
)

// buffer holds a decompressed message until it has been decoded.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// release gives a buffer back; nil is fine.
func (b *buffer) release() {
	if b != nil && cap(b.b) <= bufferKeep {
		buffers.Put(b)
	}
}

// decompress returns what is in raw if it is gzip or zstd, else raw. It stops at limit bytes plus one, so a small
// message that unpacks to gigabytes costs no more than a large one. The result is valid until the buffer is released.
func decompress(raw []byte, limit int) ([]byte, *buffer, *problem) {
	if !bytes.HasPrefix(raw, gzipMagic) && !bytes.HasPrefix(raw, zstdMagic) {
		return raw, nil, nil
	}
	buf := buffers.Get().(*buffer)
	name, n, err := inflate(buf, raw, limit)
	switch {
	case n > limit:
		return nil, buf,
			problemf(ReasonTooLarge, "the message has more than %d bytes when decompressed: want at most that", limit)
	case err != nil:
		return nil, buf, problemf(ReasonBadCompression, "%s: %v after %d decompressed bytes", name, err, n)
	}
	return buf.b, buf, nil
}

// inflate decompresses raw into buf and tells the format's name and the length, which is limit+1 at most.
func inflate(buf *buffer, raw []byte, limit int) (name string, n int, err error) {
	src := bytes.NewReader(raw)
	buf.b = buf.b[:0]
	if bytes.HasPrefix(raw, gzipMagic) {
		z := gzips.Get().(*gzip.Reader)
		defer gzips.Put(z)
		if err = z.Reset(src); err == nil {
			err = buf.fill(io.LimitReader(z, int64(limit)+1))
		}
		return "gzip", len(buf.b), err
	}
	z := zstds.Get().(*zstd.Decoder)
	defer zstds.Put(z)
	if err = z.Reset(src); err == nil {
		err = buf.fill(io.LimitReader(z, int64(limit)+1))
	}
	return "zstd", len(buf.b), err
}

// fill reads all of r into b.
func (b *buffer) fill(r io.Reader) error {
	w := bytes.NewBuffer(b.b[:0])
	_, err := w.ReadFrom(r)
	b.b = w.Bytes()
	return err
}

var (
	gzips = sync.Pool{New: func() any { return new(gzip.Reader) }}
	zstds = sync.Pool{New: func() any { return newZstd(zstdMessageWindow) }}
)

// newZstd makes a decoder that works in the caller's goroutine and allocates windows of at most the given size.
func newZstd(window uint64) *zstd.Decoder {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window))
	if err != nil {
		panic("event: zstd options: " + err.Error()) // the options are constants
	}
	return z
}
