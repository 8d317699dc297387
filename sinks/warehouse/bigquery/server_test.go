// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"net"
	"path"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// server is a Storage Write API over the wire, which keeps rows and fails on request. It refuses rows as BigQuery does,
// which its emulator does not: by naming them, and taking none of their request.
type server struct {
	storagepb.UnimplementedBigQueryWriteServer
	addr string

	// fault is asked before a request is looked at: an error is the answer, and a code OK of a status that hangs.
	fault func(table string, requests int) error
	// refuse says why a row is refused, or "".
	refuse func(table string, row *dynamicpb.Message) string

	mu       sync.Mutex
	requests int
	underway int
	most     int // requests under way at once
	rows     map[string][]*dynamicpb.Message
}

func serve(t *testing.T, s *server) Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr, s.rows = l.Addr().String(), map[string][]*dynamicpb.Message{}
	g := grpc.NewServer(grpc.MaxRecvMsgSize(16 << 20))
	storagepb.RegisterBigQueryWriteServer(g, s)
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	return Config{Project: "aer-test", Dataset: "aer", Endpoint: "http://127.0.0.1:1", StorageEndpoint: s.addr}
}

func (s *server) GetWriteStream(_ context.Context, r *storagepb.GetWriteStreamRequest) (*storagepb.WriteStream, error) {
	return &storagepb.WriteStream{Name: r.GetName()}, nil
}

func (s *server) AppendRows(stream storagepb.BigQueryWrite_AppendRowsServer) error {
	var writer *descriptorpb.DescriptorProto
	for {
		r, err := stream.Recv()
		if err != nil {
			return nil //nolint:nilerr // the client has gone
		}
		if d := r.GetProtoRows().GetWriterSchema().GetProtoDescriptor(); d != nil {
			writer = d
		}
		answer, err := s.answer(stream.Context(), r, writer)
		if err != nil {
			return err
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

func (s *server) answer(ctx context.Context, r *storagepb.AppendRowsRequest, writer *descriptorpb.DescriptorProto) (
	*storagepb.AppendRowsResponse, error) {
	table := path.Base(strings.TrimSuffix(r.GetWriteStream(), "/streams/_default"))
	s.mu.Lock()
	s.requests++
	s.underway++
	n := s.requests
	s.most = max(s.most, s.underway)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.underway--
		s.mu.Unlock()
	}()
	if s.fault != nil {
		if err := s.fault(table, n); err != nil {
			if status.Code(err) == codes.DeadlineExceeded { // hangs
				<-ctx.Done()
			}
			return nil, err
		}
	}
	rows, bad, err := s.read(table, r, writer)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		refusal := status.New(codes.InvalidArgument, "Errors found while processing rows.").Proto()
		return &storagepb.AppendRowsResponse{Response: &storagepb.AppendRowsResponse_Error{Error: refusal}, RowErrors: bad}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[table] = append(s.rows[table], rows...)
	result := &storagepb.AppendRowsResponse_AppendResult{}
	return &storagepb.AppendRowsResponse{Response: &storagepb.AppendRowsResponse_AppendResult_{AppendResult: result}}, nil
}

func (s *server) read(table string, r *storagepb.AppendRowsRequest, writer *descriptorpb.DescriptorProto) (
	rows []*dynamicpb.Message, bad []*storagepb.RowError, err error) {
	f, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: proto.String("rows"),
		MessageType: []*descriptorpb.DescriptorProto{writer}}, nil)
	if err != nil {
		return nil, nil, status.Error(codes.InvalidArgument, err.Error())
	}
	for i, raw := range r.GetProtoRows().GetRows().GetSerializedRows() {
		m := dynamicpb.NewMessage(f.Messages().Get(0))
		if err := proto.Unmarshal(raw, m); err != nil {
			return nil, nil, status.Error(codes.InvalidArgument, err.Error())
		}
		if s.refuse != nil {
			if why := s.refuse(table, m); why != "" {
				bad = append(bad, &storagepb.RowError{Index: int64(i), Code: storagepb.RowError_FIELDS_ERROR, Message: why})
			}
		}
		rows = append(rows, m)
	}
	return rows, bad, nil
}

// texts gives a text column of a table's rows, in the order of their arrival.
func (s *server) texts(table, column string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.rows[table] {
		fd := m.Descriptor().Fields().ByTextName(column)
		v := m.Get(fd)
		if b, ok := v.Interface().([]byte); ok {
			out = append(out, string(b))
		} else {
			out = append(out, v.String())
		}
	}
	return out
}
