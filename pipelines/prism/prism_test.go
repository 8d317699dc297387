// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// waiting is a pipeline that waits for messages which never come.
func waiting(t *testing.T) (*beam.Pipeline, *process.Process) {
	t.Helper()
	proc := process.Start(t.Name(), newCore(t, ""), &sinks.Output{Warehouse: warehouse.Tee{}})
	t.Cleanup(proc.End)
	p := pipelines.Detect(pipelines.Config{Run: process.Run{ID: t.Name(), Mode: aerv1.ModeObserve}, Join: true,
		Source: source.Config{
			Kind: source.KindPubSub, PubSub: source.PubSub{Subscription: busSub, Endpoint: newBus(t).Addr},
		}})
	return p, proc
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
			p, proc := waiting(t)
			_, err := Run(ctx, p, Options{Process: proc, JobName: "cancel"})
			if !errors.Is(err, job.ErrCancelled) || !errors.Is(err, ctx.Err()) {
				t.Errorf("error is %v, want %v and %v", err, job.ErrCancelled, ctx.Err())
			}
		})
	}
}

// cancelling cancels a run when the first rows are written.
type cancelling struct {
	warehouse.Tee
	cancel context.CancelFunc
}

func (c cancelling) Append(context.Context, warehouse.Table, ...proto.Message) error {
	c.cancel()
	return nil
}

// When a run has ended, or was cancelled while it read, nothing of it is left: not in the registry, and no goroutine.
func TestNothingIsLeftOfARun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "garbage.ndjson")
	if err := os.WriteFile(path, bytes.Repeat([]byte("garbage\n"), 20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"ended": nil, "cancelled": job.ErrCancelled} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var w warehouse.Writer = warehouse.Tee{}
			if want != nil {
				w = cancelling{cancel: cancel}
			}
			run := process.Run{ID: t.Name(), Mode: aerv1.ModeReplay}
			proc := process.Start(run.ID, newCore(t, ""), &sinks.Output{Warehouse: w})
			p := pipelines.Detect(pipelines.Config{Run: run, Join: true, Source: source.Config{
				Kind: source.KindFiles, Files: source.Files{Paths: []string{path}, Claim: 100},
			}})
			if _, err := Run(ctx, p, Options{Process: proc, JobName: "ending"}); !errors.Is(err, want) {
				t.Errorf("error is %v, want %v", err, want)
			}
			proc.End()
			if _, err := run.Process(t.Context()); err == nil {
				t.Error("the run is still found")
			}
			// What Prism cancels may still be at work.
			for deadline := time.After(20 * time.Second); working() != ""; {
				select {
				case <-deadline:
					t.Fatalf("still at work:\n%s", working())
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
	}
}

// working is the stack of a goroutine that runs stages or reads files; empty if there is none.
func working() string {
	buf := make([]byte, 4<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		for _, of := range []string{"aer/transforms", "aer/sinks", "iter.Pull"} {
			if strings.Contains(stack, of) {
				return stack
			}
		}
	}
	return ""
}

// The first signal drains. The second does not wait.
func TestSignals(t *testing.T) {
	kill := func() {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR2); err != nil {
			t.Error(err)
		}
	}
	t.Run("drain", func(t *testing.T) {
		p, proc := waiting(t)
		drained := make(chan struct{})
		opt := Options{Process: proc, JobName: "drain", Signals: []os.Signal{syscall.SIGUSR2},
			Draining: func() { close(drained) }}
		started := make(chan struct{})
		opt.Started = func() { close(started) }
		go func() { <-started; kill() }()
		if _, err := Run(context.Background(), p, opt); err != nil {
			t.Fatal(err)
		}
		<-drained
	})
	t.Run("cancel", func(t *testing.T) {
		p, proc := waiting(t)
		opt := Options{Process: proc, JobName: "cancel", Signals: []os.Signal{syscall.SIGUSR2}}
		opt.Started = func() { kill() }
		opt.Draining = kill
		_, err := Run(context.Background(), p, opt)
		// Draining an idle pipeline may be quicker than the second signal.
		if err != nil && !errors.Is(err, job.ErrCancelled) {
			t.Errorf("error is %v", err)
		}
	})
}

// Garbage in files is accounted for; what cannot be written fails the run instead of getting lost.
func TestGarbageAndAWarehouseThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "garbage.ndjson")
	text := "{\"id\":\n\xff\xfe\n" +
		`{"id":"e","time":"2026-11-22T10:00:00Z","org_id":"O1","user_id":"U1","action":"user_login","new_field":{"a":[1]}}` +
		"\n{\"a\":1,\"a\":2}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := pipelines.Config{Run: process.Run{ID: t.Name(), Mode: aerv1.ModeReplay}, Join: true, Activity: true,
		Source: source.Config{Kind: source.KindFiles, Files: source.Files{Paths: []string{path}}}}
	got := runDetect(t, newCore(t, ""), cfg)
	if n := len(got.DeadLetters()); n != 3 {
		t.Errorf("%d dead letters, want 3", n)
	}
	broken := errors.New("disk is full")
	cfg.Run.ID += "-failing"
	proc := process.Start(cfg.Run.ID, newCore(t, ""), &sinks.Output{Warehouse: warehouse.Failing{Err: broken}})
	defer proc.End()
	p := pipelines.Detect(cfg)
	if _, err := Run(context.Background(), p, Options{Process: proc, JobName: "failing"}); err == nil {
		t.Error("the run succeeds although nothing was written")
	}
}
