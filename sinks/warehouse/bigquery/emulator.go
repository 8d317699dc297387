// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// namingStream has every request of a connection name its table. The client names it in the first one only, which is
// enough for BigQuery; the emulator takes the others to be of any table.
func namingStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer,
	opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := open(ctx, desc, cc, method, opts...)
	return &namedStream{ClientStream: s}, err
}

type namedStream struct {
	grpc.ClientStream
	name string
}

// SendMsg implements grpc.ClientStream. The client sends one at a time.
func (s *namedStream) SendMsg(m any) error {
	r, ok := m.(*storagepb.AppendRowsRequest)
	switch {
	case !ok:
	case r.GetWriteStream() != "":
		s.name = r.GetWriteStream()
	default:
		r = proto.CloneOf(r) // the client may send it again, on another connection
		r.WriteStream = s.name
		m = r
	}
	return s.ClientStream.SendMsg(m)
}
