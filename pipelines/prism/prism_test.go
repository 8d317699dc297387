package pipelines

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
)

// waiting is a pipeline that waits for messages which never come.
func waiting(t *testing.T, runID string) *beam.Pipeline {
	t.Helper()
	t.Cleanup(transforms.Workers.Provide(runID, newWorker(t, "")))
	t.Cleanup(sinks.Outputs.Provide(runID, &sinks.Output{Warehouse: warehouse.Discard{}}))
	p, s := beam.NewPipelineWithRoot()
	Detect(s, Config{Run: transforms.Run{ID: runID, Mode: aerv1.ModeObserve}, Join: true, Source: transforms.Source{
		Kind: transforms.SourcePubSub, PubSub: transforms.PubSub{Subscription: busSub, Endpoint: newBus(t).Addr},
	}})
	return p
}

// Neither cancelling nor a deadline takes the process down with it.
func TestCancel(t *testing.T) {
	for name, limit := range map[string]func() (context.Context, context.CancelFunc){
		"cancelled": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		},
		"out of time": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 300*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := limit()
			defer cancel()
			_, err := RunPrism(ctx, waiting(t, t.Name()), Prism{RunID: t.Name(), JobName: "cancel"})
			if !errors.Is(err, ErrCancelled) || !errors.Is(err, ctx.Err()) {
				t.Errorf("error is %v, want %v and %v", err, ErrCancelled, ctx.Err())
			}
		})
	}
}

// The first signal drains. The second does not wait.
func TestSignals(t *testing.T) {
	kill := func() {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR2); err != nil {
			t.Error(err)
		}
	}
	t.Run("drain", func(t *testing.T) {
		p := waiting(t, t.Name())
		drained := make(chan struct{})
		opt := Prism{RunID: t.Name(), JobName: "drain", Signals: []os.Signal{syscall.SIGUSR2}, Draining: func() { close(drained) }}
		started := make(chan struct{})
		opt.Started = func() { close(started) }
		go func() { <-started; kill() }()
		if _, err := RunPrism(context.Background(), p, opt); err != nil {
			t.Fatal(err)
		}
		<-drained
	})
	t.Run("cancel", func(t *testing.T) {
		p := waiting(t, t.Name())
		opt := Prism{RunID: t.Name(), JobName: "cancel", Signals: []os.Signal{syscall.SIGUSR2}}
		opt.Started = func() { kill() }
		opt.Draining = kill
		_, err := RunPrism(context.Background(), p, opt)
		// Draining an idle pipeline may be quicker than the second signal.
		if err != nil && !errors.Is(err, ErrCancelled) {
			t.Errorf("error is %v", err)
		}
	})
}

// Garbage in files is accounted for; what cannot be written fails the run instead of getting lost.
func TestGarbageAndAWarehouseThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "garbage.ndjson")
	text := "{\"id\":\n\xff\xfe\n" + `{"id":"e","time":"2026-11-22T10:00:00Z","org_id":"O1","user_id":"U1","action":"user_login","new_field":{"a":[1]}}` + "\n{\"a\":1,\"a\":2}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Run: transforms.Run{ID: t.Name(), Mode: aerv1.ModeReplay}, Join: true, Activity: true,
		Source: transforms.Source{Kind: transforms.SourceFiles, Files: transforms.Files{Paths: []string{path}}}}
	got := runDetect(t, newWorker(t, ""), cfg)
	if n := len(got.DeadLetters()); n != 3 {
		t.Errorf("%d dead letters, want 3", n)
	}
	broken := errors.New("disk is full")
	cfg.Run.ID += "-failing"
	defer transforms.Workers.Provide(cfg.Run.ID, newWorker(t, ""))()
	defer sinks.Outputs.Provide(cfg.Run.ID, &sinks.Output{Warehouse: warehouse.Failing{Err: broken}})()
	p, s := beam.NewPipelineWithRoot()
	Detect(s, cfg)
	if _, err := RunPrism(context.Background(), p, Prism{RunID: cfg.Run.ID, JobName: "failing"}); err == nil {
		t.Error("the run succeeds although nothing was written")
	}
}
