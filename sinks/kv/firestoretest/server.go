// SPDX-License-Identifier: Apache-2.0

// Package firestoretest serves the part of the Firestore API that package kv uses, over gRPC on the loopback interface.
//
// It is no emulator: it knows transactions, reads by id, queries of a collection by id, and listening to one document,
// and refuses everything else. It keeps to the limits of the real service: ids, sizes, the number of writes, reads at
// one moment, and it aborts a transaction whose reads are no longer true. The official emulator needs Java: integration
// tests run the same suites against it (sinktest.OnFirestoreEmulator).
package firestoretest

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Server is a Firestore of one process. Its time is the number of its commits.
type Server struct {
	pb.UnimplementedFirestoreServer
	// Addr is host:port.
	Addr string
	grpc *grpc.Server

	mu   sync.Mutex
	now  int64
	docs map[string][]version
	// The last commit that wrote to each collection.
	written map[string]int64
	txs     map[string]*transaction
	// changed is closed and replaced at each commit.
	changed chan struct{}
	nextTx  int
	// Abort makes so many commits of writes fail as contended.
	abort int
	// down, if not nil, is what every call returns.
	down error
}

// version is a document from one commit on; none if it was deleted.
type version struct {
	at  int64
	doc *pb.Document
}

type transaction struct {
	at       int64
	readOnly bool
	docs     map[string]bool
	// collections that were queried.
	collections map[string]bool
}

// Start serves until Close.
func Start() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a Firestore server: %w", err)
	}
	s := &Server{
		Addr: l.Addr().String(), docs: map[string][]version{}, written: map[string]int64{}, txs: map[string]*transaction{},
		changed: make(chan struct{}),
		grpc:    grpc.NewServer(grpc.MaxRecvMsgSize(16 << 20)),
	}
	pb.RegisterFirestoreServer(s.grpc, s)
	go func() { _ = s.grpc.Serve(l) }() // ends with Close
	return s, nil
}

// Close ends all calls.
func (s *Server) Close() { s.grpc.Stop() }

// AbortNext makes the next n commits of writes fail with ABORTED, as contention does.
func (s *Server) AbortNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abort = n
}

// Down makes every call fail with err from now on; nil ends that.
func (s *Server) Down(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

// IDs returns the ids of all documents, sorted.
func (s *Server) IDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for name := range s.docs {
		ids = append(ids, name[strings.LastIndexByte(name, '/')+1:])
	}
	slices.Sort(ids)
	return ids
}

// BeginTransaction implements the service.
func (s *Server) BeginTransaction(_ context.Context,
	r *pb.BeginTransactionRequest) (*pb.BeginTransactionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return nil, s.down
	}
	s.nextTx++
	id := fmt.Sprint("tx", s.nextTx)
	s.txs[id] = &transaction{
		at: s.now, readOnly: r.GetOptions().GetReadOnly() != nil, docs: map[string]bool{}, collections: map[string]bool{},
	}
	return &pb.BeginTransactionResponse{Transaction: []byte(id)}, nil
}

// Rollback implements the service.
func (s *Server) Rollback(_ context.Context, r *pb.RollbackRequest) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.txs, string(r.GetTransaction()))
	return &emptypb.Empty{}, nil
}

// BatchGetDocuments implements the service, within transactions only.
func (s *Server) BatchGetDocuments(r *pb.BatchGetDocumentsRequest, out pb.Firestore_BatchGetDocumentsServer) error {
	s.mu.Lock()
	t, err := s.transaction(r.GetTransaction())
	var answers []*pb.BatchGetDocumentsResponse
	for _, name := range r.GetDocuments() {
		if err != nil {
			break
		}
		if err = checkName(name); err == nil {
			t.docs[name] = true
			answers = append(answers, answer(name, s.at(name, t.at), t.at))
		}
	}
	s.mu.Unlock()
	for _, a := range answers {
		if err := out.Send(a); err != nil {
			return err
		}
	}
	return err
}

func answer(name string, doc *pb.Document, at int64) *pb.BatchGetDocumentsResponse {
	if doc == nil {
		return &pb.BatchGetDocumentsResponse{Result: &pb.BatchGetDocumentsResponse_Missing{Missing: name},
			ReadTime: clock(at)}
	}
	return &pb.BatchGetDocumentsResponse{Result: &pb.BatchGetDocumentsResponse_Found{Found: doc}, ReadTime: clock(at)}
}

// RunQuery implements the service for queries of one collection by document id, within transactions only.
func (s *Server) RunQuery(r *pb.RunQueryRequest, out pb.Firestore_RunQueryServer) error {
	q := r.GetStructuredQuery()
	if len(q.GetFrom()) != 1 || q.GetWhere() != nil || len(q.GetOrderBy()) != 1 ||
		q.GetOrderBy()[0].GetField().GetFieldPath() != "__name__" ||
		q.GetOrderBy()[0].GetDirection() == pb.StructuredQuery_DESCENDING || q.GetOffset() != 0 {
		return status.Errorf(codes.Unimplemented, "this query is not served: %v", q)
	}
	collection := r.GetParent() + "/" + q.GetFrom()[0].GetCollectionId() + "/"
	s.mu.Lock()
	t, err := s.transaction(r.GetTransaction())
	if err != nil {
		s.mu.Unlock()
		return err
	}
	t.collections[collection] = true
	var found []*pb.Document
	for name := range s.docs {
		if doc := s.at(name, t.at); doc != nil && strings.HasPrefix(name, collection) && within(name, q) {
			found = append(found, doc)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(found, func(a, b *pb.Document) int { return strings.Compare(a.GetName(), b.GetName()) })
	if limit := q.GetLimit(); limit != nil && len(found) > int(limit.GetValue()) {
		found = found[:limit.GetValue()]
	}
	for _, doc := range found {
		if err := out.Send(&pb.RunQueryResponse{Document: doc, ReadTime: clock(t.at)}); err != nil {
			return err
		}
	}
	return out.Send(&pb.RunQueryResponse{ReadTime: clock(t.at)})
}

func within(name string, q *pb.StructuredQuery) bool {
	if c := q.GetStartAt(); c != nil {
		if at := c.GetValues()[0].GetReferenceValue(); name < at || !c.GetBefore() && name == at {
			return false
		}
	}
	if c := q.GetEndAt(); c != nil {
		if at := c.GetValues()[0].GetReferenceValue(); name > at || c.GetBefore() && name == at {
			return false
		}
	}
	return true
}

func (s *Server) transaction(id []byte) (*transaction, error) {
	if s.down != nil {
		return nil, s.down
	}
	t := s.txs[string(id)]
	if t == nil {
		return nil, status.Error(codes.InvalidArgument, "no such transaction")
	}
	return t, nil
}

// at returns a document as it was after a commit, or nil.
func (s *Server) at(name string, at int64) *pb.Document {
	all := s.docs[name]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].at <= at {
			return all[i].doc
		}
	}
	return nil
}

var reserved = regexp.MustCompile(`^__.*__$`)

func checkName(name string) error {
	parts := strings.Split(name, "/")
	if len(parts) != 7 || parts[0] != "projects" || parts[2] != "databases" || parts[4] != "documents" {
		return status.Errorf(codes.InvalidArgument, "document name %q is not of a document in a collection", name)
	}
	for _, id := range parts[5:] {
		if id == "" || id == "." || id == ".." || len(id) > idMax || !utf8.ValidString(id) || reserved.MatchString(id) {
			return status.Errorf(codes.InvalidArgument, "id %q is not possible", id)
		}
	}
	return nil
}

// clock is the time of a commit.
func clock(n int64) *timestamppb.Timestamp { return &timestamppb.Timestamp{Seconds: n + 1} }
