// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/aer-project/aer/cmd/flink/load"
)

// Named is a trial with its name.
type Named struct {
	Name string
	Run  func(ctx context.Context, t Trial, name string) (Result, error)
}

// faultRate is the events a second of trials in which something is killed.
const faultRate = 500

// All makes what all trials need, and lists them.
func (t Trial) All(ctx context.Context, sparse int, lasts time.Duration) ([]Named, error) {
	sim := filepath.Join(t.Dir, "sim")
	if _, err := t.aer(ctx, nil, "simulate", "--out", sim); err != nil {
		return nil, err
	}
	demo := []string{
		"--events", filepath.Join(sim, "events.ndjson.gz"), "--tor", filepath.Join(sim, "tor.tsv"),
		"--settings", filepath.Join(sim, "settings.yaml"), "--directory", filepath.Join(sim, "directory.yaml"),
	}
	lines, err := load.Sparse(sparse)
	if err != nil {
		return nil, err
	}
	day, tor := filepath.Join(t.Dir, "sparse.ndjson"), filepath.Join(t.Dir, "tor.tsv")
	if err := os.WriteFile(day, lines, 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(tor, []byte(load.Tor), 0o644); err != nil {
		return nil, err
	}
	one := filepath.Join(t.Dir, "one.ndjson")
	first, _, _ := bytes.Cut(lines, []byte("\n"))
	if err := os.WriteFile(one, first, 0o644); err != nil {
		return nil, err
	}
	by := func(events string) []string { return []string{"--events", events, "--tor", tor, "--baseline", "none"} }
	idle := &Result{}
	start := func(ctx context.Context, t Trial, name string) (res Result, err error) {
		res, err = Files{by(one), 2, &Result{}}.Run(ctx, t, name)
		*idle = res
		return res, err
	}
	live := func(rate int) Live { return Live{Rate: rate, Lasts: lasts, Parallelism: 2} }
	fault := func(breaks func(context.Context) (string, error)) Live {
		return Live{Rate: faultRate, Lasts: lasts, Parallelism: 2, Fault: breaks}
	}
	return []Named{
		{"file, the demo's 26 days, parallelism 1", Files{demo, 1, nil}.Run},
		{"file, the demo's 26 days, parallelism 2", Files{demo, 2, nil}.Run},
		{"file of one event, which is not counted in the next", start},
		{"file, a sparse day, parallelism 1", Files{by(day), 1, idle}.Run},
		{"file, a sparse day, parallelism 2", Files{by(day), 2, idle}.Run},
		{"live, 300/s, enforcing", live(300).Run},
		{"live, 1,000/s, enforcing", live(1000).Run},
		{"live, 3,000/s, enforcing", live(3000).Run},
		{"live, kill -9 of a worker", fault(t.KillWorker).Run},
		{"live, kill -9 of a TaskManager", fault(t.KillTaskManager).Run},
		{"live, kill -9 of the JobManager", fault(t.KillJobManager).Run},
	}, nil
}
