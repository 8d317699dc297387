// SPDX-License-Identifier: Apache-2.0

package firestoretest

import (
	"context"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Commit implements the service: all writes or none.
func (s *Server) Commit(_ context.Context, r *pb.CommitRequest) (*pb.CommitResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.transaction(r.GetTransaction())
	if err != nil {
		return nil, err
	}
	delete(s.txs, string(r.GetTransaction()))
	if err := s.permits(t, r.GetWrites()); err != nil {
		return nil, err
	}
	answer := &pb.CommitResponse{}
	if len(r.GetWrites()) > 0 {
		s.now++
		for _, w := range r.GetWrites() {
			s.write(w)
			answer.WriteResults = append(answer.WriteResults, &pb.WriteResult{UpdateTime: clock(s.now)})
		}
		close(s.changed)
		s.changed = make(chan struct{})
	}
	answer.CommitTime = clock(s.now)
	return answer, nil
}

// write keeps the versions of a document: one that is deleted has none from then on.
func (s *Server) write(w *pb.Write) {
	name := nameOf(w)
	v := version{at: s.now}
	if w.GetUpdate() != nil {
		v.doc = proto.Clone(w.GetUpdate()).(*pb.Document)
		s.merge(v.doc, w.GetUpdateMask())
		v.doc.CreateTime, v.doc.UpdateTime = clock(s.now), clock(s.now)
	}
	s.docs[name] = append(s.docs[name], v)
	s.written[collectionOf(name)] = s.now
}

// merge leaves the fields of a document as they are but for those of a mask, if there is one.
func (s *Server) merge(doc *pb.Document, mask *pb.DocumentMask) {
	before := s.at(doc.GetName(), s.now)
	if mask == nil || before == nil {
		return
	}
	said := doc.GetFields()
	doc.Fields = proto.Clone(before).(*pb.Document).GetFields()
	for _, field := range mask.GetFieldPaths() {
		delete(doc.Fields, field)
		if v := said[field]; v != nil {
			doc.Fields[field] = v
		}
	}
}

func nameOf(w *pb.Write) string {
	if w.GetDelete() != "" {
		return w.GetDelete()
	}
	return w.GetUpdate().GetName()
}

// collectionOf is a document's name up to its id.
func collectionOf(name string) string { return name[:strings.LastIndexByte(name, '/')+1] }

// The service's limits.
const (
	writesMax   = 500
	documentMax = 1 << 20
	idMax       = 1500
)

func (s *Server) permits(t *transaction, writes []*pb.Write) error {
	switch {
	case len(writes) > 0 && t.readOnly:
		return status.Error(codes.InvalidArgument, "a read-only transaction writes")
	case len(writes) > writesMax:
		return status.Errorf(codes.InvalidArgument, "maximum %d writes allowed per request", writesMax)
	case len(writes) > 0 && s.abort > 0:
		s.abort--
		return status.Error(codes.Aborted, "too much contention on these documents; please try again")
	}
	for _, w := range writes {
		if w.GetUpdate() == nil && w.GetDelete() == "" || w.GetCurrentDocument() != nil ||
			len(w.GetUpdateTransforms()) > 0 {
			return status.Errorf(codes.Unimplemented, "this write is not served: %v", w)
		}
		if err := checkName(nameOf(w)); err != nil {
			return err
		}
		if n := proto.Size(w.GetUpdate()); n > documentMax {
			return status.Errorf(codes.InvalidArgument, "document has %d bytes, maximum is %d", n, documentMax)
		}
	}
	if t.readOnly || !s.overtaken(t) {
		return nil
	}
	return status.Error(codes.Aborted, "a document that was read has changed")
}

// overtaken says that what a transaction has read was written since.
func (s *Server) overtaken(t *transaction) bool {
	for name := range t.docs {
		if all := s.docs[name]; len(all) > 0 && all[len(all)-1].at > t.at {
			return true
		}
	}
	for c := range t.collections {
		if s.written[c] > t.at {
			return true
		}
	}
	return false
}
