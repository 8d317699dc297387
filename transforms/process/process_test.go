// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

type file struct{ closed int }

func (f *file) Close() error { f.closed++; return nil }

func TestEverythingEndsWithTheRun(t *testing.T) {
	run := Run{ID: t.Name()}
	started := Start(run.ID, &Core{}, "output")
	p, err := run.Process(t.Context())
	if err != nil || p != started {
		t.Fatalf("found %p, %v, want %p", p, err, started)
	}
	kept, late := &file{}, &file{}
	p.Keep("kept", kept)
	if p.Take("other") != nil || p.Take("kept") != kept || p.Take("kept") != nil {
		t.Error("what is kept is not handed out once")
	}
	p.Keep("kept", kept)
	p.End()
	p.Keep("late", late)
	p.End() // twice does no harm
	if kept.closed != 1 || late.closed != 1 || p.Take("kept") != nil || p.Take("late") != nil {
		t.Errorf("closed %d and %d times, want once each and nothing kept", kept.closed, late.closed)
	}
	if p.Draining().Err() == nil {
		t.Error("a bundle that outlives its run goes on")
	}
	if len(all.byRun) != 0 {
		t.Errorf("%d runs are left", len(all.byRun))
	}
	if _, err := run.Process(t.Context()); err == nil {
		t.Error("a run that has ended is found")
	}
}

func TestWorkersElsewhereOpenOnceByConfiguration(t *testing.T) {
	opened := map[string]int{}
	broken, closed := errors.New("no store"), 0
	draining, drain := context.WithCancel(t.Context())
	SetOpener(func(ctx context.Context, run Run) (*Opened, error) {
		config := run.Config
		opened[string(config)]++
		if ctx.Err() != nil {
			t.Error("what is opened ends with the call that opens it")
		}
		if opened[string(config)] == 1 && string(config) == `"b"` {
			return nil, broken
		}
		return &Opened{Core: &Core{}, Output: string(config), Close: func() error { closed++; return nil },
			Draining: draining, Over: func(context.Context) error { return broken }}, nil
	})
	defer SetOpener(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last *Process
	if _, err := (Run{ID: "x", Config: json.RawMessage(`"b"`)}).Process(ctx); !errors.Is(err, broken) {
		t.Errorf("error is %v, want %v", err, broken)
	}
	for _, config := range []string{`"a"`, `"b"`, `"a"`} {
		p, err := (Run{ID: "x", Config: json.RawMessage(config)}).Process(ctx)
		if err != nil || p.Output != config {
			t.Errorf("opened %v, %v, want %s", p, err, config)
		}
		if err := p.Over(ctx); !errors.Is(err, broken) {
			t.Errorf("who started the run is not told: %v", err)
		}
		last = p
	}
	drain()
	<-last.Draining().Done()
	if opened[`"a"`] != 1 || opened[`"b"`] != 2 {
		t.Errorf("opened %v times, want each until it succeeded once", opened)
	}
	for range 2 {
		if err := CloseOpened(); err != nil || closed != 2 {
			t.Errorf("%d were closed, %v, want each of the two once", closed, err)
		}
	}
}
