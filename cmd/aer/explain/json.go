// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type message = proto.Message

// object is a message as section 4 of the design writes it.
type object struct{ message }

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) { return aerv1.MarshalJSONLine(o.message) }

// objectOf is nil for no message.
func objectOf[M any, P interface {
	*M
	message
}](m P) *object {
	if m == nil {
		return nil
	}
	return &object{m}
}

func objects[M message](all []M) (out []object) {
	for _, m := range all {
		out = append(out, object{m})
	}
	return out
}

// WriteJSON writes the story as one JSON object.
func (s *Story) WriteJSON(w io.Writer) error {
	var others []*aerv1.Anomaly
	for _, o := range s.Others {
		others = append(others, o.Anomaly)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	err := e.Encode(struct {
		Anomaly       *object  `json:"anomaly"`
		Decision      *object  `json:"decision,omitempty"`
		Response      *object  `json:"response,omitempty"`
		Audit         *object  `json:"audit,omitempty"`
		Notifications []object `json:"notifications,omitempty"`
		Feedback      []object `json:"feedback,omitempty"`
		Others        []object `json:"same_person_within_a_day,omitempty"`
	}{
		objectOf(s.Anomaly), objectOf(s.Decision), objectOf(s.Response), objectOf(s.Audit),
		objects(s.Notifications), objects(s.Feedback), objects(others),
	})
	if err != nil {
		return fmt.Errorf("writing the story: %w", err)
	}
	return nil
}
