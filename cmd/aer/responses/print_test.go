// SPDX-License-Identifier: Apache-2.0

package responses

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
)

func summary(id string, open bool, states ...string) *response.Summary {
	s := &response.Summary{Open: open, Decision: &aerv1.Decision{Outcome: aerv1.Decision_RESPOND},
		Response: &aerv1.Response{
			Id: id, OrgId: "O1", UserId: "U\x1b[31m1",
		}}
	for _, state := range states {
		s.Response.Steps = append(s.Response.Steps, &aerv1.Step{Kind: "notify", Target: "kim@acme.example", Channel: "email",
			State: state, Detail: "mailbox\nfull"})
	}
	return s
}

func TestStatesOfResponses(t *testing.T) {
	all := []*response.Summary{summary("aa1", true, "done", "pending"), summary("aa2", false, "done", "failed"),
		summary("bb3", false, "done")}
	for i, want := range []string{Open, Failed, Done} {
		if got := State(all[i]); got != want {
			t.Errorf("%d is %s, want %s", i, got, want)
		}
		if only := Only(all, want); len(only) != 1 || only[0] != all[i] {
			t.Errorf("only %s: %v", want, only)
		}
	}
	if len(Only(all, "")) != 3 {
		t.Error("no state is every state")
	}
	for prefix, want := range map[string]string{"bb": "", "AA1": "", "aa": "2 responses", "c": "no response"} {
		if _, err := Find(all, prefix); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

func TestPrintIsSafeAndComplete(t *testing.T) {
	s := summary("aa2", false, "done", "failed")
	s.Retries = []*aerv1.ResponseRetry{{Author: "kim", Reason: "mail\x1b[2J works", At: aerv1.Time(time.Unix(0, 0))}}
	var text, line bytes.Buffer
	Print(term.New(&text), s)
	PrintList(term.New(&text), []*response.Summary{s})
	for _, want := range []string{"failed: RESPOND of U", "kim@acme.example", "1 done, 1 failed",
		"1970-01-01 00:00:00 UTC by kim: mail"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "\x1b[31m1") || strings.Contains(text.String(), "\x1b[2J") {
		t.Errorf("an id reaches the terminal raw: %q", text.String())
	}
	if err := WriteJSON(&line, s); err != nil || strings.Count(line.String(), "\n") != 1 {
		t.Fatalf("%q, %v", line.String(), err)
	}
	var got map[string]any
	if err := json.Unmarshal(line.Bytes(), &got); err != nil || got["state"] != Failed ||
		len(got["retries"].([]any)) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
