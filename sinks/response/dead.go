// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/warehouse"
)

// ReasonFailed is the reason of the dead letters of responses (DeadLetter.reason); their source is "response" and the
// kind of the step, their offset the step's idempotency key.
const ReasonFailed = "response_failed"

// rawMax is the most of a dead letter that is kept, as for those of events.
const rawMax = 64 << 10

// deadJSON is everything needed to do a step by hand.
type deadJSON struct {
	ResponseID aerv1.DecisionID `json:"response_id"`
	OrgID      aerv1.OrgID      `json:"org_id"`
	Step       json.RawMessage  `json:"step"`
	// The audit entry or the notification; absent for a revocation.
	Payload  json.RawMessage `json:"payload,omitempty"`
	Decision json.RawMessage `json:"decision"`
	Anomaly  json.RawMessage `json:"anomaly"`
}

// bury gives the dead letter of a step that failed for good to the warehouse, to which it is owed as rows are, and
// pages once.
func (s *saga) bury(ctx context.Context, st step, e ledger.Entry) error {
	letter, err := s.deadLetter(st, e)
	if err != nil {
		return fmt.Errorf("writing the dead letter of %s: %w", st.key, err)
	}
	k := s.key(KindAlert, st.key.ID(), roundName(s.rounds))
	kept, err := s.once(ctx, step{key: k, unhurried: true, do: func(ctx context.Context) (string, error) {
		return letter.GetId(), s.c.Warehouse.Append(ctx, warehouse.DeadLetters, letter)
	}})
	if err != nil {
		return err
	}
	s.wait("dead letter", kept)
	return s.page(ctx, st, e)
}

// page tells the operators. One who cannot be told is no reason for another page.
func (s *saga) page(ctx context.Context, st step, e ledger.Entry) error {
	p := notify.Page{
		ID: aerv1.NewID("page", st.key.ID(), roundName(s.rounds)), OrgID: st.key.OrgID, ResponseID: st.key.ResponseID,
		Kind: st.key.Kind, Failure: e.Detail, At: e.DoneAt,
	}
	for _, to := range s.c.Operators {
		call := step{key: s.key(KindPage, aerv1.NewID("page", p.ID, to.UserID), to.Channel), until: s.deliverUntil(),
			address: to.Address}
		call.do = func(ctx context.Context) (string, error) {
			n, err := s.c.RenderPage(to, p)
			if err != nil {
				return "", err
			}
			return n.GetId(), s.notify(ctx, n)
		}
		told, err := s.once(ctx, call)
		if err != nil {
			return err
		}
		s.wait("page by "+to.Channel, told)
	}
	return nil
}

// wait keeps the response open for something that is not final yet.
func (s *saga) wait(what string, e ledger.Entry) {
	if !final(e) {
		s.pending = append(s.pending, what+": "+e.Detail)
	}
}

func (s *saga) deadLetter(st step, e ledger.Entry) (*aerv1.DeadLetter, error) {
	var errs []error
	line := func(m proto.Message) json.RawMessage {
		raw, err := aerv1.MarshalJSONLine(m)
		errs = append(errs, err)
		return raw
	}
	j := deadJSON{
		ResponseID: s.id, OrgID: s.org, Step: line(protoStep(st.key, e)), Decision: line(s.decision),
		Anomaly: line(s.anomaly),
	}
	if st.payload != nil {
		j.Payload = line(st.payload)
	}
	raw, err := json.Marshal(j)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return &aerv1.DeadLetter{
		Id:  aerv1.NewID("dead_letter", "response", st.key.ID(), roundName(s.rounds)),
		Raw: raw[:min(len(raw), rawMax)], Size: uint32(len(raw)), Truncated: len(raw) > rawMax, Reason: ReasonFailed,
		Detail: e.Detail, Source: "response " + st.key.Kind,
		Offset: st.key.ID(), ReceivedAt: aerv1.Time(e.DoneAt),
	}, nil
}
