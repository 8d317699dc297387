// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"errors"
	"testing"
)

// A server that is busy keeps those waiting who want it, and nobody else.
func TestSlots(t *testing.T) {
	var s slots
	var leave []func()
	for range serverMax {
		l, err := s.take(t.Context(), "email")
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.take(over, "email"); !errors.Is(err, context.Canceled) {
		t.Errorf("taking more than there is: %v", err)
	}
	if l, err := s.take(t.Context(), "dm"); err != nil {
		t.Error(err)
	} else {
		l()
	}
	came := make(chan error)
	go func() {
		_, err := s.take(t.Context(), "email")
		came <- err
	}()
	leave[0]()
	if err := <-came; err != nil {
		t.Error(err)
	}
}
