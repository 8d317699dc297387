package explain

import (
	"encoding/json"
	"fmt"
	"io"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// WriteJSON writes the story as one JSON object whose members are the messages of section 4 of the design.
func (s *Story) WriteJSON(w io.Writer) error {
	story := struct {
		Anomaly       json.RawMessage   `json:"anomaly"`
		Decision      json.RawMessage   `json:"decision,omitempty"`
		Response      json.RawMessage   `json:"response,omitempty"`
		Audit         json.RawMessage   `json:"audit,omitempty"`
		Notifications []json.RawMessage `json:"notifications,omitempty"`
		Feedback      []json.RawMessage `json:"feedback,omitempty"`
		Others        []json.RawMessage `json:"same_person_within_a_day,omitempty"`
	}{}
	var err error
	raw := func(m message) json.RawMessage {
		line, e := aerv1.MarshalJSONLine(m)
		if e != nil {
			err = e
		}
		return line
	}
	story.Anomaly = raw(s.Anomaly)
	if s.Decision != nil {
		story.Decision = raw(s.Decision)
	}
	if s.Response != nil {
		story.Response = raw(s.Response)
	}
	if s.Audit != nil {
		story.Audit = raw(s.Audit)
	}
	for _, n := range s.Notifications {
		story.Notifications = append(story.Notifications, raw(n))
	}
	for _, f := range s.Feedback {
		story.Feedback = append(story.Feedback, raw(f))
	}
	for _, o := range s.Others {
		story.Others = append(story.Others, raw(o.Anomaly))
	}
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(story); err != nil {
		return fmt.Errorf("writing the story: %w", err)
	}
	return nil
}
