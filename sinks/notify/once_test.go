// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
)

// TestOnce: a delivery that failed is done again, one that succeeded is not, and memory is bounded.
func TestOnce(t *testing.T) {
	var o notify.Once
	ctx, calls := context.Background(), 0
	do := func(id string, result error) error {
		return o.Do(ctx, &aerv1.Notification{Id: id, OrgId: "O1"}, func(context.Context) error { calls++; return result })
	}
	down := errors.New("down")
	for i, c := range []struct{ result, want error }{{down, down}, {nil, nil}, {down, nil}} {
		if err := do("N1", c.result); !errors.Is(err, c.want) {
			t.Errorf("call %d: %v, want %v", i, err, c.want)
		}
	}
	if calls != 2 {
		t.Errorf("%d deliveries, want 2", calls)
	}
	for i := range notify.OnceRemembers {
		if err := do(fmt.Sprint("other", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	calls = 0
	if err := do("N1", nil); err != nil || calls != 1 {
		t.Errorf("a delivery as old as that is remembered: %d, %v", calls, err)
	}
}

// TestOnceWaiting: who waits for the first of several gives up with its context, and is done with the first's success.
func TestOnceWaiting(t *testing.T) {
	var o notify.Once
	n := &aerv1.Notification{Id: "N1", OrgId: "O1"}
	begun, finish := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		first <- o.Do(context.Background(), n, func(context.Context) error { close(begun); <-finish; return nil })
	}()
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	never := func(context.Context) error { t.Error("delivered twice"); return nil }
	if err := o.Do(ctx, n, never); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	close(finish)
	if err := errors.Join(<-first, o.Do(context.Background(), n, never)); err != nil {
		t.Error(err)
	}
}
