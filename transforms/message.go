package transforms

import (
	"reflect"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
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

func encodeMessage(m Message) ([]byte, error) {
	return (&aerv1.RawMessage{
		Version: aerv1.StateVersion, Data: m.Data, Source: m.Source, Offset: m.Offset, PublishedMs: m.PublishedMS, WatermarkMs: m.WatermarkMS,
	}).MarshalVT()
}

func decodeMessage(raw []byte) (Message, error) {
	var m aerv1.RawMessage
	err := aerv1.UnmarshalState(raw, &m)
	return Message{Data: m.Data, Source: m.Source, Offset: m.Offset, PublishedMS: m.PublishedMs, WatermarkMS: m.WatermarkMs}, err
}
