// SPDX-License-Identifier: Apache-2.0

package flink

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines/job"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// server is a job server that takes one job and lets it go on until it ends as it is told, or is cancelled.
type server struct {
	jobpb.UnimplementedJobServiceServer
	jobpb.UnimplementedArtifactStagingServiceServer

	addr      string
	prepared  *jobpb.PrepareJobRequest
	running   chan struct{}
	end       chan jobpb.JobState_Enum
	once      sync.Once
	mu        sync.Mutex
	state     jobpb.JobState_Enum
	cancelled int
}

func newServer(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String(), running: make(chan struct{}), end: make(chan jobpb.JobState_Enum, 1)}
	g := grpc.NewServer()
	jobpb.RegisterJobServiceServer(g, s)
	jobpb.RegisterArtifactStagingServiceServer(g, s)
	go func() { _ = g.Serve(l) }() // ends with Stop
	t.Cleanup(g.Stop)
	return s
}

func (s *server) Prepare(_ context.Context, r *jobpb.PrepareJobRequest) (*jobpb.PrepareJobResponse, error) {
	s.prepared = r
	return &jobpb.PrepareJobResponse{PreparationId: "prepared", StagingSessionToken: "token",
		ArtifactStagingEndpoint: &pipepb.ApiServiceDescriptor{Url: s.addr}}, nil
}

func (s *server) ReverseArtifactRetrievalService(
	stream jobpb.ArtifactStagingService_ReverseArtifactRetrievalServiceServer) error {
	_, err := stream.Recv() // the token; nothing is asked for
	return err
}

func (s *server) Run(context.Context, *jobpb.RunJobRequest) (*jobpb.RunJobResponse, error) {
	return &jobpb.RunJobResponse{JobId: "job"}, nil
}

func (s *server) GetMessageStream(_ *jobpb.JobMessagesRequest, stream jobpb.JobService_GetMessageStreamServer) error {
	s.once.Do(func() { close(s.running) })
	select {
	case st := <-s.end:
		s.mu.Lock()
		s.state = st
		s.mu.Unlock()
		return stream.Send(&jobpb.JobMessagesResponse{Response: &jobpb.JobMessagesResponse_StateResponse{
			StateResponse: &jobpb.JobStateEvent{State: st}}})
	case <-stream.Context().Done():
		return stream.Context().Err()
	}
}

func (s *server) GetState(context.Context, *jobpb.GetJobStateRequest) (*jobpb.JobStateEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &jobpb.JobStateEvent{State: s.state}, nil
}

func (s *server) Cancel(context.Context, *jobpb.CancelJobRequest) (*jobpb.CancelJobResponse, error) {
	s.mu.Lock()
	s.cancelled++
	s.mu.Unlock()
	s.end <- jobpb.JobState_CANCELLED
	return &jobpb.CancelJobResponse{}, nil
}

func (s *server) GetJobMetrics(context.Context, *jobpb.GetJobMetricsRequest) (*jobpb.GetJobMetricsResponse, error) {
	return &jobpb.GetJobMetricsResponse{}, nil
}

func pipeline() *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	beam.Impulse(s)
	return p
}

func (s *server) run(t *testing.T, opt Options) error {
	t.Helper()
	opt.Endpoint, opt.JobName, opt.Master = s.addr, "the job", cmp.Or(opt.Master, LocalMaster)
	_, err := Run(t.Context(), pipeline(), opt)
	return err
}

// What Flink must be told is told, and the workers are as described.
func TestWhatIsSubmitted(t *testing.T) {
	s := newServer(t)
	s.end <- jobpb.JobState_DONE
	o := Options{Parallelism: 3, Checkpoint: 4 * time.Second, Workers: Workers{Command: "/opt/aer", Env: map[string]string{"A": "b"}}}
	if err := s.run(t, o); err != nil {
		t.Fatal(err)
	}
	got := s.prepared.PipelineOptions.AsMap()
	for name, want := range map[string]any{
		"streaming": true, "checkpointing_interval": 4000.0, "finish_bundle_before_checkpointing": true, "parallelism": 3.0,
		"max_bundle_size": float64(bundleElements), "max_bundle_time_mills": float64(bundleMS), "app_name": "the job",
	} {
		if v := got["beam:option:"+name+":v1"]; v != want {
			t.Errorf("option %s is %v, want %v", name, v, want)
		}
	}
	if s.prepared.JobName != "the job" {
		t.Errorf("the job's name is %q", s.prepared.JobName)
	}
	for _, env := range s.prepared.Pipeline.GetComponents().GetEnvironments() {
		var p pipepb.ProcessPayload
		if err := proto.Unmarshal(env.GetPayload(), &p); err != nil || p.Command != "/opt/aer" || p.Env["A"] != "b" {
			t.Errorf("workers are %v, %v", &p, err)
		}
	}
}

// A job that ends in any other way than well is an error.
func TestHowAJobEnds(t *testing.T) {
	for end, want := range map[jobpb.JobState_Enum]string{
		jobpb.JobState_DONE: "", jobpb.JobState_CANCELLED: "ended as CANCELLED", jobpb.JobState_FAILED: "job job failed",
	} {
		s := newServer(t)
		s.end <- end
		err := s.run(t, Options{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", end, err, want)
		}
	}
}

// Where no job server is, the error names the address and not only what the connection said.
func TestNoJobServer(t *testing.T) {
	s := &server{addr: "127.0.0.1:1"}
	err := s.run(t, Options{})
	if err == nil || !strings.Contains(err.Error(), "no job server of Beam's answers at 127.0.0.1:1") {
		t.Errorf("error is %v", err)
	}
}

// The first signal drains: when all is done the job, which would go on for ever, is cancelled, and that is a good end.
// The second cancels, and that is none.
func TestSignals(t *testing.T) {
	for name, finishes := range map[string]bool{"drained": true, "not in time": false} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				t.Fatal(err)
			}
			draining := make(chan struct{})
			go func() {
				<-s.running
				_ = self.Signal(syscall.SIGUSR1)
				<-draining
				if !finishes {
					_ = self.Signal(syscall.SIGUSR1)
				}
			}()
			err = s.run(t, Options{Checkpoint: time.Second, Signals: []os.Signal{syscall.SIGUSR1},
				Drain: func() { close(draining) },
				Over: func(ctx context.Context) error {
					if finishes {
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}})
			if finishes && err != nil || !finishes && !errors.Is(err, job.ErrCancelled) {
				t.Errorf("error is %v", err)
			}
			if s.cancelled != 1 {
				t.Errorf("the job was cancelled %d times, want once", s.cancelled)
			}
		})
	}
}

// Workers of this process are gone with the job, and each kind is described to the runner as it understands it.
func TestEnvironments(t *testing.T) {
	for want, w := range map[string]Workers{
		"beam:env:process:v1": {Command: "aer"}, "beam:env:docker:v1": {Image: "aer:1"}, "beam:env:external:v1": {},
	} {
		env, release, err := w.environment(t.Context())
		if err != nil || env.Urn != want {
			t.Errorf("%+v: %v, %v, want %s", w, env, err, want)
			continue
		}
		release()
	}
}
