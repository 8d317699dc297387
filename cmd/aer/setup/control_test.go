// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"testing"

	"github.com/aer-project/aer/cmd/aer/config"
)

// Whoever started a run and its workers hear each other through the store, and nothing of it stays there.
func TestARunIsDrainedThroughTheStore(t *testing.T) {
	c := config.Default()
	c.Out = t.TempDir()
	starter, store, err := OpenControl(c, "run-1")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	other, _, err := OpenControl(c, "run-2")
	if err != nil {
		t.Fatal(err)
	}
	p := &Parts{store: store}
	worker := Control{store, "run-1"}
	draining := worker.draining(t.Context(), p)
	if err := other.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if draining.Err() != nil {
		t.Error("another run's drain is taken for its own")
	}
	if err := starter.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-draining.Done()
	if err := worker.over(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := starter.WaitOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := starter.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{toldDrain, toldOver} {
		if said, err := starter.said(t.Context(), what); said || err != nil {
			t.Errorf("%s is still said (%v)", what, err)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := starter.WaitOver(ended); err == nil {
		t.Error("waiting for what is not said ends well")
	}
}
