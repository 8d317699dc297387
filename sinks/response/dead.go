package response

import (
	"context"
	"encoding/json"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/warehouse"
)

// ReasonFailed is the reason of the dead letters of responses (DeadLetter.reason); their source is "response" and the kind
// of the step, their offset the step's idempotency key.
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

// bury gives the dead letter of a step that failed for good to the warehouse, to which it is owed as rows are, and pages once.
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
	s.tell("dead letter", kept)
	return s.page(ctx, st, e)
}

// page tells the operators. One who cannot be told is no reason for another page.
func (s *saga) page(ctx context.Context, st step, e ledger.Entry) error {
	p := notify.Page{ID: aerv1.NewID("page", st.key.ID(), roundName(s.rounds)), OrgID: string(s.org), ResponseID: string(s.id), Kind: st.key.Kind, Failure: e.Detail, At: e.DoneAt}
	for _, to := range s.c.Operators {
		k := s.key(KindPage, aerv1.NewID("page", p.ID, to.UserID), to.Channel)
		told, err := s.once(ctx, step{key: k, until: s.deliverUntil(), address: to.Address, do: func(ctx context.Context) (string, error) {
			n, err := s.c.RenderPage(to, p)
			if err != nil {
				return "", err
			}
			return n.GetId(), s.notify(ctx, n)
		}})
		if err != nil {
			return err
		}
		s.tell("page by "+to.Channel, told)
	}
	return nil
}

// tell keeps the response open while somebody has not been told of a step that failed for good.
func (s *saga) tell(what string, told ledger.Entry) {
	if !final(told) {
		s.pending, s.untold = true, append(s.untold, what+": "+told.Detail)
	}
}

func (s *saga) deadLetter(st step, e ledger.Entry) (*aerv1.DeadLetter, error) {
	j := deadJSON{ResponseID: s.id, OrgID: s.org}
	var err error
	if j.Step, err = aerv1.MarshalJSONLine(protoStep(st.key, e)); err != nil {
		return nil, err
	}
	if st.payload != nil {
		if j.Payload, err = aerv1.MarshalJSONLine(st.payload); err != nil {
			return nil, err
		}
	}
	if j.Decision, err = aerv1.MarshalJSONLine(s.decision); err != nil {
		return nil, err
	}
	if j.Anomaly, err = aerv1.MarshalJSONLine(s.anomaly); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	return &aerv1.DeadLetter{
		Id: aerv1.NewID("dead_letter", "response", st.key.ID(), roundName(s.rounds)), Raw: raw[:min(len(raw), rawMax)], Size: uint32(len(raw)),
		Truncated: len(raw) > rawMax, Reason: ReasonFailed, Detail: e.Detail, Source: "response " + st.key.Kind,
		Offset: st.key.ID(), ReceivedAt: aerv1.Time(e.DoneAt),
	}, nil
}
