// SPDX-License-Identifier: Apache-2.0

package firestoretest

import (
	"fmt"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Listen implements the service for targets of one document.
func (s *Server) Listen(stream pb.Firestore_ListenServer) error {
	r, err := stream.Recv()
	if err != nil {
		return err
	}
	target := r.GetAddTarget()
	names := target.GetDocuments().GetDocuments()
	if len(names) != 1 {
		return status.Errorf(codes.Unimplemented, "this target is not served: %v", target)
	}
	ids := []int32{target.GetTargetId()}
	if err := stream.Send(targetChange(pb.TargetChange_ADD, ids, 0)); err != nil {
		return err
	}
	seen := int64(-1)
	for first := true; ; first = false {
		s.mu.Lock()
		doc, now, changed, down := s.at(names[0], s.now), s.now, s.changed, s.down
		s.mu.Unlock()
		if down != nil {
			return down
		}
		if err := s.tell(stream, ids, doc, now, &seen, first); err != nil {
			return err
		}
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-changed:
		}
	}
}

func (s *Server) tell(stream pb.Firestore_ListenServer, ids []int32, doc *pb.Document, now int64, seen *int64,
	first bool) error {
	if at := doc.GetUpdateTime().GetSeconds(); doc != nil && at != *seen {
		*seen = at
		change := &pb.ListenResponse{
			ResponseType: &pb.ListenResponse_DocumentChange{DocumentChange: &pb.DocumentChange{Document: doc, TargetIds: ids}}}
		if err := stream.Send(change); err != nil {
			return err
		}
	}
	if first {
		if err := stream.Send(targetChange(pb.TargetChange_CURRENT, ids, now)); err != nil {
			return err
		}
	}
	return stream.Send(targetChange(pb.TargetChange_NO_CHANGE, nil, now))
}

func targetChange(kind pb.TargetChange_TargetChangeType, ids []int32, now int64) *pb.ListenResponse {
	return &pb.ListenResponse{ResponseType: &pb.ListenResponse_TargetChange{TargetChange: &pb.TargetChange{
		TargetChangeType: kind, TargetIds: ids, ReadTime: clock(now), ResumeToken: []byte(fmt.Sprint(now)),
	}}}
}
