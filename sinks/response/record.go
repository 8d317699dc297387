package response

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// record is what a response is about: all that is needed to begin or resume it.
type record struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
}

// plan is what follows once the sessions are ended, or could not be.
type plan struct {
	Audit         *aerv1.AuditEntry // nil if no session was ended
	Notifications []*aerv1.Notification
}

type recordJSON struct {
	Anomaly  json.RawMessage `json:"anomaly"`
	Decision json.RawMessage `json:"decision"`
}

type planJSON struct {
	Audit         json.RawMessage   `json:"audit,omitempty"`
	Notifications []json.RawMessage `json:"notifications"`
}

func (r *record) encode() (string, error) {
	var j recordJSON
	var err error
	if j.Anomaly, err = aerv1.MarshalJSONLine(r.Anomaly); err != nil {
		return "", err
	}
	if j.Decision, err = aerv1.MarshalJSONLine(r.Decision); err != nil {
		return "", err
	}
	return marshal(j)
}

func decodeRecord(s string) (*record, error) {
	var j recordJSON
	if err := json.Unmarshal([]byte(s), &j); err != nil {
		return nil, fmt.Errorf("reading the record of a response: %w", err)
	}
	r := &record{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{}}
	if err := aerv1.UnmarshalJSONLine(j.Anomaly, r.Anomaly); err != nil {
		return nil, err
	}
	return r, aerv1.UnmarshalJSONLine(j.Decision, r.Decision)
}

func (p *plan) encode() (string, error) {
	var j planJSON
	var err error
	if p.Audit != nil {
		if j.Audit, err = aerv1.MarshalJSONLine(p.Audit); err != nil {
			return "", err
		}
	}
	for _, n := range p.Notifications {
		line, err := aerv1.MarshalJSONLine(n)
		if err != nil {
			return "", err
		}
		j.Notifications = append(j.Notifications, line)
	}
	return marshal(j)
}

func decodePlan(s string) (*plan, error) {
	var j planJSON
	if err := json.Unmarshal([]byte(s), &j); err != nil {
		return nil, fmt.Errorf("reading the plan of a response: %w", err)
	}
	p := &plan{}
	if j.Audit != nil {
		p.Audit = &aerv1.AuditEntry{}
		if err := aerv1.UnmarshalJSONLine(j.Audit, p.Audit); err != nil {
			return nil, err
		}
	}
	for _, line := range j.Notifications {
		n := &aerv1.Notification{}
		if err := aerv1.UnmarshalJSONLine(line, n); err != nil {
			return nil, err
		}
		p.Notifications = append(p.Notifications, n)
	}
	return p, nil
}

func marshal(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func encodeProto(m proto.Message) (string, error) {
	b, err := aerv1.MarshalJSONLine(m)
	return string(b), err
}
