package transforms

import (
	"reflect"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/transforms/event"
)

func init() {
	beam.RegisterType(reflect.TypeOf((*Message)(nil)).Elem())
	beam.RegisterCoder(reflect.TypeOf((*Message)(nil)).Elem(), encodeMessage, decodeMessage)
}

// Message is one piece of raw input: a line of a file or a message of a subscription, with the place it came from.
type Message struct {
	Data []byte
	// Source is the file's name or the subscription; Offset is the line number or the message id.
	Source, Offset string
	// PublishedMS is when the bus took it, Unix milliseconds; 0 where nothing says it.
	PublishedMS int64
	// WatermarkMS is how far the source had come before it, Unix milliseconds; 0 where the source does not know.
	WatermarkMS int64
}

// origin is where the message came from, for the decoder.
func (m Message) origin() event.Source {
	src := event.Source{Name: m.Source, Offset: m.Offset}
	if m.PublishedMS != 0 {
		src.PublishedAt = time.UnixMilli(m.PublishedMS)
	}
	return src
}

func encodeMessage(m Message) []byte {
	p := packer{buf: make([]byte, 0, len(m.Data)+len(m.Source)+len(m.Offset)+32)}
	p.bytes(m.Data)
	p.string(m.Source)
	p.string(m.Offset)
	p.int(m.PublishedMS)
	p.int(m.WatermarkMS)
	return p.buf
}

func decodeMessage(b []byte) (Message, error) {
	u := unpacker{buf: b}
	m := Message{Data: u.bytes(), Source: u.string(), Offset: u.string(), PublishedMS: u.int(), WatermarkMS: u.int()}
	return m, u.err
}
