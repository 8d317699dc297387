// SPDX-License-Identifier: Apache-2.0

// Package trial has AER run on a cluster and holds what comes of it to what the local driver makes of the same events.
package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/aer-project/aer/cmd/flink/cluster"
)

// Trial is what trials share.
type Trial struct {
	Cluster *cluster.Cluster
	// AER is the program, Dir where everything is written.
	AER, Dir string
}

// Result is what came of one.
type Result struct {
	Events int
	// Took is the time of the events, CPU the processor time of the cluster and its workers for them.
	Took, CPU time.Duration
	// Decisions are those made, Missing those of the local driver that were not, Extra those that it does not make, Other
	// those with another outcome; Again were written more than once.
	Decisions, Missing, Extra, Other, Again int
	// Wanted are the decisions to end sessions, Done how often the platform was asked to.
	Wanted, Done int
	Latency      time.Duration
	Fault        string
}

// Holds says what does not hold.
func (r Result) Holds() error {
	if r.Missing+r.Extra+r.Other > 0 || r.Wanted != r.Done {
		return fmt.Errorf("%d decisions are missing, %d are extra, %d are others; %d were to end sessions, and %d did",
			r.Missing, r.Extra, r.Other, r.Wanted, r.Done)
	}
	return nil
}

// aer runs a command of AER to its end, with its results on out, and says what processor time it took.
func (t Trial) aer(ctx context.Context, out io.Writer, args ...string) (took time.Duration, err error) {
	cmd := exec.CommandContext(ctx, t.AER, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("aer %s: %w\n%s", strings.Join(args, " "), err, said.Bytes())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// run is an aer run that goes on.
type run struct {
	cmd  *exec.Cmd
	said bytes.Buffer
	done chan struct{}
	err  error
}

// start starts aer run on the cluster, with workers in processes of their own.
func (t Trial) start(env []string, config string, parallelism int) (*run, error) {
	workers := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		workers[name] = value
	}
	raw, err := json.Marshal(map[string]any{"command": t.AER, "env": workers})
	if err != nil {
		return nil, err
	}
	r := &run{done: make(chan struct{}), cmd: exec.Command(t.AER, "run", "--config", config, "--runner", "flink",
		"--endpoint", t.Cluster.JobServer, "--flink-master", t.Cluster.Master, "--parallelism", fmt.Sprint(parallelism), "--checkpoint-every", "2s",
		"--environment_type", "PROCESS", "--environment_config", string(raw), "--job_name", "trial")}
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = append(os.Environ(), env...), &r.said, &r.said
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is ours to pass on
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting aer run: %w", err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.done)
	}()
	return r, nil
}

func (r *run) interrupt() { _ = r.cmd.Process.Signal(syscall.SIGINT) }

func (r *run) kill() {
	_ = r.cmd.Process.Kill()
	<-r.done
}

// ended is how the run ended.
func (r *run) ended() error {
	if r.err != nil {
		return fmt.Errorf("aer run: %w\n%s", r.err, r.said.Bytes())
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// folder is a name as that of a folder.
func folder(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
}
