// SPDX-License-Identifier: Apache-2.0

// Package responses shows what the ledger knows of responses: which are done, still open, or have failed in part.
package responses

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
)

// States of a response, as a whole.
const (
	Open   = "open"
	Failed = "failed"
	Done   = "done"
)

// States lists them in the order of help.
var States = []string{Open, Failed, Done}

// State is the state of a response: open while a step may still succeed, failed if one will not.
func State(s *response.Summary) string {
	switch {
	case s.Open:
		return Open
	case len(response.Failed(s.Response)) > 0:
		return Failed
	}
	return Done
}

// Only keeps the responses in a state; "" keeps all.
func Only(all []*response.Summary, state string) []*response.Summary {
	if state == "" {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(s *response.Summary) bool { return State(s) != state })
}

// Find returns the one response whose id begins with prefix.
func Find(all []*response.Summary, prefix string) (*response.Summary, error) {
	var found []*response.Summary
	for _, s := range all {
		if strings.HasPrefix(s.Response.GetId(), strings.ToLower(prefix)) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no response of this organisation has an id that begins with %q", prefix)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%d responses have ids that begin with %q: give more of the id", len(found), prefix)
}

// PrintList writes one line for each response.
func PrintList(p *term.Printer, all []*response.Summary) {
	t := term.NewTable("response", "decided", "org", "user", "outcome", "state", "steps")
	for _, s := range all {
		state := State(s)
		t.Row(term.ID(s.Response.GetId()), s.Decision.GetTime().AsTime().Format("2006-01-02 15:04:05"),
			term.Cut(s.Response.GetOrgId(), 24),
			term.Cut(s.Response.GetUserId()+appMark(s.Response), 32), s.Decision.GetOutcome(), state, counts(s.Response))
		if state == Failed {
			t.StyleCell(5, term.Red)
		}
	}
	t.Print(p)
}

// appMark names the app that acted under the person's name, if it was one.
func appMark(r *aerv1.Response) string {
	if r.GetActorKind() != aerv1.ActorApp {
		return ""
	}
	return " (app " + r.GetAppId() + ")"
}

// counts sums up the states of the steps: "4 done, 1 failed".
func counts(r *aerv1.Response) string {
	var parts []string
	for _, state := range []string{response.StepDone, response.StepPending, response.StepFailed} {
		n := 0
		for _, s := range r.GetSteps() {
			if s.GetState() == state {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// Print writes one response with its steps and who had it tried again.
func Print(p *term.Printer, s *response.Summary) {
	r := s.Response
	fmt.Fprintln(p,
		p.Style(fmt.Sprintf("%s: %s of %s in %s", State(s), s.Decision.GetOutcome(), term.Clean(r.GetUserId()+appMark(r)),
			term.Clean(r.GetOrgId())), term.Bold))
	fmt.Fprintf(p, "  response  %s\n  anomaly   %s\n  ended     %s\n", term.Clean(r.GetId()), term.Clean(r.GetAnomalyId()),
		Ended(r, s.Audit))
	if at := r.GetDoneAt(); at != nil {
		fmt.Fprintf(p, "  done at   %s\n", at.AsTime().Format("2006-01-02 15:04:05 UTC"))
	}
	t := term.NewTable("  step", "to", "by", "state", ">attempts", "detail")
	for _, step := range r.GetSteps() {
		t.Row("  "+step.GetKind(), term.Cut(step.GetTarget(), 28), step.GetChannel(), step.GetState(), step.GetAttempts(),
			term.Cut(step.GetDetail(), 60))
		if step.GetState() == response.StepFailed {
			t.StyleCell(3, term.Red)
		}
	}
	t.Print(p)
	for _, again := range s.Retries {
		fmt.Fprintf(p, "  tried again  %s by %s: %s\n", again.GetAt().AsTime().Format("2006-01-02 15:04:05 UTC"),
			term.Clean(again.Author), term.Clean(again.Reason))
	}
}

// WriteJSON writes one response as a line of JSON.
func WriteJSON(w io.Writer, s *response.Summary) error {
	line := struct {
		State    string            `json:"state"`
		Response json.RawMessage   `json:"response"`
		Decision json.RawMessage   `json:"decision"`
		Retries  []json.RawMessage `json:"retries,omitempty"`
	}{State: State(s)}
	var errs []error
	render := func(m proto.Message) json.RawMessage {
		raw, err := aerv1.MarshalJSONLine(m)
		errs = append(errs, err)
		return raw
	}
	line.Response, line.Decision = render(s.Response), render(s.Decision)
	for _, again := range s.Retries {
		line.Retries = append(line.Retries, render(again))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(line); err != nil {
		return fmt.Errorf("writing a response: %w", err)
	}
	return nil
}
