// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/process"
)

// meeting is a responder whose responses to the first decisions of users end only when those of all users have begun.
type meeting struct {
	saying
	everybody *sync.WaitGroup

	mu    sync.Mutex
	order map[string][]string // ids of decisions by user
}

func (m *meeting) Respond(_ context.Context, _ *aerv1.Anomaly, d *aerv1.Decision) error {
	m.mu.Lock()
	m.order[d.UserId] = append(m.order[d.UserId], d.Id)
	first := len(m.order[d.UserId]) == 1
	m.mu.Unlock()
	if first {
		m.everybody.Done()
		m.everybody.Wait()
		return nil
	}
	return response.ErrPending
}

// Responses go on side by side, those to one user in their order, and all are over when the call ends.
func TestResponsesGoOnSideBySide(t *testing.T) {
	const users = 20
	m := &meeting{everybody: &sync.WaitGroup{}, order: map[string][]string{}}
	m.everybody.Add(users)
	run := process.Run{ID: t.Name()}
	defer process.Start(run.ID, nil, &Output{Responder: m}).End()
	fn := newRespondFn(run)
	if err := fn.Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	var d transforms.Decisions
	for user := range users {
		for n := range 3 {
			d.List = append(d.List, transforms.Decided{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{
				Id: fmt.Sprint(n), OrgId: "O1", UserId: fmt.Sprint(user),
			}})
		}
	}
	got := map[string]int{}
	if err := fn.ProcessElement(t.Context(), nil, 0, d, func(what string) { got[what]++ }); err != nil {
		t.Fatal(err)
	}
	for user, ids := range m.order {
		if !slices.Equal(ids, []string{"0", "1", "2"}) {
			t.Errorf("user %s was responded to in the order %q", user, ids)
		}
	}
	if got[done] != users || got[pending] != 2*users {
		t.Errorf("what became of them: %v", got)
	}
}
