// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/sessions"
)

// Message is the body of a request.
type Message = sessions.Command

// Answer is the body of an answer.
type Answer struct {
	// Absent means true.
	OK *bool `json:"ok,omitempty"`
	// How many sessions were ended under the key.
	Ended *int `json:"ended,omitempty"`
	// An earlier request with the key did it.
	Already bool `json:"already,omitempty"`
	// A word for programs, and a sentence for people.
	Error   string `json:"error,omitempty"`
	Message string `json:"message,omitempty"`
}

// result reads an answer. Only 200 with a count and 202 are successes, and not even they if the body says otherwise:
// whatever else answers 200 (a login page, a proxy) has ended no session.
func result(a post.Answer) (sessions.Result, error) {
	var body Answer
	err := json.Unmarshal(a.Body, &body)
	said := body.Error != "" || body.OK != nil && !*body.OK
	switch {
	case said:
		return sessions.Result{}, fmt.Errorf("status %d: error %s %s", a.Status, post.Quote(body.Error),
			post.Quote(body.Message))
	case a.Status != 200 && a.Status != 202:
		return sessions.Result{}, fmt.Errorf("status %d, want 200 or 202", a.Status)
	case a.Status == 202 && len(a.Body) == 0:
		return sessions.Result{CountUnknown: true}, nil
	case err != nil:
		return sessions.Result{}, fmt.Errorf("status %d, but the body is no JSON object of the contract", a.Status)
	case a.Status == 202:
		return sessions.Result{CountUnknown: true}, nil
	case body.Ended == nil || *body.Ended < 0:
		return sessions.Result{}, errors.New(`status 200, but the body has no count "ended"`)
	}
	return sessions.Result{Ended: *body.Ended, Already: body.Already}, nil
}
