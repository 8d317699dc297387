// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	api "google.golang.org/api/dataflow/v1b3"
)

// ErrEnded says that a job ended otherwise than by a drain, an update or the end of its source.
var ErrEnded = errors.New("the job has ended")

// Options say how a job is waited for.
type Options struct {
	// Flags are Beam's, which say all else.
	Flags Flags
	// Signals drain the job the first time and cancel it the second time; none = never.
	Signals []os.Signal
	// Poll is how often the job is asked for; 0 means PollEvery.
	Poll time.Duration
	// Out is where a dry run prints the job.
	Out io.Writer
	// Log is told in words what happens.
	Log func(format string, args ...any)
}

// PollEvery is how often a job is asked for: it takes minutes to start and to drain, and quotas are per minute.
const PollEvery = 15 * time.Second

// Run submits a job and waits until it has ended, unless the flags say --async. With --dry_run the job is printed, with
// --template_location it is only staged there, as the launcher of a flex template asks for.
func Run(ctx context.Context, p *beam.Pipeline, o Options) error {
	opt, err := jobOptions(o.Flags)
	if err != nil {
		return err
	}
	model, err := Marshal(ctx, p, opt.ContainerImage)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("aer-%d", time.Now().UnixNano())
	at := func(what string) string {
		return strings.Join([]string{strings.TrimSuffix(o.Flags.Value("staging_location"), "/"), id, what}, "/")
	}
	if o.Flags.Value(flagDryRun) == "true" {
		translated, err := dataflowlib.Translate(ctx, model, opt, at("worker"), at("model"), "")
		if err != nil {
			return fmt.Errorf("translating the job: %w", err)
		}
		enc := json.NewEncoder(o.Out)
		enc.SetIndent("", "  ")
		return enc.Encode(translated)
	}
	endpoint := o.Flags.Value("dataflow_endpoint")
	res, err := dataflowlib.Execute(ctx, model, opt, at("worker"), at("model"), endpoint, true)
	if err != nil {
		return fmt.Errorf("submitting to Dataflow: %w", err)
	}
	if opt.TemplateLocation != "" {
		o.Log("the job is staged as %s", opt.TemplateLocation)
		return nil
	}
	client, err := dataflowlib.NewClient(ctx, endpoint)
	if err != nil {
		return fmt.Errorf("watching the job: %w", err)
	}
	j := job{Options: o, client: client.Projects.Locations.Jobs, id: res.JobID(), project: opt.Project, region: opt.Region}
	o.Log("job %s is submitted; to drain it: gcloud dataflow jobs drain %s --project %s --region %s", j.id, j.id,
		j.project, j.region)
	if o.Flags.Value("async") == "true" {
		return nil
	}
	return j.wait(ctx)
}

// job is one on the service.
type job struct {
	Options
	client              *api.ProjectsLocationsJobsService
	id, project, region string
	state               string // the last that was told
}

// wait asks for the job until it has ended, and passes signals on to it.
func (j *job) wait(ctx context.Context) error {
	signals := make(chan os.Signal, 2)
	if len(j.Signals) > 0 {
		signal.Notify(signals, j.Signals...)
		defer signal.Stop(signals)
	}
	if j.Poll <= 0 {
		j.Poll = PollEvery
	}
	tick := time.NewTicker(j.Poll)
	defer tick.Stop()
	asked := 0
	for {
		if over, err := j.over(ctx); over {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for job %s, which goes on: %w", j.id, context.Cause(ctx))
		case <-tick.C:
		case <-signals:
			if j.request(ctx, []string{"JOB_STATE_DRAINED", "JOB_STATE_CANCELLED"}[min(asked, 1)]) {
				asked++
			}
		}
	}
}

// over says whether the job has ended, and whether as it should. A question without an answer is asked again.
func (j *job) over(ctx context.Context) (bool, error) {
	got, err := j.client.Get(j.project, j.region, j.id).Context(ctx).Do()
	if err != nil {
		j.Log("warning: asking for job %s: %v", j.id, err)
		return false, nil
	}
	if got.CurrentState != j.state {
		j.state = got.CurrentState
		j.Log("job %s: %s", j.id, got.CurrentState)
	}
	switch got.CurrentState {
	case "JOB_STATE_DONE", "JOB_STATE_DRAINED", "JOB_STATE_UPDATED":
		return true, nil
	case "JOB_STATE_CANCELLED", "JOB_STATE_FAILED":
		return true, fmt.Errorf("running on Dataflow: %w: job %s is in state %s", ErrEnded, j.id, got.CurrentState)
	}
	return false, nil
}

// request asks for a state, and says whether it was heard: otherwise the next signal asks again.
func (j *job) request(ctx context.Context, state string) bool {
	j.Log("asking for %s; a further interrupt cancels", state)
	_, err := j.client.Update(j.project, j.region, j.id, &api.Job{RequestedState: state}).Context(ctx).Do()
	if err != nil {
		j.Log("warning: asking job %s for %s: %v", j.id, state, err)
	}
	return err == nil
}
