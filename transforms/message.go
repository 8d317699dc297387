package transforms

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
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
}

func encodeMessage(m Message) []byte {
	p := packer{buf: make([]byte, 0, len(m.Data)+len(m.Source)+len(m.Offset)+12)}
	p.bytes(m.Data)
	p.string(m.Source)
	p.string(m.Offset)
	return p.buf
}

func decodeMessage(b []byte) (Message, error) {
	u := unpacker{buf: b}
	m := Message{Data: u.bytes(), Source: u.string(), Offset: u.string()}
	return m, u.err
}
