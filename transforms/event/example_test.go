// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"fmt"

	"github.com/aer-project/aer/transforms/event"
)

// A message is one event, a list of them, or a Slack audit log entry. What is no event says why, and costs nobody else.
func ExampleDecode() {
	raw := []byte(`[
	  {"id":"e-1","time":"2026-11-22T10:00:00Z","org_id":"O1","user_id":"U1","action":"user_login"},
	  {"id":"e-2","time":"2026-11-22T10:00:05Z","org_id":"O1","action":"file_downloaded"}
	]`)
	events, dead := event.Decode(raw, event.Source{Name: "events.json"}, event.Options{})
	for _, ev := range events {
		fmt.Println(ev.Id, ev.UserId, ev.Action)
	}
	for _, d := range dead {
		fmt.Println(d.Source, d.Offset, d.Reason, "-", d.Detail)
	}
	// Output:
	// e-1 U1 user_login
	// events.json #1 missing_field - user_id is missing or empty: want the acting user's id
}
